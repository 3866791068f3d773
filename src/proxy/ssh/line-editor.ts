/**
 * Lines typed at a terminal in raw mode: echo, backspace, ctrl-u, ctrl-c, ctrl-d. Without a terminal: plain lines.
 * Untrusted: who types does not have to read. What is shown is awaited, and no more is taken from the input meanwhile.
 */
export interface LineEditorOptions {
  readonly terminal: boolean;
  readonly prompt: string;
  /** Resolves when there is room for more; rejects when nothing can be shown any more, which ends the lines. */
  readonly write: (text: string) => Promise<unknown>;
}

const END = Symbol("end of input");
const MAX_LINE = 4096;
const [CTRL_C, CTRL_D, BACKSPACE, LF, CR, CTRL_U, DELETE] = [3, 4, 8, 10, 13, 21, 127];

export class LineEditor {
  readonly #options: LineEditorOptions;
  #line: string[] = [];
  /** Not written yet. */
  #shown = "";
  /** Inside an escape sequence (arrow keys and the like), which is passed over. */
  #escape = false;

  constructor(options: LineEditorOptions) {
    this.#options = options;
  }

  /** Ends with the input, or at ctrl-d on an empty line. */
  async *lines(input: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
    const decoder = new TextDecoder("utf-8");
    await this.#prompt();
    for await (const bytes of input) {
      for (const character of decoder.decode(bytes, { stream: true })) {
        const done = this.#type(character);
        if (done === undefined) continue;
        await this.#show();
        if (done === END) return;
        yield done;
        await this.#prompt();
      }
      await this.#show();
    }
    if (this.#line.length > 0) yield this.#line.join("").trim();
  }

  #type(character: string): string | typeof END | undefined {
    const code = character.codePointAt(0) ?? 0;
    if (this.#escape) {
      this.#escape = character === "[" || character === "O" || !/[A-Za-z~]/.test(character);
      return undefined;
    }
    switch (code) {
      case LF:
      case CR: {
        const line = this.#line.join("").trim();
        this.#line = [];
        this.#echo("\r\n");
        return line;
      }
      case CTRL_C:
        this.#line = [];
        this.#echo("^C\r\n");
        return "";
      case CTRL_D:
        if (this.#line.length > 0) return undefined;
        this.#echo("\r\n");
        return END;
      case BACKSPACE:
      case DELETE:
        if (this.#line.pop() !== undefined) this.#echo("\b \b");
        return undefined;
      case CTRL_U:
        this.#echo("\b \b".repeat(this.#line.length));
        this.#line = [];
        return undefined;
      case 27:
        this.#escape = true;
        return undefined;
    }
    if (code < 32 || this.#line.length >= MAX_LINE) return undefined;
    this.#line.push(character);
    this.#echo(character);
    return undefined;
  }

  #prompt(): Promise<void> {
    this.#echo(this.#options.prompt);
    return this.#show();
  }

  #echo(text: string): void {
    if (this.#options.terminal) this.#shown += text;
  }

  async #show(): Promise<void> {
    const text = this.#shown;
    this.#shown = "";
    if (text !== "") await this.#options.write(text);
  }
}
