/**
 * Programs as text, like a jaxpr: one line per equation, numbered as orders number them.
 *
 *     program RoeFlux_1d
 *       inputs l0: float64[], r0: float64[]
 *       1  du: float64[] = sub r0 l0
 *       2  %2: float64[] = integer_pow[exponent=2] du
 *       outputs F0 = %2, F1 = 0.5:float32
 *       signature [0, {right: 1}] -> [[0, 1]]
 *
 * Printing loses nothing and parsing gives it back. A variable's own name is written as it is; the second and later of one name get `#2`, `#3`,
 * ...; a variable without a name is `%` and the number of its equation. Names that are not identifiers are quoted as JSON strings. Literals are
 * float64 unless `:dtype` follows.
 */

import { InputError } from "../errors.ts";
import type { Equation, Input, Operand, Output, Program, Signature, Tree } from "./program.ts";
import { DTYPES, type DType, type TensorType, typeText } from "./type.ts";
import { MAX_TREE_DEPTH, type ProgramPath, validateProgram } from "./validate.ts";

/** The text of a program, ending in a newline. */
export function printProgram({ name, inputs, equations, outputs, signature }: Program): string {
  const variables = variableTexts(inputs, equations);
  const operandText = (operand: Operand): string =>
    operand.kind === "variable"
      ? (variables[operand.variable] ?? "")
      : literalText(operand.value, operand.dtype);
  const width = String(equations.length).length;
  const lines = equations.map(({ primitive, parameters, operands, type }, index) => {
    const call = [`${primitive}${parametersText(parameters)}`, ...operands.map(operandText)].join(" ");
    return `${String(index + 1).padStart(width)}  ${variables[inputs.length + index]}: ${typeText(type)} = ${call}`;
  });
  lines.unshift(
    `inputs ${inputs.map(({ type }, index) => `${variables[index]}: ${typeText(type)}`).join(", ")}`,
  );
  lines.push(
    `outputs ${outputs.map((output) => `${nameText(output.name)} = ${operandText(output.operand)}`).join(", ")}`,
  );
  if (signature !== undefined)
    lines.push(`signature ${valueText(signature.inputs)} -> ${valueText(signature.outputs)}`);
  return `program ${nameText(name)}\n${lines.map((line) => `  ${line.trimEnd()}\n`).join("")}`;
}

/** The unique text of every variable: inputs first, then equations. */
function variableTexts(inputs: readonly Input[], equations: readonly Equation[]): string[] {
  const counts = new Map<string, number>();
  const unique = (name: string): string => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? nameText(name) : `${nameText(name)}#${count}`;
  };
  return [
    ...inputs.map(({ name }) => unique(name)),
    ...equations.map(({ name }, index) => (name === undefined ? `%${index + 1}` : unique(name))),
  ];
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
/** Identifiers that would be read as something else. */
const RESERVED: ReadonlySet<string> = new Set(["NaN", "Infinity"]);

function nameText(name: string): string {
  return IDENTIFIER.test(name) && !RESERVED.has(name) ? name : JSON.stringify(name);
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function literalText(value: number, dtype: DType): string {
  return dtype === "float64" ? numberText(value) : `${numberText(value)}:${dtype}`;
}

function parametersText(parameters: object): string {
  const entries = Object.entries<Value>(parameters as { [key: string]: Value });
  return entries.length === 0
    ? ""
    : `[${entries.map(([key, value]) => `${nameText(key)}=${valueText(value)}`).join(", ")}]`;
}

/** What parameters and signatures are made of. */
type Value = number | string | readonly Value[] | { readonly [key: string]: Value };

function valueText(value: Value): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return nameText(value);
  if (isList(value)) return `[${value.map(valueText).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, member]) => `${nameText(key)}: ${valueText(member)}`)
    .join(", ")}}`;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/**
 * The program that a text describes.
 *
 * @param source the name of the text, for errors
 * @throws InputError with line and column of the first fault
 */
export function parseProgram(text: string, source?: string): Program {
  return new Parser(tokenize(text, source), source).program();
}

interface Token {
  /** `name` is an identifier or a quoted string; `variable` is `%5`, `ordinal` is `#2`; anything else is itself. */
  readonly kind:
    | "name"
    | "number"
    | "variable"
    | "ordinal"
    | "newline"
    | "end"
    | "->"
    | (typeof PUNCTUATION)[number];
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

const PUNCTUATION = ["[", "]", "{", "}", ",", ":", "="] as const;
const TOKEN =
  /(?<space>[ \t\r]+)|(?<newline>\n)|(?<number>-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity(?![\p{ID_Continue}$]))|NaN(?![\p{ID_Continue}$]))|(?<name>[\p{ID_Start}$_][\p{ID_Continue}$]*|"(?:[^"\\\n]|\\.)*")|(?<variable>%\d+)|(?<ordinal>#\d+)|(?<punctuation>->|[[\]{},:=])/uy;

function tokenize(text: string, source?: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let lineStart = 0;
  TOKEN.lastIndex = 0;
  for (let position = 0; position < text.length; position = TOKEN.lastIndex) {
    const column = position - lineStart + 1;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined)
      throw new InputError(
        `unexpected character ${JSON.stringify(String.fromCodePoint(text.codePointAt(position) ?? 0))}`,
        {
          ...(source === undefined ? {} : { source }),
          line,
          column,
        },
      );
    const [kind, found = ""] = Object.entries(groups).find(([, group]) => group !== undefined) ?? ["space"];
    if (kind !== "space")
      tokens.push({
        kind: (kind === "punctuation" ? found : kind) as Token["kind"],
        text: found,
        line,
        column,
      });
    if (kind === "newline") {
      line++;
      lineStart = TOKEN.lastIndex;
    }
  }
  tokens.push({ kind: "end", text: "", line, column: text.length - lineStart + 1 });
  return tokens;
}

/** A variable as it is written, with its own name if it has one. */
interface VariableText {
  readonly text: string;
  readonly name: string | undefined;
  readonly place: Token;
}

/** A recursive-descent parser, one method per piece of the grammar. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #source: string | undefined;
  #position = 0;
  /** The number of every variable, by its text. */
  readonly #variables = new Map<string, number>();
  /** Where each equation's primitive, the outputs and the signature stand. */
  readonly #places = new Map<string, Token>();

  constructor(tokens: readonly Token[], source: string | undefined) {
    this.#tokens = tokens;
    this.#source = source;
  }

  program(): Program {
    this.#skipNewlines();
    this.#keyword("program");
    const name = this.#name("the program's name");
    this.#endOfLine();
    this.#places.set("inputs", this.#next);
    this.#keyword("inputs");
    const inputs = this.#list(() => this.#input());
    this.#endOfLine();
    const equations: Equation[] = [];
    while (this.#at("number")) equations.push(this.#equation(equations.length + 1));
    this.#places.set("outputs", this.#next);
    this.#keyword("outputs");
    const outputs = this.#list(() => this.#output());
    this.#endOfLine();
    const program = { name, inputs, equations, outputs };
    const whole = this.#at("name") ? { ...program, signature: this.#signature() } : program;
    this.#take("end", "the end of the text");
    validateProgram(whole, (message, path) => this.#error(message, this.#placeOf(path)));
    return whole;
  }

  #input(): Input {
    const variable = this.#variable();
    const { name, place } = variable;
    if (name === undefined) throw this.#error("an input needs a name", place);
    this.#define(variable);
    this.#take(":", "':' and the input's type");
    return { name, type: this.#type() };
  }

  #equation(number: number): Equation {
    const given = this.#take("number", "the equation's number");
    if (given.text !== String(number))
      throw this.#error(`expected equation number ${number}, got ${given.text}`, given);
    const result = this.#variable();
    this.#take(":", "':' and the equation's type");
    const type = this.#type();
    this.#take("=", "'=' and a primitive");
    this.#places.set(`equations ${number - 1}`, this.#next);
    const primitive = this.#name("a primitive");
    const parameters = this.#at("[") ? this.#parameters() : {};
    const operands: Operand[] = [];
    while (!this.#at("newline") && !this.#at("end")) operands.push(this.#operand());
    // Only now, so that no equation refers to itself.
    this.#define(result);
    this.#endOfLine();
    // validateProgram checks that the primitive exists and that the parameters are its own.
    return {
      primitive,
      parameters,
      operands,
      type,
      ...(result.name === undefined ? {} : { name: result.name }),
    } as unknown as Equation;
  }

  #output(): Output {
    const name = this.#name("an output's name");
    this.#take("=", "'=' and a variable or a number");
    return { name, operand: this.#operand() };
  }

  #signature(): Signature {
    this.#places.set("signature", this.#next);
    this.#keyword("signature");
    const inputs = this.#value();
    this.#take("->", "'->' and the results");
    const outputs = this.#value();
    this.#endOfLine();
    if (!isList(inputs) || !isList(outputs))
      throw this.#error("a signature is two lists: [arguments] -> [results]", this.#previous);
    // validateProgram checks that every leaf is an index.
    return { inputs: inputs as readonly Tree[], outputs: outputs as readonly Tree[] };
  }

  #operand(): Operand {
    if (!this.#at("number")) {
      const { text, place } = this.#variable();
      const variable = this.#variables.get(text);
      if (variable === undefined) throw this.#error(`${text} is not defined before this place`, place);
      return { kind: "variable", variable };
    }
    const value = this.#number();
    if (!this.#at(":")) return { kind: "literal", value, dtype: "float64" };
    this.#take(":", "':'");
    return { kind: "literal", value, dtype: this.#dtype() };
  }

  /** A variable's text in its normal form. */
  #variable(): VariableText {
    const place = this.#next;
    if (this.#at("variable"))
      return { text: this.#take("variable", "a variable").text, name: undefined, place };
    const name = this.#name("a variable");
    const ordinal = this.#at("ordinal") ? this.#take("ordinal", "a number").text : "";
    return { text: `${nameText(name)}${ordinal}`, name, place };
  }

  /** Gives a variable the next number. */
  #define({ text, place }: VariableText): void {
    if (this.#variables.has(text))
      throw this.#error(`${text} is defined twice: number the second of one name as in x#2`, place);
    this.#variables.set(text, this.#variables.size);
  }

  #type(): TensorType {
    const dtype = this.#dtype();
    this.#take("[", "'[' and a shape");
    const shape = this.#list(() => this.#number(), "]");
    this.#take("]", "']'");
    return { shape, dtype };
  }

  #dtype(): DType {
    const place = this.#next;
    const name = this.#name("a dtype");
    const dtype = DTYPES.find((known) => known === name);
    if (dtype === undefined) throw this.#error(`expected one of ${DTYPES.join(", ")}, got ${name}`, place);
    return dtype;
  }

  #parameters(): { readonly [key: string]: Value } {
    this.#take("[", "'['");
    const entries = this.#list(() => this.#member("="), "]");
    this.#take("]", "']'");
    return this.#record(entries);
  }

  #value(depth = 0): Value {
    if (depth > MAX_TREE_DEPTH) throw this.#error(`nests deeper than ${MAX_TREE_DEPTH}`, this.#next);
    switch (this.#next.kind) {
      case "number":
        return this.#number();
      case "[": {
        this.#take("[", "'['");
        const items = this.#list(() => this.#value(depth + 1), "]");
        this.#take("]", "',' or ']'");
        return items;
      }
      case "{": {
        this.#take("{", "'{'");
        const entries = this.#list(() => this.#member(":", depth + 1), "}");
        this.#take("}", "',' or '}'");
        return this.#record(entries);
      }
      default:
        return this.#name("a number, a name, a list or a record");
    }
  }

  #member(separator: "=" | ":", depth = 0): [key: string, value: Value] {
    const key = this.#name("a name");
    this.#take(separator, `'${separator}'`);
    return [key, this.#value(depth)];
  }

  #record(entries: readonly [string, Value][]): { readonly [key: string]: Value } {
    const record = Object.fromEntries(entries);
    if (Object.keys(record).length < entries.length) throw this.#error("a name occurs twice", this.#previous);
    return record;
  }

  /** Items separated by commas; none if the line or the bracket ends at once. */
  #list<T>(item: () => T, closing: Token["kind"] = "newline"): T[] {
    if (this.#at(closing) || this.#at("end")) return [];
    const items = [item()];
    while (this.#at(",")) {
      this.#take(",", "','");
      items.push(item());
    }
    return items;
  }

  #number(): number {
    return Number(this.#take("number", "a number").text);
  }

  #name(expected: string): string {
    const token = this.#take("name", expected);
    if (!token.text.startsWith('"')) return token.text;
    try {
      return JSON.parse(token.text) as string;
    } catch {
      throw this.#error(`${token.text} is not a string: its escapes are those of JSON`, token);
    }
  }

  #keyword(word: string): void {
    const token = this.#take("name", `'${word}'`);
    if (token.text !== word) throw this.#error(`expected '${word}', got ${token.text}`, token);
  }

  #endOfLine(): void {
    if (!this.#at("end")) this.#take("newline", "the end of the line");
    this.#skipNewlines();
  }

  #skipNewlines(): void {
    while (this.#at("newline")) this.#position++;
  }

  #at(kind: Token["kind"]): boolean {
    return this.#next.kind === kind;
  }

  #take(kind: Token["kind"], expected: string): Token {
    const token = this.#next;
    if (token.kind !== kind) throw this.#error(`expected ${expected}, got ${tokenText(token)}`, token);
    this.#position++;
    return token;
  }

  get #next(): Token {
    return this.#tokens[Math.min(this.#position, this.#tokens.length - 1)] as Token;
  }

  get #previous(): Token {
    return this.#tokens[Math.max(0, this.#position - 1)] as Token;
  }

  #placeOf([part, index]: ProgramPath): Token {
    return this.#places.get(`${part} ${index}`) ?? this.#places.get(String(part)) ?? this.#next;
  }

  #error(message: string, { line, column }: Token): InputError {
    return new InputError(message, {
      ...(this.#source === undefined ? {} : { source: this.#source }),
      line,
      column,
    });
  }
}

function tokenText({ kind, text }: Token): string {
  if (kind === "newline") return "the end of the line";
  return kind === "end" ? "the end of the text" : text;
}
