/** The person has to type something else: exit status 2, one line what, one line what next. */
export class UsageError extends Error {
  readonly next: string | undefined;

  constructor(message: string, next?: string) {
    super(message);
    this.name = "UsageError";
    this.next = next;
  }
}

/** The person stopped a question with Ctrl-C or Escape. */
export class Cancelled extends Error {
  constructor() {
    super("Cancelled");
    this.name = "Cancelled";
  }
}
