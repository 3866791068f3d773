/** After the password: the second factor is shown once for this login, where the person has one. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, type ReactNode } from "react";
import { call } from "../../api/client.ts";
import { FactorForm } from "../../app/factor-form.tsx";
import { Button } from "../../parts/button.tsx";
import { Loading } from "../../parts/state.tsx";
import { Card } from "./card.tsx";

export function SecondStep({ onDone }: { readonly onDone: () => void }): ReactNode {
  // The same question as the form's: asked once.
  const offer = useQuery({
    queryKey: ["step-up.start"],
    queryFn: ({ signal }) => call("step-up.start", {}, signal),
    gcTime: 0,
    staleTime: 10_000,
    retry: false,
  });
  const none = offer.isError || offer.data?.kinds.length === 0;
  useEffect(() => {
    if (none) onDone();
  }, [none, onDone]);
  if (none || !offer.data) return <Loading what="Looking for a second factor" />;
  return (
    <Card title="Show your second factor">
      <p>Once for this login. What takes a fresh one asks again.</p>
      <FactorForm onShown={onDone} />
      <Button look="quiet" wide onClick={onDone}>
        Later
      </Button>
    </Card>
  );
}
