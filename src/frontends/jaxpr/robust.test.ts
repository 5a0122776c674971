/** Whatever the text, parsing gives a Program or an InputError that names a line: prefixes, damaged bytes and slices of real jaxprs. */

import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.ts";
import { resultType } from "../../program/builder.ts";
import { operandType, type Program } from "../../program/program.ts";
import { parseJaxpr } from "./index.ts";

const folder = new URL("../../tasks/data/", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".jaxpr"));
const texts = new Map(names.map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
const corpora = new URL("data/", import.meta.url);
for (const file of readdirSync(corpora))
  for (const { name, jaxpr } of JSON.parse(readFileSync(new URL(file, corpora), "utf8")))
    texts.set(`${file} ${name}`, jaxpr);

/** Every operand is defined before it is used, every type is what the shape rule gives. */
function expectValid(program: Program): void {
  const { inputs, equations, outputs } = program;
  equations.forEach((equation, index) => {
    for (const operand of equation.operands)
      if (operand.kind === "variable") expect(operand.variable).toBeLessThan(inputs.length + index);
    const types = equation.operands.map((operand) => operandType(program, operand));
    expect(resultType(equation, types)).toEqual(equation.type);
  });
  for (const { operand } of outputs) operandType(program, operand);
}

function check(text: string): void {
  let program: Program;
  try {
    program = parseJaxpr(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.place?.line, error.message).toBeGreaterThan(0);
    expect(error.message).not.toContain("\n");
    return;
  }
  expectValid(program);
}

const anyText = fc.constantFrom(...texts.values());
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const settings = { numRuns: 120, seed: 3 };
const offset = (text: string, at: number) => Math.floor(at * text.length);

describe("a Program or an InputError with a line", () => {
  it("for every prefix of a task", () => {
    const text = texts.get("BlackScholes.jaxpr") ?? "";
    for (let length = 0; length < text.trimEnd().length; length++) {
      const prefix = text.slice(0, length);
      expect(() => parseJaxpr(prefix)).toThrow(InputError);
      check(prefix);
    }
  });

  it("for prefixes of all texts", () => {
    fc.assert(
      fc.property(anyText, place, (text, at) => check(text.slice(0, offset(text, at)))),
      settings,
    );
  });

  it("for damaged bytes", () => {
    const character = fc.oneof(
      fc.constantFrom(..."{}[]()<>=:;.,*~@#'\"\\-_ \n\t019.eainf"),
      fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    );
    fc.assert(
      fc.property(
        anyText,
        fc.array(fc.tuple(place, character), { minLength: 1, maxLength: 4 }),
        (text, damages) => {
          let damaged = text;
          for (const [at, byte] of damages)
            damaged = damaged.slice(0, offset(damaged, at)) + byte + damaged.slice(offset(damaged, at) + 1);
          check(damaged);
        },
      ),
      { ...settings, numRuns: 600 },
    );
  });

  it("for deleted, repeated and moved slices", () => {
    fc.assert(
      fc.property(anyText, place, fc.nat(300), place, (text, at, length, target) => {
        const [start, to] = [offset(text, at), offset(text, target)];
        const slice = text.slice(start, start + length);
        const without = text.slice(0, start) + text.slice(start + length);
        check(without);
        check(text.slice(0, start) + slice + text.slice(start));
        check(without.slice(0, to) + slice + without.slice(to));
      }),
      settings,
    );
  });

  it("for words put in the place of others", () => {
    fc.assert(
      fc.property(anyText, place, place, (text, from, to) => {
        const words = text.split(/(\W+)/);
        const [source, target] = [Math.floor(from * words.length), Math.floor(to * words.length)];
        check(words.with(target, words[source] ?? "").join(""));
      }),
      settings,
    );
  });

  it("for names of JavaScript's own", () => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      check(`{ lambda ; ${name}:f32[]. let b:f32[] = sin ${name} in (b,) }`);
      check(`{ lambda ; a:${name}[]. let b:f32[] = ${name}[${name}=${name}(1)] a in (b,) }`);
      check(`{ lambda ; a:f32[]. let b:f32[] = jit[jaxpr=${name}] a in (b,) }`);
    }
  });
});
