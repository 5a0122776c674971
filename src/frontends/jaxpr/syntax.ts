/**
 * The parser: jaxpr text to its syntax tree, by recursive descent.
 *
 * JAX's printer is made for people: equations end where a line ends, unless it was wrapped; `in`, `let`, `inf` and `nan` are also names that
 * JAX gives to variables; parameters are printed by their Python `repr`, which may be anything. The rules for each are in this file.
 */

import { InputError } from "../../errors.ts";
import { placeOf, type Token, tokenize } from "./tokens.ts";
import type { Binder, Jaxpr, JaxprEquation, JaxprOperand, JaxprType, ParameterValue } from "./tree.ts";

/** Jaxprs and parameters in one another, at most. JAX's own Python stack ends far earlier. */
const MAXIMAL_DEPTH = 200;

const CLOSING: ReadonlyMap<string, string> = new Map([
  ["(", ")"],
  ["[", "]"],
  ["{", "}"],
  ["<", ">"],
]);

/**
 * Parses the text that JAX prints for a jaxpr.
 *
 * @param source the name of the text, for errors
 * @throws InputError with line and column where the text is not a jaxpr
 */
export function parseSyntax(text: string, source?: string): Jaxpr {
  return new Parser(text, source).parse();
}

class Parser {
  readonly #text: string;
  readonly #source: string | undefined;
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;
  #definitions = new Map<string, Jaxpr>();

  constructor(text: string, source: string | undefined) {
    this.#text = text;
    this.#source = source;
    this.#tokens = tokenize(text);
  }

  parse(): Jaxpr {
    if (!this.#at("{") && !this.#at("let"))
      this.#fail("a jaxpr as JAX prints it, `{ lambda ; a:f32[]. let ... in (b,) }`");
    const jaxpr = this.#module();
    if (this.#peek().kind !== "end") this.#fail("nothing after the end of the jaxpr");
    return jaxpr;
  }

  /** `let f = {...} in let g = {...} in {...}`; the definitions may call each other whatever their order. */
  #module(): Jaxpr {
    const outer = this.#definitions;
    const definitions = new Map<string, Jaxpr>();
    this.#definitions = definitions;
    while (this.#take("let")) {
      const name = this.#name("the name of a jaxpr");
      this.#expect("=");
      if (definitions.has(name.text)) this.#error(name, `the jaxpr ${name.text} is defined twice`);
      definitions.set(name.text, this.#jaxpr());
      this.#expect("in");
    }
    const jaxpr = this.#jaxpr();
    this.#definitions = outer;
    return jaxpr;
  }

  #jaxpr(): Jaxpr {
    return this.#nested(() => {
      const definitions = this.#definitions;
      const token = this.#expect("{");
      this.#expect("lambda");
      const constants = this.#binders(";");
      this.#expect(";");
      const inputs = this.#binders(".");
      this.#expect(".");
      this.#expect("let");
      const equations: JaxprEquation[] = [];
      for (;;) {
        if (this.#take(";")) continue;
        if (this.#atOutputs()) break;
        equations.push(this.#equation());
      }
      this.#expect("in");
      this.#expect("(");
      const outputs: JaxprOperand[] = [];
      while (!this.#at(")")) {
        outputs.push(this.#operand());
        if (!this.#take(",")) break;
      }
      this.#expect(")");
      this.#expect("}");
      return { token, constants, inputs, equations, outputs, definitions };
    });
  }

  /** `in (` ends the equations; an `in` before anything else is a variable of that name. */
  #atOutputs(): boolean {
    return this.#at("in") && this.#at("(", 1);
  }

  #binders(end: string): Binder[] {
    const binders: Binder[] = [];
    while (!this.#at(end)) binders.push(this.#binder());
    return binders;
  }

  #binder(): Binder {
    const token = this.#name("the name of a variable");
    return { token, name: token.text, type: this.#annotation() };
  }

  /** `:f32[2,3]`, or nothing. */
  #annotation(): JaxprType | undefined {
    return this.#take(":") ? this.#type() : undefined;
  }

  /** `f32[2,3]`; what JAX may print besides is skipped: weak types (`~`, `*`, `{weak_type=True}`), memory spaces, shardings. */
  #type(): JaxprType {
    this.#take("~");
    const token = this.#name("a type such as f32[]");
    const space = this.#at("<") ? this.#balanced() : "";
    if (!this.#at("[")) return { token, dtype: `${token.text}${space}`, shape: undefined };
    this.#next();
    const shape: number[] = [];
    let known = true;
    while (!this.#at("]")) {
      const extent = this.#peek();
      if (/^\d{1,15}$/.test(extent.text)) shape.push(Number(extent.text));
      else if (extent.kind === "name") known = false;
      else this.#fail("the extent of a dim or `]`");
      this.#next();
      if (this.#take("@") && !this.#at("]")) this.#at("(") ? this.#balanced() : this.#next();
      if (!this.#take(",")) break;
    }
    this.#expect("]");
    if (this.#at("{")) this.#balanced();
    if (this.#at("*") && !this.#peek().first) this.#next();
    const dtype = token.text === "key" ? `${token.text}${space}` : token.text;
    return { token, dtype, shape: known ? shape : undefined };
  }

  #equation(): JaxprEquation {
    const start = this.#peek();
    const results: Binder[] = [];
    // Old versions print an equation without results as ` = pjit[...]`.
    const none = this.#take("=");
    if (!none && this.#resultsEnd(this.#position, start.column) !== undefined) {
      while (!this.#at("=")) results.push(this.#binder());
      this.#expect("=");
    }
    const token = this.#name(
      none || results.length > 0 ? "the name of a primitive" : "an equation or `in (`",
    );
    if (results.length === 0 && (this.#at(":") || this.#at("=")))
      this.#fail("an equation `a:f32[] = primitive operands`");
    const parameters = this.#take("[") ? this.#parameters() : new Map<string, ParameterValue>();
    const operands: JaxprOperand[] = [];
    while (!this.#endsEquation(start)) operands.push(this.#operand());
    return { token, results, primitive: token.text, parameters, operands };
  }

  #endsEquation(start: Token): boolean {
    const token = this.#peek();
    if (token.kind === "end" || this.#at(";") || this.#at("}") || this.#atOutputs()) return true;
    if (token.first && this.#at("=")) return true;
    // Wrapped lines are indented; the next equation is not, and its typed results show it wherever it stands.
    return (
      token.first &&
      (token.column <= start.column || this.#resultsEnd(this.#position, start.column, true) !== undefined)
    );
  }

  /** The position of the `=` after a list of results that starts at `position`; they have types all or none. */
  #resultsEnd(position: number, indent: number, typedOnly = false): number | undefined {
    let typed: boolean | undefined;
    for (let at = position; ; ) {
      const token = this.#tokens[at];
      if (token === undefined) return undefined;
      if (token.text === "=" && at > position) return at;
      if (token.kind !== "name" || (at > position && token.first && token.column <= indent)) return undefined;
      const hasType = this.#tokens[at + 1]?.text === ":";
      if ((typedOnly && !hasType) || (typed !== undefined && typed !== hasType)) return undefined;
      typed = hasType;
      at = hasType ? this.#typeEnd(at + 2) : at + 1;
    }
  }

  /** The position after a type, found by its brackets alone. */
  #typeEnd(position: number): number {
    let at = position;
    if (this.#tokens[at]?.text === "~") at++;
    at++;
    for (const bracket of ["<", "[", "{"]) {
      if (this.#tokens[at]?.text !== bracket) continue;
      const closing = CLOSING.get(bracket);
      while (at < this.#tokens.length && this.#tokens[at]?.text !== closing) at++;
      at++;
    }
    return this.#tokens[at]?.text === "*" ? at + 1 : at;
  }

  #operand(): JaxprOperand {
    const token = this.#peek();
    switch (token.kind) {
      case "name":
        this.#next();
        return { kind: "name", token, name: token.text, type: this.#annotation() };
      case "number":
        this.#next();
        return { kind: "number", token, text: token.text, type: this.#annotation() };
      case "malformed":
        this.#next();
        this.#annotation();
        return { kind: "opaque", token, text: token.text };
      default: {
        if (!this.#at("(")) this.#fail("an operand: a variable or a number");
        const text = this.#balanced();
        this.#annotation();
        return { kind: "opaque", token, text };
      }
    }
  }

  /** The parameters after `[`, up to and with `]`. A value that is not understood ends where the next `name=` or the `]` stands. */
  #parameters(): ReadonlyMap<string, ParameterValue> {
    const parameters = new Map<string, ParameterValue>();
    while (!this.#take("]")) {
      const name = this.#name("the name of a parameter or `]`");
      this.#expect("=");
      const start = this.#peek();
      const value = this.#atParameterEnd() ? undefined : this.#value();
      if (parameters.has(name.text)) this.#error(name, `the parameter ${name.text} is given twice`);
      parameters.set(name.text, value !== undefined && this.#atParameterEnd() ? value : this.#rest(start));
    }
    return parameters;
  }

  #atParameterEnd(): boolean {
    if (this.#take(",")) return true;
    return this.#at("]") || (this.#peek().kind === "name" && this.#at("=", 1));
  }

  /** What is left of a parameter that is not understood, together with what was read of it. */
  #rest(start: Token): ParameterValue {
    while (!this.#atParameterEnd()) this.#skip();
    return { kind: "opaque", text: this.#text.slice(start.start, this.#before().end) };
  }

  #value(): ParameterValue {
    return this.#nested(() => {
      const token = this.#peek();
      if (token.kind === "number") return { kind: "number", value: numberOf(this.#next().text) };
      if (token.kind === "string") return { kind: "string", text: this.#next().text.slice(1, -1) };
      if (this.#at("{") && this.#at("lambda", 1)) return { kind: "jaxpr", jaxpr: this.#jaxpr() };
      if (this.#at("let") && this.#at("=", 2)) return { kind: "jaxpr", jaxpr: this.#module() };
      if (token.kind === "name") return this.#named();
      if (this.#at("(") || this.#at("[")) return { kind: "sequence", items: this.#items().items };
      return { kind: "opaque", text: this.#skip() };
    });
  }

  /** A dotted name, or the call of one. */
  #named(): ParameterValue {
    let text = this.#next().text;
    while (this.#at(".") && this.#peek(1).kind === "name") text += this.#next().text + this.#next().text;
    if (!this.#at("(")) return { kind: "name", text };
    const { items, named } = this.#items();
    const [item] = items;
    if (/(^|\.)(u?int|float)\d*_?$/.test(text) && items.length === 1 && item?.kind === "number") return item;
    return { kind: "call", callee: text, items, named };
  }

  /** The items of a bracketed list, separated by commas or blanks, and those with a name. */
  #items(): { items: ParameterValue[]; named: Map<string, ParameterValue> } {
    const open = this.#next();
    const closing = CLOSING.get(open.text) ?? ")";
    const items: ParameterValue[] = [];
    const named = new Map<string, ParameterValue>();
    while (!this.#take(closing)) {
      if (this.#peek().kind === "end")
        this.#fail(`\`${closing}\` for the \`${open.text}\` in line ${open.line}`);
      if (this.#take(",")) continue;
      if (this.#peek().kind === "name" && this.#at("=", 1)) {
        const name = this.#next().text;
        this.#next();
        named.set(name, this.#value());
      } else items.push(this.#value());
    }
    return { items, named };
  }

  /** Passes one token, or a whole bracket; returns its text. */
  #skip(): string {
    if (this.#peek().kind === "end") this.#fail("the rest of the parameters and `]`");
    return CLOSING.has(this.#peek().text) ? this.#balanced() : this.#next().text;
  }

  /** Passes a bracket with all that it holds, and returns it on one line; `<` and `>` count only among themselves. */
  #balanced(): string {
    const open = this.#peek();
    const angle = open.text === "<";
    const expected: string[] = [];
    do {
      const { kind, text } = this.#peek();
      if (kind === "end") this.#fail(`\`${expected.at(-1)}\` for the \`${open.text}\` in line ${open.line}`);
      const closing = angle === (text === "<") ? CLOSING.get(text) : undefined;
      if (closing !== undefined) expected.push(closing);
      else if (text === expected.at(-1)) expected.pop();
      this.#next();
    } while (expected.length > 0);
    return this.#text.slice(open.start, this.#before().end).replace(/\s+/g, " ");
  }

  #nested<T>(parse: () => T): T {
    if (this.#depth >= MAXIMAL_DEPTH) this.#error(this.#peek(), `nested more than ${MAXIMAL_DEPTH} deep`);
    this.#depth++;
    const result = parse();
    this.#depth--;
    return result;
  }

  #peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw new RangeError("a token list ends with `end`");
    return token;
  }

  #before(): Token {
    return this.#tokens[this.#position - 1] ?? this.#peek();
  }

  #next(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#position++;
    return token;
  }

  #at(text: string, ahead = 0): boolean {
    return this.#peek(ahead).text === text;
  }

  #take(text: string): boolean {
    if (!this.#at(text)) return false;
    this.#next();
    return true;
  }

  #expect(text: string): Token {
    return this.#at(text) ? this.#next() : this.#fail(`\`${text}\``);
  }

  #name(what: string): Token {
    return this.#peek().kind === "name" ? this.#next() : this.#fail(what);
  }

  #fail(expected: string): never {
    const token = this.#peek();
    if (token.kind === "end")
      this.#error(token, `the text ends where ${expected} was expected: was it cut off?`);
    this.#error(token, `expected ${expected}, found \`${token.text}\``);
  }

  #error(token: Token, message: string): never {
    throw new InputError(message, placeOf(token, this.#source));
  }
}

/** The value of a Python number as JAX prints it. */
export function numberOf(text: string): number {
  if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
  return text.endsWith("nan") ? NaN : Number(text);
}
