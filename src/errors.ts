/**
 * The errors that people see.
 *
 * Everything that can be wrong with what comes from outside (source text, jaxpr, JSON, flags, orders) is thrown as an
 * `InputError`: one message that says where, what was expected and what to do. Anything else that is thrown is a defect of ours.
 */

/** A place in a source text; lines and columns count from 1. */
export interface Place {
  /** File name, task name or other name of the text, if it has one. */
  readonly source?: string;
  readonly line?: number;
  readonly column?: number;
}

/** What was given cannot be used. The message is one line for people: what is wrong, what was expected, what to do. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly place: Place | undefined;

  /** @param message what is wrong and how to mend it; the place, if given, is put before it as `source:line:column: `. */
  constructor(message: string, place?: Place) {
    super(place === undefined ? message : `${placeText(place)}${message}`);
    this.place = place;
  }
}

function placeText({ source, line, column }: Place): string {
  const parts = [source, line === undefined ? undefined : source === undefined ? `line ${line}` : `${line}`];
  if (line !== undefined && column !== undefined)
    parts.push(source === undefined ? `column ${column}` : `${column}`);
  const known = parts.filter((part) => part !== undefined);
  return known.length === 0 ? "" : `${known.join(source === undefined ? ", " : ":")}: `;
}
