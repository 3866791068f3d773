/** Who is it, and which page: everything else is below. Without a login there is the login page, whatever the address. */
import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useState, type ReactNode } from "react";
import { Redirect, Route, Switch, useLocation, useSearch } from "wouter";
import { problemOf } from "../api/problem.ts";
import { useCall } from "../api/queries.ts";
import { Loading, ProblemNote } from "../parts/state.tsx";
import { Enter } from "../pages/enter/enter.tsx";
import { Login } from "../pages/login/login.tsx";
import { NewPassword } from "../pages/login/new-password.tsx";
import { SecondStep } from "../pages/login/second-step.tsx";
import { pathWithin } from "./path-within.ts";
import { PLACES } from "./places.tsx";
import { Missing } from "./missing.tsx";
import { Shell } from "./shell.tsx";
import { StatusContext, useSession } from "./status.ts";

/** Of the first visit ever, and no other. */
const Owner = lazy(() => import("../pages/setup/owner.tsx").then(({ Owner: page }) => ({ default: page })));
/** Apart: it brings what speaks to authenticators, which the first page does not need. */
const StepUpPage = lazy(() => import("../pages/step-up/step-up.tsx").then(({ StepUpPage: page }) => ({ default: page })));

export function App(): ReactNode {
  const [path] = useLocation();
  const search = useSearch();
  const status = useSession();
  const { data, error } = status;
  const client = useQueryClient();
  const setup = useCall("setup.state", {}, { enabled: data === "nobody" });
  // A login by password is one already: what the page shows of it waits for the second factor, or for "later".
  const [secondStep, setSecondStep] = useState(false);
  // Told apart from somebody who comes: what they were at waits for them.
  const [wasIn, setWasIn] = useState(false);
  if (typeof data === "object" && !wasIn) setWasIn(true);
  const enter = useCallback(() => {
    setSecondStep(false);
    client.clear();
  }, [client]);
  if (path === "/enter") return <Enter />;
  const waiting = /^\/step-up\/([0-9a-z]+)$/.exec(path)?.[1];
  if (waiting !== undefined) {
    return (
      <Suspense fallback={<Loading what="Looking who waits" />}>
        <StepUpPage page={waiting} />
      </Suspense>
    );
  }
  if (secondStep) return <SecondStep onDone={enter} />;
  if (data === "nobody") {
    if (setup.isPending) return <Loading what="Opening the console" />;
    if (setup.data?.pending === true) {
      return (
        <Suspense fallback={<Loading what="Opening the console" />}>
          <Owner onLogin={enter} />
        </Suspense>
      );
    }
    return path === "/login/new-password" ? (
      <NewPassword />
    ) : (
      <Login lapsed={wasIn} onLogin={enter} onPassword={() => setSecondStep(true)} />
    );
  }
  if (data === undefined) {
    return error ? (
      <ProblemNote problem={problemOf(error)} onRetry={() => void status.refetch()} />
    ) : (
      <Loading what="Opening the console" />
    );
  }
  return (
    <StatusContext value={data}>
      <Shell>
        <Suspense fallback={<Loading lines={5} />}>
          <Switch>
            {PLACES.map(({ path, page: Page }) => (
              <Route key={path} path={path}>
                <Page />
              </Route>
            ))}
            <Route path="/login">
              <Redirect to={pathWithin(new URLSearchParams(search).get("returnTo"))} replace />
            </Route>
            <Route>
              <Missing />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </StatusContext>
  );
}
