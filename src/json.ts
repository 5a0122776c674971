/** What all our JSON forms share: numbers that JSON lacks, and errors that name the path. */

import { z } from "zod";
import { InputError } from "./errors.ts";
import { DTYPES } from "./program/type.ts";

const SPECIAL_NUMBERS = ["NaN", "Infinity", "-Infinity", "-0"] as const;

/** A number in JSON: the values that JSON cannot hold (or not exactly: -0) are strings. */
export type JsonNumber = number | (typeof SPECIAL_NUMBERS)[number];

/** A number as its JSON form. */
export function numberToJson(value: number): JsonNumber {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return Object.is(value, -0) ? "-0" : (String(value) as JsonNumber);
}

/** Schema of any number. */
export const jsonNumber = z
  .union([z.number(), z.enum(SPECIAL_NUMBERS)], `expected a number or one of ${SPECIAL_NUMBERS.join(", ")}`)
  .transform(Number);

/** Schema of an index, an extent or a count. */
export const jsonNatural = z.int().nonnegative();

/** Schema of a dtype. */
export const jsonDType = z.enum(DTYPES);

/**
 * Checks a parsed JSON value against a schema.
 *
 * @param what how the thing is called, for the message
 * @throws InputError that names the source and the path of the first fault, as in `$.equations[3].type: ...`
 */
export function readJson<Schema extends z.ZodType>(
  schema: Schema,
  json: unknown,
  what: string,
  source?: string,
): z.output<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw jsonError(`not a ${what}: ${issue?.message ?? "unexpected value"}`, issue?.path ?? [], source);
}

/** The error for a place in a JSON value. */
export function jsonError(message: string, path: readonly PropertyKey[], source?: string): InputError {
  const steps = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`));
  return new InputError(`$${steps.join("")}: ${message}`, source === undefined ? undefined : { source });
}
