import { expect, test } from "vitest";
import { searches } from "../search/methods.ts";
import { MOVES } from "../search/moves/step.ts";
import { METHODS, MOVE_NAMES } from "./methods.ts";

test("the command line offers the searches that there are", () => {
  expect([...METHODS]).toEqual([...Object.keys(searches), "policy"]);
  expect(MOVE_NAMES).toEqual(MOVES);
});
