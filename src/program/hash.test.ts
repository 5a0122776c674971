import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { contentHash } from "./hash.ts";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

test("the SHA-256 of JSON with sorted keys, no spaces and no undefined members", () => {
  const value = { b: [1, "é", null, true], a: { d: 0.1, c: undefined }, A: {} };
  expect(contentHash(value)).toBe(sha256('{"A":{},"a":{"d":0.1},"b":[1,"é",null,true]}'));
});

test("numbers that JSON confuses are told apart", () => {
  const hashes = [0, -0, NaN, Infinity, -Infinity, null].map(contentHash);
  expect(new Set(hashes).size).toBe(hashes.length);
});
