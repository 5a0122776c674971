import { expect, test } from "vitest";
import { searches } from "../search/methods.ts";
import { METHODS } from "./methods.ts";

test("the command line offers the searches that there are", () => {
  expect([...METHODS]).toEqual(Object.keys(searches));
});
