/** One line of a terminal that is written over again and again; where there is no terminal, a line now and then. */

import type { WriteStream } from "node:tty";

/** Milliseconds between lines where nothing can be overwritten. */
const QUIET = 5000;

export class LiveLine {
  readonly #stream: WriteStream;
  #shown = false;
  #last = Date.now();

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /** Shows this text in place of the last one. */
  show(text: string): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${text.slice(0, (this.#stream.columns ?? 80) - 1)}`);
      this.#shown = true;
    } else if (Date.now() - this.#last >= QUIET) {
      this.#stream.write(`${text}\n`);
      this.#last = Date.now();
    }
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) this.#stream.write("\r\x1b[2K");
    this.#shown = false;
  }
}
