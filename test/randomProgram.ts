/**
 * Random scalar Programs for property-based tests: every elementwise and structural primitive, scalars mixed with one-element arrays, shared
 * and dead equations, literals as operands, an operand used twice, outputs that are used inside, repeated, inputs or literals.
 *
 * A program is made from plain numbers (which primitive, which operands), so that fast-check shrinks it to a small one.
 */

import fc from "fast-check";
import { evaluateEquation, literal, ProgramBuilder } from "../src/program/builder.ts";
import { scalar } from "../src/program/interpreter.ts";
import type { Equation, Operand, Output, Program } from "../src/program/program.ts";
import { isFloating, type Tensor } from "../src/program/type.ts";
import { derivatives, type ElementwiseName, isElementwise, scalarPartials } from "./dualNumbers.ts";

export interface RandomProgramOptions {
  /** At most so many inputs; 5 by default. */
  readonly maxInputs?: number;
  /** At most so many equations; 25 by default. */
  readonly maxEquations?: number;
  /** Only rank-0 values; false by default, which mixes in shapes [1] and [1,1]. */
  readonly scalarsOnly?: boolean;
}

/** A program and a point around which it is smooth: its Jacobians there may be compared to about 1e-9, absolute and relative. */
export interface SmoothProgram {
  readonly program: Program;
  /** One number per input. */
  readonly point: readonly number[];
}

/** Random programs without regard to where they are defined: for round trips, simplification, counts. */
export function randomPrograms(options: RandomProgramOptions = {}): fc.Arbitrary<Program> {
  return recipes(options).map((recipe) => follow(recipe, false).program);
}

/** Random programs with a point at which every equation is smooth, well conditioned and of moderate size. */
export function smoothPrograms(options: RandomProgramOptions = {}): fc.Arbitrary<SmoothProgram> {
  return recipes(options).map((recipe) => follow(recipe, true));
}

const SHAPES = [[], [1], [1, 1]] as const;
const EXPONENTS = [2, 3, -1, -2, 4, 1, 0, 7] as const;
const LITERALS = [2, 0.5, -1.5, 1, -1, 0, 3] as const;
const UNUSUAL_LITERALS = [-0, NaN, Infinity, -Infinity, 1e-300, 1.7976931348623157e308] as const;
const NAMES = [
  "x",
  "y",
  "t1",
  "x",
  "été",
  "$_",
  "",
  "two words",
  "NaN",
  '"',
  "%1",
  "a#2",
  "line\nbreak",
  "__proto__",
  "outputs",
];

const CONDITIONS: readonly string[] = ["and", "or", "not"];
const ELEMENTWISE = Object.keys(derivatives) as ElementwiseName[];
const STRUCTURAL = ["copy", "stop_gradient", "convert", "reshape", "broadcast"] as const;
/** The primitives that random programs are made of: all that have a meaning on scalars. */
export const SCALAR_PRIMITIVES: readonly string[] = [...ELEMENTWISE, ...STRUCTURAL];
type Choice = ElementwiseName | (typeof STRUCTURAL)[number];
/** What a step falls back to, in turn: tanh is smooth wherever a value is moderate, cos everywhere. */
const CHOICES: readonly Choice[] = [...ELEMENTWISE, ...STRUCTURAL, "tanh", "cos"];

interface Step {
  readonly choice: number;
  readonly operands: readonly number[];
  readonly constant: number;
  readonly detail: number;
  readonly name: number;
}

interface Recipe {
  readonly inputs: readonly { readonly shape: number; readonly value: number }[];
  readonly steps: readonly Step[];
  readonly outputs: readonly number[];
  readonly signature: boolean;
}

function recipes({
  maxInputs = 5,
  maxEquations = 25,
  scalarsOnly = false,
}: RandomProgramOptions): fc.Arbitrary<Recipe> {
  return fc.record({
    inputs: fc.array(
      fc.record({
        shape: scalarsOnly ? fc.constant(0) : fc.nat(SHAPES.length - 1),
        value: fc.integer({ min: -200, max: 200 }).map((hundredths) => hundredths / 100),
      }),
      { minLength: 1, maxLength: maxInputs, size: "max" },
    ),
    steps: fc.array(
      fc.record({
        choice: fc.nat(CHOICES.length - 1),
        operands: fc.tuple(fc.nat(999), fc.nat(999), fc.nat(999)),
        constant: fc.nat(LITERALS.length + UNUSUAL_LITERALS.length - 1),
        detail: scalarsOnly ? fc.nat(99).map((detail) => detail * SHAPES.length) : fc.nat(99),
        name: fc.nat(2 * NAMES.length),
      }),
      { maxLength: maxEquations, size: "max" },
    ),
    outputs: fc.array(fc.nat(999), { minLength: 1, maxLength: 5 }),
    signature: fc.boolean(),
  });
}

/** A value that later equations may read, with its evaluation at the point. */
interface Known {
  readonly operand: Operand;
  readonly tensor: Tensor;
  /** The sum over all paths from the inputs of the products of the partials' magnitudes: how large a Jacobian may become. */
  readonly mass: number;
}

function follow(recipe: Recipe, smooth: boolean): SmoothProgram {
  const builder = new ProgramBuilder();
  const floating: Known[] = recipe.inputs.map(({ shape, value }, index) => {
    const tensor = { shape: SHAPES[shape]!, data: Float64Array.of(value) };
    const operand = builder.input(NAMES[index % (smooth ? 3 : NAMES.length)]!, {
      shape: SHAPES[shape]!,
      dtype: "float64",
    });
    return { operand, tensor, mass: 1 };
  });
  const conditions: Known[] = [];

  const constants = smooth ? LITERALS : [...LITERALS, ...UNUSUAL_LITERALS];
  const constant = (index: number): Known => {
    const value = constants[index % constants.length]!;
    return {
      operand: literal(value, !smooth && index % 4 === 0 ? "float32" : "float64"),
      tensor: scalar(value),
      mass: 0,
    };
  };
  /** One in six operands is a literal; the others are mostly recent, so that programs get deep. */
  const pickFloating = (pick: number, literalIndex: number): Known => {
    if (pick % 6 === 5) return constant(literalIndex);
    const back = Math.floor(pick / 6) % (pick % 2 === 0 ? Math.min(4, floating.length) : floating.length);
    return floating[floating.length - 1 - back]!;
  };
  const pickCondition = (pick: number): Known => {
    const known = conditions[pick % Math.max(1, conditions.length)];
    return known ?? { operand: literal(pick % 2, "bool"), tensor: scalar(pick % 2), mass: 0 };
  };

  /** Appends the equation and says true, or leaves the program as it is where the equation is not smooth. */
  const attempt = (choice: Choice, step: Step): boolean => {
    const [first = 0, second = 0, third = 0] = step.operands;
    const operands: Known[] = CONDITIONS.includes(choice)
      ? [pickCondition(first), pickCondition(second)]
      : choice === "select"
        ? [pickCondition(first), pickFloating(second, step.constant), pickFloating(third, step.constant + 1)]
        : [
            pickFloating(first, step.constant),
            pickFloating(second, step.constant + 1),
            pickFloating(third, step.constant + 2),
          ];
    operands.length = arityOf(choice);
    const shape = SHAPES[step.detail % SHAPES.length]!;
    const parameters = parametersOf(choice, step.detail, shape, operands[0]!.tensor.shape.length);
    const equation = { primitive: choice, parameters } as Pick<Equation, "primitive" | "parameters">;
    // The equation's type comes from appending it to a trial of its own: a builder cannot take back.
    const trial = new ProgramBuilder();
    const copies = operands.map(({ operand }) =>
      operand.kind === "literal" ? operand : trial.input("", builder.typeOf(operand)),
    );
    const built = trial.definitionOf(trial.append(equation, copies))!;
    const tensor = evaluateEquation(
      built,
      operands.map((operand) => operand.tensor),
    );
    const values = operands.map((operand) => operand.tensor.data[0]!);
    const partials = scalarPartials(built, values);
    const mass = partials.reduce((sum, partial, index) => sum + Math.abs(partial) * operands[index]!.mass, 0);
    if (smooth && !(isSmooth(built, values) && Math.abs(tensor.data[0]!) <= 50 && mass <= 1e3)) return false;
    const name = NAMES[step.name];
    const operand = builder.append(
      equation,
      operands.map((known) => known.operand),
      name,
    );
    (isFloating(built.type.dtype) ? floating : conditions).push({ operand, tensor, mass });
    return true;
  };
  for (const step of recipe.steps) {
    let choice = step.choice;
    // The last choice is smooth everywhere and its partial is at most 1, but a mass at its limit may still grow by sharing.
    while (choice < CHOICES.length && !attempt(CHOICES[choice]!, step)) choice++;
  }

  const outputs: Output[] = recipe.outputs.map((pick, index) => ({
    name: NAMES[(pick + index) % NAMES.length]!,
    operand: pick % 3 === 0 ? floating.at(-1)!.operand : pickFloating(pick, pick).operand,
  }));
  const inputs = recipe.inputs.map((_, index) => index);
  const signature = {
    inputs: [inputs.slice(0, 1), { ["__proto__"]: inputs.slice(1), "two words": [] }],
    outputs: [{ first: 0, $rest: outputs.map((_, index) => index) }],
  };
  const program = recipe.signature
    ? builder.build("random program", outputs, signature)
    : builder.build("random", outputs);
  return { program, point: recipe.inputs.map(({ value }) => value) };
}

function arityOf(choice: Choice): number {
  return isElementwise(choice) ? derivatives[choice].partials(1, 1, 1, 1).length : 1;
}

function parametersOf(choice: Choice, detail: number, shape: readonly number[], rank: number): object {
  if (choice === "integer_pow") return { exponent: EXPONENTS[detail % EXPONENTS.length]! };
  if (choice === "convert") return { dtype: detail % 2 === 0 ? "float64" : "float32" };
  if (choice === "reshape") return { shape };
  if (choice !== "broadcast") return {};
  const target = shape.length >= rank ? shape : SHAPES[rank]!;
  return { shape: target, dimensions: Array.from({ length: rank }, (_, dim) => target.length - rank + dim) };
}

function isSmooth(equation: Equation, values: readonly number[]): boolean {
  if (!isElementwise(equation.primitive)) return true;
  const [x = NaN, y = NaN, z = NaN] = values;
  const exponent = equation.primitive === "integer_pow" ? equation.parameters.exponent : NaN;
  return derivatives[equation.primitive].smoothAt(x, y, z, exponent);
}
