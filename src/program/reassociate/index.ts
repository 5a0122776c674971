/**
 * Reassociation: the same scalar products in another order, so that more of them are computed once.
 *
 * Products are taken apart into their factors and divisors, constants gathered, signs carried to where they cost nothing, and common parts taken out greedily. All of
 * this is exact algebra and not exact arithmetic: results differ by rounding, and where products over- or underflow on the way. What
 * computes no product or sum of scalars is left as it is.
 */

import { literal, ProgramBuilder } from "../builder.ts";
import type { Equation, Operand, Program } from "../program.ts";
import { withoutDeadEquations } from "../simplify.ts";
import { type Atom, type Monomial, readMonomials } from "./monomials.ts";
import { sharePairs } from "./sharing.ts";

/** Programs of more equations are left as they are: chains of them would be too deep to walk. */
const LARGEST = 5000;

/** A program of the same function with fewer operations, or the given one if none was found. */
export function reassociate(program: Program): Program {
  if (program.equations.length > LARGEST) return program;
  const other = new Writer(program).write();
  return countOperations(other) < countOperations(program) ? other : program;
}

/** Primitives that compute nothing. */
const FREE: ReadonlySet<string> = new Set(["copy", "convert", "reshape", "broadcast", "stop_gradient"]);

/**
 * The arithmetic operations and calls of functions in a program. The power of a whole number counts the products of repeated squaring (and a quotient), all else that
 * computes counts one; an equation on arrays counts as one on scalars.
 */
export function countOperations({ equations }: Program): number {
  return equations.reduce((sum, equation) => sum + operationsOf(equation), 0);
}

function operationsOf(equation: Equation): number {
  if (FREE.has(equation.primitive)) return 0;
  if (equation.primitive !== "integer_pow") return 1;
  const { exponent } = equation.parameters;
  const bits = Math.abs(exponent).toString(2);
  const products = Math.max(0, bits.length - 1 + bits.replaceAll("0", "").length - 1);
  return products + (exponent < 0 ? 1 : 0);
}

/** A value, or its negative. */
interface Signed {
  readonly operand: Operand;
  readonly negative: boolean;
}

/** A factor that has been computed: its value, or that of its reciprocal. */
interface Computed extends Signed {
  readonly isDivisor: boolean;
}

/** Emits what the outputs need of a reading. */
class Writer {
  readonly #program: Program;
  readonly #builder = new ProgramBuilder();
  readonly #atoms: readonly Atom[];
  readonly #outputs: readonly Monomial[];
  readonly #pairs: readonly (readonly [number, number])[];
  /** By the factors of a product those that it is left with after sharing. */
  readonly #shared = new Map<string, readonly number[]>();
  readonly #computed = new Map<number, Computed>();
  /** Products by their factors. */
  readonly #products = new Map<string, Signed>();
  /** Negatives by the variable. */
  readonly #negatives = new Map<number, Operand>();
  /** Sums that are wanted with the other sign rather than as they are. */
  readonly #turned: ReadonlySet<number>;

  constructor(program: Program) {
    this.#program = program;
    const { atoms, outputs } = readMonomials(program);
    this.#atoms = atoms;
    this.#outputs = outputs;
    const { products, turned } = wanted(atoms, outputs);
    const sharing = sharePairs(products, atoms.length);
    this.#pairs = sharing.pairs;
    products.forEach((factors, index) => {
      this.#shared.set(factors.join("*"), sharing.products[index] ?? factors);
    });
    this.#turned = turned;
  }

  write(): Program {
    const { name, inputs, outputs, signature } = this.#program;
    for (const input of inputs) this.#builder.input(input.name, input.type);
    const results = outputs.map((output, index) => {
      const operand = this.#value(this.#outputs[index] ?? { negative: false, factors: [] });
      this.#builder.name(operand, output.name);
      return { name: output.name, operand };
    });
    return withoutDeadEquations(this.#builder.build(name, results, signature));
  }

  /** A monomial with its sign; a constant factor takes it. */
  #value(monomial: Monomial): Operand {
    const { operand, negative } = this.#unsigned(monomial, true);
    if (!negative) return operand;
    if (operand.kind === "literal") return literal(-operand.value, operand.dtype);
    const known = this.#negatives.get(operand.variable);
    if (known !== undefined) return known;
    const result = this.#builder.emit("neg", [operand]);
    this.#negatives.set(operand.variable, result);
    return result;
  }

  /** A monomial up to its sign: `operand`, or its negative. With `absorb`, a constant factor takes the sign where the product is new. */
  #unsigned(monomial: Monomial, absorb: boolean): Signed {
    const key = monomial.factors.join("*");
    const known = this.#products.get(key) ?? this.#product(key, monomial, absorb);
    this.#products.set(key, known);
    return { operand: known.operand, negative: known.negative !== monomial.negative };
  }

  /** The product of the factors, without the sign of the monomial. */
  #product(key: string, { negative, factors }: Monomial, absorb: boolean): Signed {
    const parts = (this.#shared.get(key) ?? factors).map((factor) => this.#factor(factor));
    const own = parts.filter((part) => part.negative).length % 2 === 1;
    const constant = parts.findIndex(({ operand, isDivisor }) => operand.kind === "literal" && !isDivisor);
    const found = parts[constant];
    const absorbs = absorb && own !== negative && found?.operand.kind === "literal";
    if (absorbs) parts[constant] = { ...found, operand: literal(-found.operand.value, found.operand.dtype) };
    const multiplied = (list: readonly Computed[]): Operand | undefined =>
      list
        .map(({ operand }) => operand)
        .reduce<Operand | undefined>(
          (left, right) => (left === undefined ? right : this.#multiply(left, right)),
          undefined,
        );
    const above = multiplied(parts.filter(({ isDivisor }) => !isDivisor));
    const below = multiplied(parts.filter(({ isDivisor }) => isDivisor));
    return { operand: this.#quotient(above, below), negative: own !== absorbs };
  }

  #multiply(left: Operand, right: Operand): Operand {
    const same = left.kind === "variable" && right.kind === "variable" && left.variable === right.variable;
    return same ? this.#builder.emit("square", [left]) : this.#builder.emit("mul", [left, right]);
  }

  #quotient(above: Operand | undefined, below: Operand | undefined): Operand {
    const one = literal(1, below === undefined ? "float64" : this.#builder.typeOf(below).dtype);
    return below === undefined ? (above ?? one) : this.#builder.emit("div", [above ?? one, below]);
  }

  #factor(number: number): Computed {
    const known = this.#computed.get(number);
    if (known !== undefined) return known;
    const computed = this.#compute(number);
    this.#computed.set(number, computed);
    return computed;
  }

  #compute(number: number): Computed {
    const pair = this.#pairs[number - this.#atoms.length];
    if (pair !== undefined) return this.#pair(this.#factor(pair[0]), this.#factor(pair[1]));
    const atom = this.#atoms[number];
    switch (atom?.kind) {
      case "operand":
        return { operand: atom.operand, negative: false, isDivisor: false };
      case "inverse":
        return { ...this.#factor(atom.of), isDivisor: true };
      case "call": {
        const operands = atom.operands.map((operand) => this.#value(operand));
        return { operand: this.#builder.append(atom.equation, operands), negative: false, isDivisor: false };
      }
      case "sum":
        return { ...this.#sum(atom.terms, this.#turned.has(number)), isDivisor: false };
      default:
        throw new RangeError(`there is no factor ${number}`);
    }
  }

  #pair(left: Computed, right: Computed): Computed {
    const negative = left.negative !== right.negative;
    if (left.isDivisor === right.isDivisor)
      return { operand: this.#multiply(left.operand, right.operand), negative, isDivisor: left.isDivisor };
    const [above, below] = left.isDivisor ? [right, left] : [left, right];
    return { operand: this.#quotient(above.operand, below.operand), negative, isDivisor: false };
  }

  /** The terms from a positive one on; all of them with the other sign if `turned`, or if there is no positive one. */
  #sum(terms: readonly Monomial[], turned: boolean): Signed {
    const parts = terms.map((term) => this.#unsigned(term, false));
    const flip = parts.every(({ negative }) => negative !== turned);
    const signed = parts.map((part) => ({ ...part, negative: part.negative !== (turned !== flip) }));
    const start = signed.findIndex(({ negative }) => !negative);
    const others = signed.filter((_, index) => index !== start);
    const operand = others.reduce<Operand>(
      (sum, part) => this.#builder.emit(part.negative ? "sub" : "add", [sum, part.operand]),
      signed[start]?.operand ?? literal(0),
    );
    return { operand, negative: turned !== flip };
  }
}

/** What the outputs need: all products of two factors and more, each once, and the sums of which the negative is wanted oftener than the value. */
function wanted(
  atoms: readonly Atom[],
  outputs: readonly Monomial[],
): { readonly products: readonly (readonly number[])[]; readonly turned: ReadonlySet<number> } {
  const products = new Map<string, readonly number[]>();
  const votes = new Map<number, number>();
  const seen = new Set<number>();
  const stack = [...outputs];
  const vote = ({ negative, factors }: Monomial) => {
    const [factor = -1] = factors;
    if (factors.length === 1 && atoms[factor]?.kind === "sum")
      votes.set(factor, (votes.get(factor) ?? 0) + (negative ? 1 : -1));
  };
  for (const output of outputs) vote(output);
  for (let monomial = stack.pop(); monomial !== undefined; monomial = stack.pop()) {
    const { factors } = monomial;
    if (factors.length > 1) products.set(factors.join("*"), factors);
    const waiting = [...factors];
    for (let factor = waiting.pop(); factor !== undefined; factor = waiting.pop()) {
      if (seen.has(factor)) continue;
      seen.add(factor);
      const atom = atoms[factor];
      if (atom?.kind === "inverse") waiting.push(atom.of);
      else if (atom?.kind === "sum") stack.push(...atom.terms);
      else if (atom?.kind === "call") {
        stack.push(...atom.operands);
        for (const operand of atom.operands) vote(operand);
      }
    }
  }
  const turned = [...votes].filter(([, balance]) => balance > 0).map(([factor]) => factor);
  return { products: [...products.values()], turned: new Set(turned) };
}
