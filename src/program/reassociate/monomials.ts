/** The values of a program as signed products of atoms, where scalars are multiplied, divided, squared or change their sign. */

import { type Equation, type Operand, operandType, type Program } from "../program.ts";
import { isFloating } from "../type.ts";

/** A signed product of atoms by number, ascending; the empty product is 1. */
export interface Monomial {
  readonly negative: boolean;
  readonly factors: readonly number[];
}

/** What is not taken apart. */
export type Atom =
  /** An input, or a positive constant. */
  | { readonly kind: "operand"; readonly operand: Operand }
  | { readonly kind: "inverse"; readonly of: number }
  /** What any other primitive gives. */
  | { readonly kind: "call"; readonly equation: Equation; readonly operands: readonly Monomial[] }
  /** Two terms or more. */
  | { readonly kind: "sum"; readonly terms: readonly Monomial[] };

/** A program in monomials. */
export interface Reading {
  readonly atoms: readonly Atom[];
  readonly outputs: readonly Monomial[];
}

/** Powers of larger exponents stay calls. */
const LARGEST_EXPONENT = 16;

/** Reads a program. Sums that are used once, in another sum, are part of it. */
export function readMonomials(program: Program): Reading {
  const reader = new Reader(program);
  return { outputs: program.outputs.map(({ operand }) => reader.monomial(operand)), atoms: reader.atoms };
}

class Reader {
  readonly atoms: Atom[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #values: Monomial[] = [];
  readonly #uses: Int32Array;

  constructor(program: Program) {
    const { inputs, equations, outputs } = program;
    this.#uses = new Int32Array(inputs.length + equations.length);
    for (const operand of [
      ...equations.flatMap(({ operands }) => operands),
      ...outputs.map((o) => o.operand),
    ])
      if (operand.kind === "variable") this.#uses[operand.variable] = (this.#uses[operand.variable] ?? 0) + 1;
    inputs.forEach((_, variable) => {
      this.#values.push(
        this.#single({ kind: "operand", operand: { kind: "variable", variable } }, `i${variable}`),
      );
    });
    for (const equation of equations) this.#values.push(this.#read(program, equation));
  }

  monomial(operand: Operand): Monomial {
    if (operand.kind === "variable")
      return this.#values[operand.variable] ?? this.#constant(Number.NaN, operand);
    return this.#constant(operand.value, operand);
  }

  /** A constant as a sign and a positive atom; zeros, infinities and NaN as they are. */
  #constant(value: number, like: Operand): Monomial {
    if (value === 1) return { negative: false, factors: [] };
    const dtype = like.kind === "literal" ? like.dtype : "float64";
    const negative = value < 0;
    const operand = { kind: "literal", value: negative ? -value : value, dtype } as const;
    if (negative && value === -1) return { negative, factors: [] };
    return { ...this.#single({ kind: "operand", operand }, `c${dtype}${operand.value}`), negative };
  }

  #single(atom: Atom, key: string): Monomial {
    const known = this.#numbers.get(key);
    if (known !== undefined) return { negative: false, factors: [known] };
    const number = this.atoms.push(atom) - 1;
    this.#numbers.set(key, number);
    return { negative: false, factors: [number] };
  }

  #read(program: Program, equation: Equation): Monomial {
    const types = [equation.type, ...equation.operands.map((operand) => operandType(program, operand))];
    const operands = equation.operands.map((operand) => this.monomial(operand));
    const [x = ONE, y = ONE] = operands;
    if (types.every(({ shape, dtype }) => shape.length === 0 && isFloating(dtype)))
      switch (equation.primitive) {
        case "mul":
          return this.#product([x, y]);
        case "neg":
          return { ...x, negative: !x.negative };
        case "square":
          return this.#product([x, x]);
        case "integer_pow": {
          const { exponent } = equation.parameters;
          if (exponent === 0 || Math.abs(exponent) > LARGEST_EXPONENT) break;
          const power = this.#product(new Array<Monomial>(Math.abs(exponent)).fill(x));
          return exponent > 0 ? power : this.#inverse(power);
        }
        case "div":
          return this.#product([x, this.#inverse(y)]);
        case "add":
        case "sub":
          return this.#sum(equation, [x, equation.primitive === "add" ? y : { ...y, negative: !y.negative }]);
      }
    const parameters = JSON.stringify(equation.parameters);
    const key = `${equation.primitive}${parameters}(${operands.map(keyOf).join(" ")})`;
    return this.#single({ kind: "call", equation, operands }, key);
  }

  /** The product, its finite constants as one. */
  #product(parts: readonly Monomial[]): Monomial {
    const negative = parts.filter((part) => part.negative).length % 2 === 1;
    let constant = 1;
    let like: Operand | null = null;
    const factors: number[] = [];
    for (const factor of parts.flatMap((part) => part.factors)) {
      const atom = this.atoms[factor];
      if (atom?.kind === "operand" && atom.operand.kind === "literal") {
        constant *= atom.operand.value;
        like = atom.operand;
      } else factors.push(factor);
    }
    const scale = like === null ? ONE : this.#constant(constant, like);
    return {
      negative: negative !== scale.negative,
      factors: [...factors, ...scale.factors].sort((a, b) => a - b),
    };
  }

  #inverse({ negative, factors }: Monomial): Monomial {
    const inverses = factors.map((factor): Monomial => {
      const atom = this.atoms[factor];
      if (atom?.kind === "inverse") return { negative: false, factors: [atom.of] };
      if (atom?.kind === "operand" && atom.operand.kind === "literal")
        return this.#constant(1 / atom.operand.value, atom.operand);
      return this.#single({ kind: "inverse", of: factor }, `1/${factor}`);
    });
    const product = this.#product(inverses);
    return { ...product, negative: product.negative !== negative };
  }

  /** A sum, its terms in an order of their own, so that equal sums, or such as differ in sign, are one atom. */
  #sum({ operands }: Equation, parts: readonly Monomial[]): Monomial {
    const terms = parts
      .flatMap((part, index): readonly Monomial[] => {
        const [factor = -1] = part.factors;
        const atom = part.factors.length === 1 ? this.atoms[factor] : undefined;
        const operand = operands[index];
        const usedOnce = operand?.kind === "variable" && this.#uses[operand.variable] === 1;
        if (atom?.kind !== "sum" || !usedOnce) return [part];
        return atom.terms.map((term) => ({ ...term, negative: term.negative !== part.negative }));
      })
      .map((term) => ({ term, key: term.factors.join("*") }))
      .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
      .map(({ term }) => term);
    const negative = terms[0]?.negative ?? false;
    const upright = negative ? terms.map((term) => ({ ...term, negative: !term.negative })) : terms;
    return {
      ...this.#single({ kind: "sum", terms: upright }, `+(${upright.map(keyOf).join(" ")})`),
      negative,
    };
  }
}

const ONE: Monomial = { negative: false, factors: [] };

/** The monomial as text: equal texts, equal monomials. */
export function keyOf({ negative, factors }: Monomial): string {
  return `${negative ? "-" : "+"}${factors.join("*")}`;
}
