/**
 * What rewritten code calls: JavaScript's operators, member access and calls, on tracers and plain values alike.
 *
 * The methods mirror the forms that `expressionPrinter.ts` and `statementPrinter.ts` print; the first argument is the number of the site in the source.
 */

import type { InputError } from "../../errors.ts";
import type { PrimitiveName } from "../../program/primitives/index.ts";
import { createGlobals, type Globals, power } from "./globals.ts";
import type { FunctionSyntax, SourceText } from "./syntax.ts";
import { kindOf, Tracer, type Tracing } from "./tracer.ts";

/** Where a function that exists at run time was written. */
export interface FunctionSource {
  readonly of: SourceText;
  readonly node: FunctionSyntax;
}

type Key = string | number;
type Plain = number;

/** Operators of two numbers: what they are on plain values, and the primitive that they are on tracers. */
const operators: Readonly<
  Record<string, { readonly plain: (a: Plain, b: Plain) => unknown; readonly primitive?: PrimitiveName }>
> = {
  "+": { plain: (a, b) => a + b, primitive: "add" },
  "-": { plain: (a, b) => a - b, primitive: "sub" },
  "*": { plain: (a, b) => a * b, primitive: "mul" },
  "/": { plain: (a, b) => a / b, primitive: "div" },
  "%": { plain: (a, b) => a % b, primitive: "rem" },
  "&": { plain: (a, b) => a & b },
  "|": { plain: (a, b) => a | b },
  "^": { plain: (a, b) => a ^ b },
  "<<": { plain: (a, b) => a << b },
  ">>": { plain: (a, b) => a >> b },
  ">>>": { plain: (a, b) => a >>> b },
};

const comparisons: Readonly<
  Record<string, { readonly plain: (a: unknown, b: unknown) => boolean; readonly primitive: PrimitiveName }>
> = {
  "<": { plain: (a, b) => (a as number) < (b as number), primitive: "lt" },
  "<=": { plain: (a, b) => (a as number) <= (b as number), primitive: "le" },
  ">": { plain: (a, b) => (a as number) > (b as number), primitive: "gt" },
  ">=": { plain: (a, b) => (a as number) >= (b as number), primitive: "ge" },
  "===": { plain: (a, b) => a === b, primitive: "eq" },
  "!==": { plain: (a, b) => a !== b, primitive: "ne" },
  // biome-ignore lint/suspicious/noDoubleEquals: the source's own operator
  "==": { plain: (a, b) => a == b, primitive: "eq" },
  // biome-ignore lint/suspicious/noDoubleEquals: the source's own operator
  "!=": { plain: (a, b) => a != b, primitive: "ne" },
};

/** What ends an optional chain; always caught by the innermost one. */
const absent = Symbol("absent");

/** Array methods that branch on what their callback returns, and those that compare elements by identity. */
const testing = new Set(["filter", "every", "some", "find", "findIndex", "findLast", "findLastIndex"]);
const searching = new Set(["includes", "indexOf", "lastIndexOf"]);

/** Names that lead from a value to the code that made it. */
function isForbidden(key: Key): boolean {
  return (
    key === "constructor" ||
    key === "prototype" ||
    key === "caller" ||
    key === "callee" ||
    /^__/.test(String(key))
  );
}

export class Runtime {
  /** Values that come from outside the text being run: imports, and what `trace` is given as scope. */
  readonly imported: unknown[] = [];
  readonly functions: FunctionSource[] = [];
  readonly globals: Globals;
  readonly #tracing: Tracing;
  readonly #sources = new WeakMap<object, FunctionSource>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
    this.globals = createGlobals(tracing);
  }

  /** Where a function was written; undefined for those that no rewritten text made. */
  sourceOf(value: object): FunctionSource | undefined {
    return this.#sources.get(value);
  }

  /** Notes where a function was written. */
  fn<T extends object>(index: number, value: T): T {
    const source = this.functions[index];
    if (source !== undefined) this.#sources.set(value, source);
    return value;
  }

  global(name: string): unknown {
    return this.globals.values.get(name);
  }

  step(site: number): void {
    this.#tracing.step(site);
  }

  fail(site: number, message: string): never {
    this.#tracing.at(site);
    return this.#tracing.fail(message);
  }

  at<T>(site: number, value: T): T {
    this.#tracing.at(site);
    return value;
  }

  binary(site: number, operator: string, a: unknown, b: unknown): unknown {
    const tracing = this.#tracing;
    tracing.at(site);
    if (typeof a === "string" || typeof b === "string") return this.#text(operator, a, b);
    const x = tracing.number(a, "the left operand");
    const y = tracing.number(b, "the right operand");
    if (operator === "**") return power(tracing, x, y);
    const { plain, primitive } =
      operators[operator] ?? tracing.fail(`the operator ${operator} is not supported`);
    if (typeof x === "number" && typeof y === "number") return plain(x, y);
    if (primitive !== undefined) return tracing.emit(primitive, [x, y]);
    return tracing.fail(
      `${tracing.here}: the bit operator ${operator} cannot be applied to a value that depends on the inputs`,
    );
  }

  #text(operator: string, a: unknown, b: unknown): string {
    const tracing = this.#tracing;
    if (operator !== "+") return tracing.fail(`${tracing.here}: ${operator} is applied to a text`);
    if (a instanceof Tracer || b instanceof Tracer)
      return tracing.fail(`${tracing.here}: a value that depends on the inputs cannot become part of a text`);
    const text = `${a}${b}`;
    return text.length > tracing.limits.length ? tracing.fail("the text grows without bound") : text;
  }

  compare(site: number, operator: string, a: unknown, b: unknown): unknown {
    const tracing = this.#tracing;
    tracing.at(site);
    const { plain, primitive } =
      comparisons[operator] ?? tracing.fail(`the operator ${operator} is not supported`);
    if (!(a instanceof Tracer) && !(b instanceof Tracer)) return plain(a, b);
    const other = a instanceof Tracer ? b : a;
    // A traced value is never undefined or null: the usual tests for absent arguments stay decided.
    if (other === undefined || other === null)
      return primitive === "ne" ? true : primitive === "eq" ? false : plain(other, other);
    const operands = [tracing.number(a, "the left operand"), tracing.number(b, "the right operand")];
    return tracing.emit(primitive, operands, {}, "boolean");
  }

  negate(site: number, a: unknown): unknown {
    this.#tracing.at(site);
    const x = this.#tracing.number(a, "the operand");
    return typeof x === "number" ? -x : this.#tracing.emit("neg", [x]);
  }

  plus(site: number, a: unknown): unknown {
    this.#tracing.at(site);
    return typeof a === "string" || typeof a === "boolean"
      ? Number(a)
      : this.#tracing.number(a, "the operand");
  }

  invert(site: number, a: unknown): unknown {
    this.#tracing.at(site);
    const x = this.#tracing.number(a, "the operand");
    if (typeof x === "number") return ~x;
    return this.#tracing.fail(
      `${this.#tracing.here}: the bit operator ~ cannot be applied to a value that depends on the inputs`,
    );
  }

  typeOf(value: unknown): string {
    return value instanceof Tracer ? Tracer.typeOf(value) : typeof value;
  }

  /** A value that decides which code runs: it must not depend on the inputs. */
  test<T>(site: number, value: T): T {
    if (!(value instanceof Tracer)) return value;
    this.#tracing.at(site);
    const { here } = this.#tracing;
    return this.#tracing.fail(
      `a branch on a value that depends on the inputs (${here}): both sides must be computed and one selected; ` +
        `write where(condition, a, b), imported from "alphagrad/math"`,
    );
  }

  key(site: number, key: unknown): Key {
    const tracing = this.#tracing;
    tracing.at(site);
    if (key instanceof Tracer)
      return tracing.fail(
        `${tracing.here}: an index cannot depend on the inputs; select between elements with where(condition, a, b)`,
      );
    if (typeof key !== "number" && typeof key !== "string")
      return tracing.fail(`${tracing.here}: the index is ${kindOf(key)}, not a number`);
    return isForbidden(key) ? tracing.fail(`${tracing.here}: ${key} cannot be accessed`) : key;
  }

  get(site: number, object: unknown, key: unknown): unknown {
    const name = this.key(site, key);
    const tracing = this.#tracing;
    if (object === undefined || object === null)
      return tracing.fail(`${tracing.here}: the value before ${memberText(name)} is ${object}`);
    if (object instanceof Tracer)
      return tracing.fail(
        `${tracing.here}: the value before ${memberText(name)} is a number, not an array or object; ` +
          "if it comes from a parameter, annotate that as a tuple ([number, number]) or give its shape ({ shapes: [[2]] })",
      );
    return (object as Readonly<Record<Key, unknown>>)[name];
  }

  set<T>(site: number, object: unknown, key: unknown, value: T): T {
    const name = this.key(site, key);
    const tracing = this.#tracing;
    if (typeof object !== "object" || object === null || object instanceof Tracer)
      return tracing.fail(
        `${tracing.here}: cannot be assigned to, the value before ${memberText(name)} is ${kindOf(object)}`,
      );
    const largest = Number(name === "length" ? value : Number(name) + 1);
    if (Array.isArray(object) && largest > tracing.limits.length)
      return tracing.fail(
        `${tracing.here}: the array is too large to trace (at most ${tracing.limits.length} elements)`,
      );
    (object as Record<Key, unknown>)[name] = value;
    return value;
  }

  /** `object[key] op= ...`: object and key are evaluated once. Gives the new value, or the old one for `x[i]++`. */
  update(
    site: number,
    object: unknown,
    key: unknown,
    change: (old: unknown) => unknown,
    givesOld = false,
  ): unknown {
    const old = this.get(site, object, key);
    const value = this.set(site, object, key, change(old));
    return givesOld ? old : value;
  }

  call(site: number, callee: unknown, ...parameters: unknown[]): unknown {
    const tracing = this.#tracing;
    tracing.at(site);
    if (typeof callee !== "function")
      return tracing.fail(`${tracing.here}: what is called is ${kindOf(callee)}, not a function`);
    return callee(...parameters);
  }

  method(site: number, object: unknown, key: unknown, ...parameters: unknown[]): unknown {
    const tracing = this.#tracing;
    const method = this.get(site, object, key);
    if (typeof method !== "function")
      return tracing.fail(
        `${tracing.here}: ${memberText(this.key(site, key))} is ${kindOf(method)}, not a function`,
      );
    if (
      typeof object === "string" &&
      parameters.some((size) => typeof size === "number" && size > tracing.limits.length)
    )
      return tracing.fail(`${tracing.here}: the text is too long`);
    const result: unknown = Reflect.apply(
      method,
      object,
      Array.isArray(object) ? this.#arrayArguments(object, key, parameters) : parameters,
    );
    return Array.isArray(result) ? this.array(site, result) : result;
  }

  /** Arguments of an array's method, where JavaScript would take any tracer as true and compare tracers by identity. */
  #arrayArguments(
    array: readonly unknown[],
    key: unknown,
    parameters: readonly unknown[],
  ): readonly unknown[] {
    const tracing = this.#tracing;
    if (searching.has(String(key)) && [...array, ...parameters].some((value) => value instanceof Tracer))
      return tracing.fail(
        `${tracing.here}: a search for equal elements cannot be decided on values that depend on the inputs`,
      );
    const [callback, ...rest] = parameters;
    if (!testing.has(String(key)) || typeof callback !== "function") return parameters;
    return [
      (...items: unknown[]) => {
        const result: unknown = callback(...items);
        if (!(result instanceof Tracer)) return result;
        return tracing.fail(
          `the callback of ${key} returns a value that depends on the inputs, so which elements it takes cannot be decided`,
        );
      },
      ...rest,
    ];
  }

  /** A value that is taken apart by a pattern. */
  parts<T>(site: number, value: T): T {
    this.#tracing.at(site);
    if (typeof value === "object" && value !== null && !(value instanceof Tracer)) return value;
    if (typeof value === "function" || typeof value === "string") return value;
    return this.#tracing.fail(
      `${this.#tracing.here} is ${kindOf(value)}, not an array or object that can be taken apart`,
    );
  }

  construct(site: number, callee: unknown, ...parameters: unknown[]): unknown {
    const tracing = this.#tracing;
    tracing.at(site);
    if (this.globals.constructors.has(callee))
      return (callee as (...values: unknown[]) => unknown)(...parameters);
    return tracing.fail(
      `${tracing.here}: only new Array, new Float64Array and new Error are supported; write a function instead of a class`,
    );
  }

  array(site: number, items: unknown[]): unknown[] {
    const { limits } = this.#tracing;
    return items.length > limits.length
      ? this.fail(site, `an array of more than ${limits.length} elements is too large to trace`)
      : items;
  }

  /** What `throw value` throws: the function's own refusal, at its place. */
  thrown(site: number, value: unknown): InputError {
    this.#tracing.at(site);
    const message =
      value instanceof Error ? value.message : value instanceof Tracer ? kindOf(value) : String(value);
    return this.#tracing.error(`the function throws: ${message}`);
  }

  /** Names the equation behind a value that is given to a variable. */
  name<T>(name: string, value: T): T {
    const { builder, wholes } = this.#tracing;
    const whole = typeof value === "object" && value !== null ? wholes.get(value) : undefined;
    if (whole !== undefined) builder.name(whole, name);
    else if (value instanceof Tracer && Tracer.elementOf(value) === undefined)
      builder.name(Tracer.operandOf(value), name);
    return value;
  }

  names(values: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(values)) this.name(name, value);
  }

  /** An optional chain: undefined where a value that it needs is absent. */
  chain(evaluate: () => unknown): unknown {
    try {
      return evaluate();
    } catch (thrown) {
      if (thrown === absent) return undefined;
      throw thrown;
    }
  }

  /** A value before `?.` in a chain. */
  present<T>(value: T): T {
    if (value === undefined || value === null) throw absent;
    return value;
  }

  /** The first of two values, both evaluated: `x++` gives x. */
  first<T>(value: T, _then: unknown): T {
    return value;
  }
}

function memberText(key: Key): string {
  return typeof key === "number" ? `[${key}]` : `.${key}`;
}
