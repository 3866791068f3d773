/** Not an error of anybody's: the statement would show, or let somebody find out, what is masked. */
export class Refused extends Error {
  readonly next: string;
  /** A name that the catalogue does not have: it may be newer than the catalogue. */
  readonly unknown: boolean;

  /** `next`: what would be allowed instead. */
  constructor(detail: string, next: string, unknown = false) {
    super(detail);
    this.name = "Refused";
    this.next = next;
    this.unknown = unknown;
  }
}
