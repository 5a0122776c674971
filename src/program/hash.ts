/** Content hashes: equal for equal content, whatever the order of keys. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { numberToJson } from "../json.ts";

/**
 * SHA-256, in hex, of a value's canonical JSON: no spaces, keys sorted by code unit, undefined members left out; NaN, infinities and -0 are told
 * apart from other numbers.
 */
export function contentHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}

function canonicalJson(value: unknown): string {
  // Graphs have millions of numbers and keys: the common cases first, without detours.
  if (typeof value === "number")
    return Number.isFinite(value) && value !== 0 ? `${value}` : JSON.stringify(numberToJson(value));
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  let members = "";
  if (Array.isArray(value)) {
    for (const member of value) members += `${members === "" ? "" : ","}${canonicalJson(member)}`;
    return `[${members}]`;
  }
  const object = value as { readonly [key: string]: unknown };
  for (const key of Object.keys(object).sort()) {
    const member = object[key];
    if (member !== undefined)
      members += `${members === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}
