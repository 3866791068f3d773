/** What is wrong in one page stays in that page: the way to the others, and out, is still there. */
import { Component, type ReactNode } from "react";
import { problemOf } from "../api/problem.ts";
import { ProblemNote } from "../parts/state.tsx";

interface WholeProps {
  /** Another page begins anew. */
  readonly path: string;
  readonly children: ReactNode;
}

interface Broken {
  readonly path: string;
  readonly thrown: unknown;
}

/** The one class: React offers this in no other form. */
export class Whole extends Component<WholeProps, { readonly broken?: Broken | undefined }> {
  override state: { readonly broken?: Broken | undefined } = {};

  static getDerivedStateFromError(thrown: unknown): { readonly broken: Broken } {
    return { broken: { path: location.pathname, thrown } };
  }

  override render(): ReactNode {
    const { broken } = this.state;
    const { path, children } = this.props;
    if (!broken || broken.path !== path) return children;
    return <ProblemNote problem={problemOf(broken.thrown)} onRetry={() => this.setState({ broken: undefined })} />;
  }
}
