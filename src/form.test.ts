import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FORM_STEPS, formOf, inForm, isCheaperScalarised } from "./form.ts";
import { parseJaxpr } from "./frontends/jaxpr/index.ts";
import { PROGRAM_FORMS } from "./search/certificate.ts";

const task = (name: string) =>
  parseJaxpr(readFileSync(new URL(`tasks/data/${name}.jaxpr`, import.meta.url), "utf8"), { name });

test("every form is what its steps lead to, and once in it a program stays as it is", () => {
  const program = task("RoeFlux_3d");
  for (const form of PROGRAM_FORMS) {
    expect(formOf(FORM_STEPS[form])).toBe(form);
    const once = inForm(program, form);
    expect(inForm(once, form)).toEqual(once);
    const isScalar = once.equations.every(({ type }) => type.shape.length === 0);
    expect(isScalar).toBe(FORM_STEPS[form].scalarised);
  }
});

test("scalars are tried where they could pay", () => {
  expect(isCheaperScalarised(task("RoeFlux_3d"), "operations")).toBe(true);
  expect(isCheaperScalarised(task("RoeFlux_3d"), "multiplications")).toBe(false);
  expect(isCheaperScalarised(task("Perceptron"), "operations")).toBe(false);
  // Nothing to unroll, and too much of it.
  expect(isCheaperScalarised(task("RoeFlux_1d"), "operations")).toBe(false);
  expect(isCheaperScalarised(task("Encoder"), "operations")).toBe(false);
});
