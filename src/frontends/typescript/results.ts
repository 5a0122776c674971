/** What a traced function returned, as the outputs of a program. */

import type { Expression, Statement } from "acorn";
import { literal } from "../../program/builder.ts";
import type { Operand, Output, Tree } from "../../program/program.ts";
import { isList } from "../../program/tree.ts";
import { wholeValue } from "./arrays.ts";
import { partName, uniqueName } from "./declare.ts";
import { type FunctionSyntax, untyped } from "./syntax.ts";
import { kindOf, Tracer, type Tracing } from "./tracer.ts";

/** The outputs of a program and, per result, their nesting: a returned array is the list of results, unless the vocabulary made it as one value. */
export interface Results {
  readonly outputs: readonly Output[];
  readonly trees: readonly Tree[];
}

/**
 * Collects the numbers of a returned value; each is named by the variable that is returned there or by its key, otherwise `out0`, `out1`...
 *
 * @param site what messages point at
 * @throws InputError if anything in the value is not a number
 */
export function collectResults(tracing: Tracing, value: unknown, node: FunctionSyntax): Results {
  const collector = new Collector(tracing);
  const tree = collector.collect(value, returned(node), "", "the result");
  if (collector.outputs.length === 0) tracing.fail("the function returns no numbers");
  return { outputs: collector.outputs, trees: isList(tree) ? tree : [tree] };
}

const deepest = 64;

class Collector {
  readonly outputs: Output[] = [];
  readonly #tracing: Tracing;
  readonly #names = new Set<string>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** `name` is what the surrounding value is called, `path` what messages call this one. */
  collect(value: unknown, written: Expression | undefined, name: string, path: string, depth = 0): Tree {
    const own = written?.type === "Identifier" && name === "" ? written.name : name;
    if (value instanceof Tracer || typeof value === "number") return this.#output(value, own, path);
    if (typeof value !== "object" || value === null) return this.#refuse(path, value);
    if (depth > deepest) return this.#tracing.fail(`${path} is nested too deeply`);
    const whole = wholeValue(this.#tracing, value);
    if (whole !== undefined) return this.#add(whole, own);
    if (Array.isArray(value))
      return Array.from(value, (item: unknown, index) => {
        const element =
          written?.type === "ArrayExpression" && !hasSpread(written) ? written.elements[index] : undefined;
        const inner = element && element.type !== "SpreadElement" ? untyped(element) : undefined;
        return this.collect(
          item,
          inner,
          own === "" ? "" : partName(own, String(index)),
          `${path}[${index}]`,
          depth + 1,
        );
      });
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const inner = name === "" ? key : partName(name, key);
        return [key, this.collect(item, undefined, inner, `${path}.${key}`, depth + 1)];
      }),
    );
  }

  #output(value: Tracer | number, name: string, path: string): number {
    const isNumber = typeof value === "number" ? !Number.isNaN(value) : Tracer.typeOf(value) === "number";
    if (!isNumber) return this.#refuse(path, value);
    return this.#add(typeof value === "number" ? literal(value) : Tracer.operandOf(value), name);
  }

  #add(operand: Operand, name: string): number {
    const index = this.outputs.length;
    this.outputs.push({ name: uniqueName(name === "" ? `out${index}` : name, this.#names), operand });
    return index;
  }

  #refuse(path: string, value: unknown): never {
    return this.#tracing.fail(
      `${path} is ${kindOf(value)}: a non-numeric result; return a number, or an array or object of numbers ` +
        "(a comparison becomes one by where(condition, 1, 0))",
    );
  }
}

function hasSpread(node: Extract<Expression, { type: "ArrayExpression" }>): boolean {
  return node.elements.some((element) => element?.type === "SpreadElement");
}

/** The expression that a function returns, if its last statement returns one. */
export function returned({ body }: FunctionSyntax): Expression | undefined {
  if (body.type !== "BlockStatement") return untyped(body);
  const last: Statement | undefined = body.body.at(-1);
  return last?.type === "ReturnStatement" && last.argument ? untyped(last.argument) : undefined;
}
