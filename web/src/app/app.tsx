/** Who is it, and which page: everything else is below. Without a login there is the login page, whatever the address. */
import { lazy, Suspense, type ReactNode } from "react";
import { Route, Switch, useLocation } from "wouter";
import { problemOf } from "../api/problem.ts";
import { Loading, ProblemNote } from "../parts/state.tsx";
import { Enter } from "../pages/enter/enter.tsx";
import { Login } from "../pages/login/login.tsx";
import { PLACES } from "./places.tsx";
import { Missing } from "./missing.tsx";
import { Shell } from "./shell.tsx";
import { StatusContext, useSession } from "./status.ts";

/** Apart: it brings what speaks to authenticators, which the first page does not need. */
const StepUpPage = lazy(() => import("../pages/step-up/step-up.tsx").then(({ StepUpPage: page }) => ({ default: page })));

export function App(): ReactNode {
  const [path] = useLocation();
  const status = useSession();
  const { data, error } = status;
  if (path === "/enter") return <Enter />;
  const waiting = /^\/step-up\/([0-9a-z]+)$/.exec(path)?.[1];
  if (waiting !== undefined) {
    return (
      <Suspense fallback={<Loading what="Looking who waits" />}>
        <StepUpPage page={waiting} />
      </Suspense>
    );
  }
  if (data === "nobody") return <Login />;
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
            <Route>
              <Missing />
            </Route>
          </Switch>
        </Suspense>
      </Shell>
    </StatusContext>
  );
}
