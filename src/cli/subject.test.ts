import { describe, expect, test } from "vitest";
import { jacobian } from "../jacobian/jacobian.ts";
import { simplify } from "../program/simplify.ts";
import { findTask, programOf } from "../tasks/index.ts";
import { loadSubject } from "./subject.ts";

describe("--derivative", () => {
  const price = programOf(findTask("BlackScholes")!);

  test("1 is the function itself", async () => {
    expect((await loadSubject("BlackScholes", { derivative: 1 }, "as written")).program).toEqual(price);
  });

  test("2 is the function's Jacobian, 3 the Jacobian of that, in the form that is asked for", async () => {
    const second = await loadSubject("BlackScholes", { derivative: 2 }, "as written");
    expect(second.program).toEqual(jacobian(price));
    expect(second.name).toBe("BlackScholes_jacobian");
    const third = await loadSubject("BlackScholes", { derivative: 3 }, "simplified");
    expect(third.program).toEqual(simplify(jacobian(jacobian(price))));
    expect(third.asWritten).toEqual(jacobian(jacobian(price)));
  });
});
