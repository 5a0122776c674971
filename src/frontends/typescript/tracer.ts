/**
 * Tracers and the state of one trace.
 *
 * A tracer stands for a value that depends on the inputs: an operand of the program under construction. Everything that does not depend on
 * them stays a plain JavaScript value, so constants fold as JavaScript folds them and every equation is one that was written.
 */

import { InputError } from "../../errors.ts";
import { literal, ProgramBuilder } from "../../program/builder.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import type { Operand, Variable } from "../../program/program.ts";
import type { ParameterArray } from "./inputs.ts";
import { oneLine, placeAt, type Site, snippet } from "./syntax.ts";

/** A number that is an element of an array value, by its row-major position. */
export interface Element {
  readonly array: Variable;
  readonly position: number;
}

/** A traced number, or the traced result of a comparison. Its content is private: user code can only hand it on. */
export class Tracer {
  readonly #tracing: Tracing;
  readonly #type: "number" | "boolean";
  readonly #element: Element | undefined;
  #operand: Operand | undefined;

  /** An element of an array needs no operand: it gets one when it is used by itself. */
  constructor(tracing: Tracing, type: "number" | "boolean", operand?: Operand, element?: Element) {
    this.#tracing = tracing;
    this.#type = type;
    this.#operand = operand;
    this.#element = element;
    Object.freeze(this);
  }

  /** What `typeof` says of the value that it stands for. */
  static typeOf(tracer: Tracer): "number" | "boolean" {
    return tracer.#type;
  }

  /** The scalar that it stands for; an element of an array is taken out of it now, unless it was before. */
  static operandOf(tracer: Tracer): Operand {
    tracer.#operand ??= tracer.#extracted();
    return tracer.#operand;
  }

  /** Which element of an array value it is, if it is one. */
  static elementOf(tracer: Tracer): Element | undefined {
    return tracer.#element;
  }

  #extracted(): Operand {
    if (this.#element === undefined) throw new Error("a tracer stands for nothing");
    const { array, position } = this.#element;
    return this.#tracing.append("gather", [array], { shape: [], positions: [position] });
  }

  /** JavaScript asks for this where it needs a plain value: indices, text, sorting. */
  [Symbol.toPrimitive](): never {
    return this.#tracing.fail(
      "a value that depends on the inputs is used where a plain value is needed (an index, a text, a sort, a typed array): " +
        "only arithmetic, Math.* and where(condition, a, b) can take it",
    );
  }

  [Symbol.iterator](): never {
    return this.#tracing.fail(
      "a number is used as an array: if a parameter is an array, annotate it as a tuple or give its shape",
    );
  }
}

/** Bounds that stop programs which would not end. */
export interface Limits {
  readonly equations: number;
  /** Loop iterations and calls together. */
  readonly steps: number;
  /** Elements of an array, characters of a text. */
  readonly length: number;
}

export const defaultLimits: Limits = { equations: 1_000_000, steps: 5_000_000, length: 1_000_000 };

/** One trace: the program under construction, where in the source its execution is, and how much of its limits is used. */
export class Tracing {
  readonly builder = new ProgramBuilder();
  /** Every place that rewritten code can name, by number. */
  readonly sites: Site[] = [];
  readonly limits: Limits;
  /** The arrays of the parameters that may become inputs as wholes, by the variable of the largest. */
  readonly parameters = new Map<number, ParameterArray>();
  /** The value behind nested arrays that the vocabulary made, to name it. */
  readonly wholes = new WeakMap<object, Operand>();
  #site = -1;
  #steps = 0;

  constructor(limits: Limits = defaultLimits) {
    this.limits = limits;
  }

  /** Notes that execution has come to a site; errors point there until it moves on. */
  at(site: number): void {
    this.#site = site;
  }

  /** Counts one loop iteration or call. */
  step(site: number): void {
    this.#site = site;
    if (++this.#steps > this.limits.steps)
      this.fail(
        `still running after ${this.limits.steps} loop iterations and calls: loops must end for bounds that are known when tracing`,
      );
  }

  /** Source text at the current site. */
  get here(): string {
    const site = this.sites[this.#site];
    return site === undefined ? "this" : snippet(site);
  }

  /** An InputError at the current site. */
  error(message: string): InputError {
    const site = this.sites[this.#site];
    return site === undefined
      ? new InputError(oneLine(message))
      : new InputError(oneLine(message), placeAt(site.of, site.start));
  }

  fail(message: string): never {
    throw this.error(message);
  }

  /** What a thrown value means to people: everything that user code can cause becomes an InputError at the current site. */
  explained(thrown: unknown): InputError {
    if (thrown instanceof InputError) return thrown;
    if (thrown instanceof RangeError && /call stack/i.test(thrown.message))
      return this.error(
        this.#site < 0
          ? "the source is nested too deeply"
          : "the recursion is too deep: it must end for values that are known when tracing",
      );
    return this.error(`cannot be evaluated: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }

  /** A new tracer for an operand of the program. */
  tracer(operand: Operand, type: "number" | "boolean" = "number"): Tracer {
    return new Tracer(this, type, operand);
  }

  /** A new tracer for an element of an array value; `operand` is the same number by itself, if there is one. */
  element(array: Variable, position: number, operand?: Operand): Tracer {
    return new Tracer(this, "number", operand, { array, position });
  }

  /** Emits one equation on numbers and tracers. */
  emit(
    primitive: PrimitiveName,
    values: readonly (number | Tracer)[],
    parameters: object = {},
    type: "number" | "boolean" = "number",
  ): Tracer {
    const operands = values.map((value) =>
      typeof value === "number" ? literal(value) : Tracer.operandOf(value),
    );
    return this.tracer(this.append(primitive, operands, parameters), type);
  }

  /** Appends one equation on operands of any shape. */
  append(primitive: PrimitiveName, operands: readonly Operand[], parameters: object = {}): Operand {
    if (this.builder.equationCount >= this.limits.equations)
      this.fail(
        `more than ${this.limits.equations} equations: loops are unrolled, so their bounds must be small`,
      );
    // Each caller pairs the primitive with its parameters; the builder checks the types.
    const equation = { primitive, parameters } as Parameters<ProgramBuilder["append"]>[0];
    return this.builder.append(equation, operands);
  }

  /** A value as an operand of arithmetic. Throws if it is not a number; `what` names it in the message. */
  number(value: unknown, what: string): number | Tracer {
    if (typeof value === "number") return value;
    if (!(value instanceof Tracer))
      return this.fail(`${this.here}: ${what} is ${kindOf(value)}, not a number`);
    if (Tracer.typeOf(value) === "number") return value;
    return this.fail(
      `${this.here}: ${what} is a comparison of values that depend on the inputs; it can only be the condition of where(condition, a, b)`,
    );
  }
}

/** What a value is, in the words of messages. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (value instanceof Tracer) return `a ${Tracer.typeOf(value)}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}
