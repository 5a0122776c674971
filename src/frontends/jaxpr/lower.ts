/**
 * Lowering: the syntax tree of a jaxpr to a Program. Names become variables, calls are replaced by what they call, types are checked.
 *
 * Each equation of a jaxpr without calls becomes one equation of the Program, dead and constant ones too, so that equation numbers are
 * those of the printed text; with loops, which are unrolled, dead equations are left out. What is not supported does not stop the work: it
 * is noted, its results get their printed types, and all is reported in one message.
 */

import { InputError } from "../../errors.ts";
import { ProgramBuilder } from "../../program/builder.ts";
import type { Literal, Operand, Program } from "../../program/program.ts";
import { withoutDeadEquations } from "../../program/simplify.ts";
import { type DType, isFloating, sameShape, sizeOf, type TensorType, typeText } from "../../program/type.ts";
import { constantOperand, constantsOf, flatNumbers, foldingEmit, type NestedNumbers } from "./constants.ts";
import { dtypeNamed } from "./parameters.ts";
import { CALLED_JAXPR, CALLS, rules, SIGN_READERS } from "./primitives.ts";
import { type ControlUse, Incomplete, Unsupported } from "./rule.ts";
import { numberOf } from "./syntax.ts";
import { placeOf, type Token } from "./tokens.ts";
import type { Binder, Jaxpr, JaxprEquation, JaxprOperand, JaxprType, ParameterValue } from "./tree.ts";

/** Equations after inlining and unrolling, at most: calls within calls can double them at every level. */
const MAXIMAL_EQUATIONS = 100_000;

/** Calls within calls, at most. */
const MAXIMAL_DEPTH = 200;

/** The value of a name; undefined if it is not known because it comes from something unsupported. */
type Value = Operand | undefined;

/** The values of the names of one jaxpr. */
type Scope = Map<string, Value | "several">;
type ReadonlyScope = ReadonlyMap<string, Value | "several">;

/** What JAX prints for a result that is not used, and for a variable that becomes one in the jaxpr's caller. */
const DROPPED = "_";

/**
 * Builds the Program of a jaxpr.
 *
 * @param name the name of the Program
 * @param constants the values of the jaxpr's constants
 * @param source the name of the text, for errors
 * @throws InputError with the line of what is undefined, defined twice, of the wrong type, or not supported
 */
export function lower(
  jaxpr: Jaxpr,
  name: string,
  constants: readonly NestedNumbers[],
  source?: string,
): Program {
  return new Lowering(source).program(jaxpr, name, constants);
}

class Lowering {
  readonly #source: string | undefined;
  readonly #builder = new ProgramBuilder();
  readonly #constant = constantsOf(this.#builder);
  readonly #foldingEmit = foldingEmit(this.#builder);
  /** What is not supported, each with the place where it is met first. */
  readonly #unsupported = new Map<string, Token>();
  /** The jaxprs that are being inlined, outermost first. */
  readonly #active: Jaxpr[] = [];
  /** The values of the constants that jaxprs close over, as far as they are given. */
  readonly #constants = new Map<Binder, Value>();
  /** Floats by the variables that stand for their bits. */
  readonly #bits = new Map<number, Operand>();
  #equations = 0;
  /** Loops and branches around the present equation. */
  #loops = 0;
  #hasLoops = false;

  constructor(source: string | undefined) {
    this.#source = source;
  }

  program(jaxpr: Jaxpr, name: string, constants: readonly NestedNumbers[]): Program {
    const inputs = jaxpr.inputs.map((binder): Value => {
      const type = this.#inputType(binder);
      return type && this.#builder.input(binder.name, type);
    });
    const binders = closedOver(jaxpr);
    if (constants.length > binders.length)
      this.#fail(
        jaxpr.token,
        `the jaxpr has ${binders.length} constants, but the values of ${constants.length} are given`,
      );
    binders.slice(0, constants.length).forEach((binder, index) => {
      this.#constants.set(binder, this.#constantValue(binder, constants[index] ?? []));
    });
    const operands = this.#body(jaxpr, inputs);
    this.#reportUnsupported();
    const outputs = jaxpr.outputs.map((output, index) => {
      const operand = operands[index];
      if (operand === undefined) this.#fail(output.token, `${output.token.text} has no value`);
      return {
        name: output.kind === "name" && operand.kind === "variable" ? output.name : `output${index + 1}`,
        operand,
      };
    });
    const program = this.#builder.build(name, outputs);
    return this.#hasLoops ? withoutDeadEquations(program) : program;
  }

  #constantValue(binder: Binder, nested: NestedNumbers): Value {
    const type = this.#inputType(binder);
    if (type === undefined) return undefined;
    const numbers = Float64Array.from(flatNumbers(nested));
    if (numbers.length !== sizeOf(type.shape))
      this.#fail(
        binder.token,
        `the constant ${binder.name} is ${typeText(type)}, but ${numbers.length} numbers are given`,
      );
    return constantOperand(this.#builder, type.shape, numbers, type.dtype);
  }

  #inputType(binder: Binder): TensorType | undefined {
    if (binder.type === undefined)
      this.#fail(
        binder.token,
        `the input ${binder.name} has no type: print the jaxpr with types, \`${binder.name}:f32[]\``,
      );
    return this.#type(binder.type);
  }

  /** The values of the outputs of a jaxpr whose inputs have the given values. */
  #body(jaxpr: Jaxpr, inputs: readonly Value[]): readonly Value[] {
    this.#enter(jaxpr);
    const scope: Scope = new Map();
    for (const binder of jaxpr.constants) this.#define(scope, binder, this.#constants.get(binder));
    jaxpr.inputs.forEach((binder, index) => {
      this.#define(scope, binder, inputs[index]);
    });
    for (const equation of jaxpr.equations) {
      this.#count(equation.token);
      const values = this.#equation(jaxpr, equation, scope);
      equation.results.forEach((binder, index) => {
        this.#define(scope, binder, this.#checked(binder, values[index]));
      });
    }
    this.#active.pop();
    return jaxpr.outputs.map((output) => {
      const isDropped = output.kind === "name" && output.name === DROPPED && this.#active.length > 0;
      if (!isDropped) return this.#read(scope, output, undefined, undefined);
      const value = scope.get(DROPPED);
      return value === "several" ? undefined : value;
    });
  }

  #count(token: Token): void {
    if (++this.#equations <= MAXIMAL_EQUATIONS) return;
    const remedy = this.#hasLoops
      ? " calls and unrolling loops: take the Jacobian of one step of the loop"
      : " calls";
    this.#fail(token, `more than ${MAXIMAL_EQUATIONS} equations after inlining${remedy}`);
  }

  #enter(jaxpr: Jaxpr): void {
    if (this.#active.includes(jaxpr)) this.#fail(jaxpr.token, "the jaxpr calls itself");
    if (this.#active.length >= MAXIMAL_DEPTH)
      this.#fail(jaxpr.token, `calls within calls more than ${MAXIMAL_DEPTH} deep`);
    this.#active.push(jaxpr);
    const missing = jaxpr.constants.filter((binder) => !this.#constants.has(binder));
    if (missing.length === 0) return;
    const names = missing
      .map(({ name, type }) => (type === undefined ? name : `${name}:${typeSyntaxText(type)}`))
      .join(" ");
    const are =
      missing.length === 1
        ? `the constant ${names}, whose value is`
        : `the constants ${names}, whose values are`;
    this.#fail(
      missing[0]?.token ?? jaxpr.token,
      `the jaxpr has ${are} not in the text: give them with --constants (the option constants), or pass arrays as arguments of the function instead of closing over them`,
    );
  }

  #define(scope: Scope, { name, token }: Binder, value: Value): void {
    if (scope.has(name)) {
      if (name !== DROPPED) this.#fail(token, `variable ${name} is defined twice`);
      scope.set(name, "several");
    } else scope.set(name, value);
  }

  /** The values of an equation's results. */
  #equation(jaxpr: Jaxpr, equation: JaxprEquation, scope: ReadonlyScope): readonly Value[] {
    const { primitive, results, token } = equation;
    const printed = results.map(({ type }) => type && this.#type(type));
    const context = this.#literalDType(equation, scope);
    const operands = equation.operands.map((operand) => this.#read(scope, operand, context, printed[0]));
    if (CALLS.has(primitive)) return this.#call(jaxpr, equation, operands);
    const rule = rules.get(primitive);
    if (rule === undefined) return this.#note(primitive, token, printed);
    const known = operands.filter((operand) => operand !== undefined);
    const hasBits = known.some((operand) => operand.kind === "variable" && this.#bits.has(operand.variable));
    if (hasBits && !SIGN_READERS.has(primitive))
      return this.#note(`${primitive} on the bits of numbers that depend on the inputs`, token, printed);
    if (known.length < operands.length) return printed.map((type) => this.#placeholder(type));
    try {
      const values = rule(this.#use(jaxpr, equation, known, printed));
      if (values.length !== results.length)
        throw new InputError(`${primitive} has ${values.length} results, ${results.length} are printed`);
      values.forEach((value, index) => {
        const name = results[index]?.name;
        if (value !== undefined && name !== undefined && name !== "_") this.#builder.name(value, name);
      });
      return values;
    } catch (error) {
      if (error instanceof Incomplete) return printed.map((type) => this.#placeholder(type));
      if (error instanceof Unsupported) return this.#note(`${primitive} ${error.message}`, token, printed);
      if (error instanceof InputError && error.place === undefined)
        this.#fail(token, prefixed(primitive, error.message));
      throw error;
    }
  }

  /** Puts the called jaxpr in the place of the call. */
  #call(
    jaxpr: Jaxpr,
    { primitive, parameters, results, token }: JaxprEquation,
    operands: readonly Value[],
  ): readonly Value[] {
    const callee = this.#callee(jaxpr, parameters);
    if (callee === undefined)
      this.#fail(
        token,
        `${primitive}: expected the called jaxpr among the parameters (${CALLED_JAXPR.join(", ")})`,
      );
    if (callee.outputs.length !== results.length)
      this.#fail(
        token,
        `${primitive}: the called jaxpr has ${callee.outputs.length} outputs, ${results.length} results are printed`,
      );
    return this.#inlined(callee, operands, primitive, token);
  }

  /** The values of the outputs of a jaxpr for operands, which must be of the types of its inputs. */
  #inlined(callee: Jaxpr, operands: readonly Value[], primitive: string, token: Token): readonly Value[] {
    const { inputs } = callee;
    if (inputs.length !== operands.length)
      this.#fail(
        token,
        `${primitive}: the called jaxpr has ${inputs.length} inputs, got ${operands.length} operands`,
      );
    return this.#body(
      callee,
      operands.map((operand, index) => {
        const type = inputs[index]?.type && this.#type(inputs[index].type);
        if (operand === undefined || type === undefined) return operand;
        const given = this.#builder.typeOf(operand);
        const adapts = operand.kind === "literal" && isFloating(operand.dtype) === isFloating(type.dtype);
        if (adapts && type.shape.length === 0) return { ...operand, dtype: type.dtype };
        if (!sameType(given, type))
          this.#fail(
            token,
            `${primitive}: the called jaxpr expects ${typeText(type)} for ${inputs[index]?.name}, got ${typeText(given)}`,
          );
        return operand;
      }),
    );
  }

  #use(
    jaxpr: Jaxpr,
    { primitive, parameters, token }: JaxprEquation,
    operands: readonly Operand[],
    results: readonly (TensorType | undefined)[],
  ): ControlUse {
    const builder = this.#builder;
    return {
      operands,
      types: operands.map((operand) => builder.typeOf(operand)),
      results,
      parameters,
      emit: this.#loops > 0 ? this.#foldingEmit : builder.emit.bind(builder),
      typeOf: (operand) => builder.typeOf(operand),
      constant: this.#constant,
      bits: this.#bits,
      definitionOf: (operand) => builder.definitionOf(operand),
      jaxprOf(value, parameter) {
        const named = value?.kind === "name" ? jaxpr.definitions.get(value.text) : undefined;
        const found = value?.kind === "jaxpr" ? value.jaxpr : named;
        if (found === undefined) throw new InputError(`the parameter ${parameter} must be a jaxpr`);
        return found;
      },
      inline: (callee, values) => {
        this.#hasLoops = true;
        this.#count(token);
        this.#loops++;
        const outputs = this.#inlined(callee, values, primitive, token);
        this.#loops--;
        if (this.#unsupported.size > 0) throw new Incomplete();
        return outputs;
      },
    };
  }

  #callee(jaxpr: Jaxpr, parameters: JaxprEquation["parameters"]): Jaxpr | undefined {
    for (const name of CALLED_JAXPR) {
      const value = parameters.get(name);
      if (value?.kind === "jaxpr") return value.jaxpr;
      if (value?.kind === "name" && jaxpr.definitions.has(value.text))
        return jaxpr.definitions.get(value.text);
    }
    return undefined;
  }

  /** The value of a result, after a look at whether it has the type that is printed. */
  #checked(binder: Binder, value: Value): Value {
    const printed = binder.type && this.#type(binder.type);
    if (value === undefined || printed === undefined)
      return value ?? (this.#unsupported.size > 0 ? this.#placeholder(printed) : undefined);
    const type = this.#builder.typeOf(value);
    if (!sameType(type, printed))
      this.#fail(
        binder.token,
        `${binder.name} is printed as ${typeText(printed)}, but the equation gives ${typeText(type)}`,
      );
    return value;
  }

  #read(
    scope: ReadonlyScope,
    operand: JaxprOperand,
    context: DType | undefined,
    printed: TensorType | undefined,
  ): Value {
    const { token } = operand;
    if (operand.kind === "opaque") return this.#note(`the literal ${operand.text}`, token, [undefined])[0];
    const own = operand.type && this.#type(operand.type);
    if (operand.type !== undefined && own === undefined) return undefined;
    if (
      operand.kind === "name" &&
      scope.has(operand.name) &&
      !(operand.type !== undefined && isLiteralName(operand.name))
    ) {
      const value = scope.get(operand.name);
      if (value === "several")
        this.#fail(
          token,
          "several variables are printed as `_`, because the caller of this jaxpr drops them: let the function return all that it computes, or print it without jit",
        );
      if (value !== undefined && own !== undefined && !sameType(own, this.#builder.typeOf(value)))
        this.#fail(
          token,
          `${operand.name} is ${typeText(this.#builder.typeOf(value))}, not ${typeText(own)}`,
        );
      return value ?? this.#known(operand.name, token);
    }
    const text = operand.kind === "name" ? operand.name : operand.text;
    if (operand.kind === "name" && !isLiteralName(text)) this.#fail(token, `variable ${text} is not defined`);
    if (own !== undefined && own.shape.length > 0)
      this.#fail(token, `the literal ${text} must be a scalar, not ${typeText(own)}`);
    return literalOf(text, own?.dtype, context, printed?.dtype);
  }

  /** Names of what is unsupported have no value; without anything unsupported, a name without value was dropped by a called jaxpr. */
  #known(name: string, token: Token): undefined {
    if (this.#unsupported.size === 0)
      this.#fail(token, `variable ${name} has no value: the called jaxpr drops it`);
    return undefined;
  }

  /** The dtype that an unprinted one of a literal follows: that of the first operand that is a variable, bools aside. */
  #literalDType({ operands }: JaxprEquation, scope: ReadonlyScope): DType | undefined {
    let bool: DType | undefined;
    for (const operand of operands) {
      const value = operand.kind === "name" ? scope.get(operand.name) : undefined;
      if (value === undefined || value === "several") continue;
      const { dtype } = this.#builder.typeOf(value);
      if (dtype !== "bool") return dtype;
      bool = dtype;
    }
    return bool;
  }

  /** The type that is printed; undefined, and noted, if we have none such. */
  #type({ token, dtype, shape }: JaxprType): TensorType | undefined {
    const known = dtypeNamed(dtype);
    if (known !== undefined && shape !== undefined) return { shape, dtype: known };
    const what = known === undefined ? `values of type ${dtype}` : "shapes that are not numbers";
    if (!this.#unsupported.has(what)) this.#unsupported.set(what, token);
    return undefined;
  }

  /** Notes something unsupported and gives its results placeholders, so that the rest can be looked at. */
  #note(what: string, token: Token, results: readonly (TensorType | undefined)[]): readonly Value[] {
    if (!this.#unsupported.has(what)) this.#unsupported.set(what, token);
    return results.map((type) => this.#placeholder(type));
  }

  /** Any value of a type, in a Program that is not going to be used. */
  #placeholder(type: TensorType | undefined): Value {
    if (type === undefined) return undefined;
    const zero: Literal = { kind: "literal", value: 0, dtype: type.dtype };
    return this.#builder.emit("broadcast", [zero], { shape: type.shape, dimensions: [] });
  }

  #reportUnsupported(): void {
    const [head, ...tail] = [...this.#unsupported].sort(([, a], [, b]) => a.start - b.start);
    if (head === undefined) return;
    const list = [head[0], ...tail.map(([what, { line }]) => `${what} (line ${line})`)].join(", ");
    this.#fail(head[1], `not supported yet: ${list}`);
  }

  #fail(token: Token, message: string): never {
    throw new InputError(message, placeOf(token, this.#source));
  }
}

/** The constants of a jaxpr and of all that it calls, in the order of the equations that call them; each jaxpr once. */
function closedOver(jaxpr: Jaxpr): readonly Binder[] {
  const seen = new Set<Jaxpr>();
  const found: Binder[] = [];
  const visit = (called: Jaxpr): void => {
    if (seen.has(called)) return;
    seen.add(called);
    found.push(...called.constants);
    for (const { parameters } of called.equations)
      for (const [name, value] of parameters) if (name !== "name") visitValue(value, called.definitions);
  };
  const visitValue = (value: ParameterValue, definitions: Jaxpr["definitions"]): void => {
    if (value.kind === "jaxpr") visit(value.jaxpr);
    if (value.kind === "name") {
      const named = definitions.get(value.text);
      if (named !== undefined) visit(named);
    }
    if (value.kind === "sequence" || value.kind === "call")
      for (const item of value.items) visitValue(item, definitions);
    if (value.kind === "call") for (const item of value.named.values()) visitValue(item, definitions);
  };
  visit(jaxpr);
  return found;
}

function isLiteralName(text: string): boolean {
  return text === "inf" || text === "nan" || text === "True" || text === "False";
}

/** A literal of its printed dtype, or of one that fits its spelling and its equation. */
function literalOf(
  text: string,
  own: DType | undefined,
  context: DType | undefined,
  result: DType | undefined,
): Literal {
  if (text === "True" || text === "False")
    return { kind: "literal", value: text === "True" ? 1 : 0, dtype: own ?? "bool" };
  const whole = /^-?\d+$/.test(text);
  const fits = (dtype: DType | undefined) =>
    dtype !== undefined && dtype !== "bool" && isFloating(dtype) !== whole;
  const inferred = [context, result].find(fits) ?? (whole ? "int32" : "float32");
  return { kind: "literal", value: numberOf(text), dtype: own ?? inferred };
}

function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}

function typeSyntaxText({ dtype, shape }: JaxprType): string {
  return `${dtype}[${shape?.join(",") ?? "?"}]`;
}

/** The message with the primitive's name before it, once. */
function prefixed(primitive: string, message: string): string {
  return message.startsWith(`${primitive}: `) ? message : `${primitive}: ${message}`;
}
