/** The person has to type something else: exit status 2, one line what, one line what next. */
export class UsageError extends Error {
  readonly next: string | undefined;

  constructor(message: string, next?: string) {
    super(message);
    this.name = "UsageError";
    this.next = next;
  }
}

/** There is nothing to choose from: not a mistake in what was typed, and nothing that a name or an id would mend. */
export class NothingThere extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NothingThere";
  }
}

/** The person stopped a question with Ctrl-C or Escape. */
export class Cancelled extends Error {
  constructor() {
    super("Cancelled");
    this.name = "Cancelled";
  }
}
