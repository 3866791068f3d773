/** What is wrong in one page stays in that page: the way to the others, and out, is still there. */
import { Component, type ReactNode } from "react";
import { problemOf } from "../api/problem.ts";
import { ProblemNote } from "../parts/state.tsx";

interface WholeProps {
  /** Another page begins anew. */
  readonly path: string;
  readonly children: ReactNode;
}

interface WholeState {
  readonly broken?: { readonly thrown: unknown } | undefined;
}

/** The one class: React offers this in no other form. */
export class Whole extends Component<WholeProps, WholeState> {
  override state: WholeState = {};

  static getDerivedStateFromError(thrown: unknown): WholeState {
    return { broken: { thrown } };
  }

  override componentDidUpdate({ path }: WholeProps): void {
    if (this.state.broken && path !== this.props.path) this.setState({ broken: undefined });
  }

  override render(): ReactNode {
    const { broken } = this.state;
    if (!broken) return this.props.children;
    return <ProblemNote problem={problemOf(broken.thrown)} onRetry={() => this.setState({ broken: undefined })} />;
  }
}
