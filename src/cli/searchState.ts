/** The file with the state of a search: written every few seconds while it goes on, read to resume it, and never overwritten by another search unless it is done with. */

import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../errors.ts";
import { isFinished, parseSearchState, type SearchState } from "../search/state.ts";
import { readJson, writeText } from "./files.ts";

/** Its name in the directory of the results. */
export const STATE_FILE = "search-state.json";
const KEPT_FILE = "search-state.old.json";

/** Milliseconds between two writes. */
const INTERVAL = 5000;

/** The state of the search in a directory. Throws an InputError if there is none, or it cannot be used. */
export async function readSearchState(directory: string): Promise<SearchState> {
  const path = join(directory, STATE_FILE);
  if (!(await exists(path)))
    throw new InputError(
      `nothing to resume: there is no ${path}; a search writes one every ${INTERVAL / 1000} seconds and when it is interrupted`,
    );
  try {
    return parseSearchState(await readJson(path), path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      `${error.message}; the file is damaged and was left as it is: begin anew without --resume`,
    );
  }
}

/**
 * Makes room for the state of a new search. The state of one that is not finished, or that cannot be read, is kept under another name.
 *
 * @returns what to tell the user, if anything
 */
export async function setAsideSearchState(directory: string): Promise<string | null> {
  const path = join(directory, STATE_FILE);
  if (!(await exists(path))) return null;
  if (await isDone(path)) {
    await rm(path);
    return null;
  }
  const kept = join(directory, KEPT_FILE);
  await rename(path, kept);
  return `An unfinished search was here: its state is now ${kept} (--resume would have gone on with it).`;
}

async function isDone(path: string): Promise<boolean> {
  try {
    return isFinished(parseSearchState(await readJson(path)));
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Writes the state of a running search now and then. */
export class SearchStateWriter {
  readonly #path: string;
  readonly #capture: () => SearchState;
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();
  #error: unknown = null;
  #hasWritten = false;

  constructor(directory: string, capture: () => SearchState) {
    this.#path = join(directory, STATE_FILE);
    this.#capture = capture;
    this.#timer = setInterval(() => this.#write(), INTERVAL).unref();
  }

  /**
   * Writes the last state, unless the search was finished before there was one to write; returns the path if there is a file.
   *
   * @throws InputError if it could not be written
   */
  async end(): Promise<string | null> {
    clearInterval(this.#timer);
    if (this.#hasWritten || !isFinished(this.#capture())) this.#write();
    await this.#writing;
    if (this.#error !== null) throw this.#error;
    return this.#hasWritten ? this.#path : null;
  }

  /** One write after the other; a failure is told at the end, since the search itself goes on. */
  #write(): void {
    this.#hasWritten = true;
    this.#writing = this.#writing
      .then(() => writeText(this.#path, `${JSON.stringify(this.#capture())}\n`))
      .then(
        () => {
          this.#error = null;
        },
        (error: unknown) => {
          this.#error = error;
        },
      );
  }
}
