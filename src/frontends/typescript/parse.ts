/** Source text to syntax tree; whatever does not parse is an InputError with its place. */

import { tsPlugin } from "@sveltejs/acorn-typescript";
import {
  type ArrowFunctionExpression,
  type FunctionExpression,
  type Options,
  Parser,
  type Program,
} from "acorn";
import { InputError } from "../../errors.ts";
import { oneLine, placeAt, type SourceText } from "./syntax.ts";

const TypeScriptParser = Parser.extend(tsPlugin());

// The TypeScript plugin needs locations.
const options: Options = { ecmaVersion: "latest", sourceType: "module", locations: true };

/** Parses a module: JavaScript for `.js` and `.mjs` names, TypeScript otherwise. Throws an InputError at the first syntax error. */
export function parseModule(module: SourceText): Program {
  const parser = /\.[cm]?js$/.test(module.source ?? "") ? Parser : TypeScriptParser;
  return parsed(module, () => parser.parse(module.text, options));
}

/** Parses what `Function.prototype.toString` gives for a function written in JavaScript. Throws an InputError if it is none. */
export function parseFunction(source: SourceText): FunctionExpression | ArrowFunctionExpression {
  const { text } = source;
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text))
    throw new InputError(
      "the source text of this function is not available (it is built in or bound): wrap it, as in (x) => f(x)",
    );
  // A method prints as `name(x) { ... }`, which is an expression only behind `function`.
  const method = /^[\w$]+\s*\([\s\S]*\)\s*\{/.test(text) && !/^(async\s+)?function\b|^\(/.test(text);
  const readable = method ? `function ${text}` : text;
  const expression = parsed({ ...source, text: readable }, () => {
    const node = Parser.parseExpressionAt(readable, 0, { ...options, sourceType: "script" });
    if (readable.slice(node.end).trim() !== "") throw new SyntaxError("Unexpected text after the function");
    return node;
  });
  if (expression.type !== "FunctionExpression" && expression.type !== "ArrowFunctionExpression")
    throw new InputError("this is not a plain function: expected a function or an arrow function of numbers");
  return method ? shifted(expression, "function ".length) : expression;
}

/** Moves every offset of a tree back, so that sites count in the text that was given. */
function shifted<T>(tree: T, by: number): T {
  return JSON.parse(JSON.stringify(tree), (key, value: unknown) =>
    (key === "start" || key === "end") && typeof value === "number" ? value - by : value,
  ) as T;
}

function parsed<T>(source: SourceText, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const { message, pos } = error as { message: string; pos?: number };
    if (error instanceof RangeError || message.startsWith("Not enough stack space"))
      throw new InputError("the source is nested too deeply", placeAt(source, pos ?? 0));
    const detail = oneLine(message).replace(/\s*\(\d+:\d+\)$/, "");
    throw new InputError(`syntax error: ${detail}`, placeAt(source, pos ?? 0));
  }
}
