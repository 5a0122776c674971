/** One line of a terminal that is written over again and again; where there is no terminal, a line now and then. */

import type { WriteStream } from "node:tty";
import { stripVTControlCharacters } from "node:util";

/** Milliseconds between lines where nothing can be overwritten: twice as long after each, up to the longest. */
const QUIET = 5000;
const LONGEST_QUIET = 60_000;

export class LiveLine {
  readonly #stream: WriteStream;
  #shown = false;
  #last = Date.now();
  #quiet = QUIET;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /** Shows this text in place of the last one. */
  show(text: string): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${fitted(text, (this.#stream.columns ?? 80) - 1)}`);
      this.#shown = true;
    } else if (Date.now() - this.#last >= this.#quiet) {
      this.#stream.write(`${stripVTControlCharacters(text)}\n`);
      this.#last = Date.now();
      this.#quiet = Math.min(LONGEST_QUIET, 2 * this.#quiet);
    }
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) this.#stream.write("\r\x1b[2K");
    this.#shown = false;
  }
}

/** The text cut to a width; a line that wraps could not be written over. Colours do not survive the cut. */
function fitted(text: string, width: number): string {
  const plain = stripVTControlCharacters(text);
  return plain.length <= width ? text : plain.slice(0, width);
}
