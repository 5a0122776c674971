/**
 * Recipes: what it takes to add the product of two edges to a third, whatever their values are.
 *
 * The terms of an edge are a *form* (their structures, the labels of their values, their constants), interned as a number, and a value for each term that is no
 * constant. For three forms a recipe says step by step how their values are multiplied, added and rearranged, and which form comes of it. It is
 * recorded once, by the reference's own algebra at work on registers instead of values, and from then on only carried out.
 *
 * Where a step gives a constant unexpectedly (a sum cancels), another recipe is carried out that was recorded with this outcome.
 */

import type { EdgeTerm } from "../graph/graph.ts";
import { addTerm, productOfTerms, type Term } from "../graph/terms.ts";
import { structureKey } from "../structure/structure.ts";
import {
  CONTRACTION,
  NEGATION,
  PRODUCT,
  REARRANGEMENT,
  type Recorded,
  Recorder,
  STEP,
  SUM,
  VALUE,
} from "./recorder.ts";
import { isConstantCode, type StructuredValues } from "./structuredValues.ts";
import { TripleTable } from "./tripleTable.ts";

/** The form without terms: no edge. */
export const NO_TERMS = 0;

/** What is recorded, and what was recorded with other outcomes. */
interface Recipe {
  /** The forms of the edge to add to, and of those to multiply. */
  readonly present: number;
  readonly outgoing: number;
  readonly incoming: number;
  /** Codes of the constants that steps give, by step. */
  readonly outcomes: ReadonlyMap<number, number>;
  /** Where the recipe begins in which a step gives this (see `deviation`). */
  readonly variants: Map<number, number>;
}

/** Integers of a recipe before its steps: its number, how many steps, the first step's register, the resulting form, whether it changes anything. */
const HEADER = 5;

export class Recipes {
  /** The codes that a recipe is carried out on: of the present edge, the outgoing one, the incoming one; then what each step gives. */
  registers = new Int32Array(256);
  readonly #values: StructuredValues;
  readonly #forms: (readonly Term<Recorded>[])[] = [];
  readonly #formOf = new Map<string, number>();
  /** How many values each form has. */
  readonly #counts: number[] = [];
  readonly #recipes: Recipe[] = [];
  readonly #starts = new TripleTable();
  /** The recipes one after the other: header, steps, the registers of the result's values. */
  #memory = new Int32Array(4096);
  #end = 0;

  constructor(values: StructuredValues) {
    this.#values = values;
    this.#intern([]);
  }

  /** The form of the terms of an original edge, and the codes of its values. */
  original(terms: readonly EdgeTerm[]): { readonly form: number; readonly codes: readonly number[] } {
    const codes: number[] = [];
    const recorded = terms.map(({ structure, counted, value }): Term<Recorded> => {
      const key = structureKey(structure);
      if (value.kind === "constant") return { structure, key, labels: [], value };
      const register = codes.push(this.#values.code(value)) - 1;
      return { structure, key, labels: counted ?? [], value: { kind: "register", register } };
    });
    return { form: this.#intern(recorded), codes };
  }

  /** How many values an edge of a form has. */
  count(form: number): number {
    return this.#counts[form] as number;
  }

  /** Where the recipe for these forms begins. */
  find(present: number, outgoing: number, incoming: number): number {
    const start = this.#starts.get(present, outgoing, incoming);
    if (start >= 0) return start;
    const recipe = { present, outgoing, incoming, outcomes: new Map(), variants: new Map() };
    const recorded = this.#record(recipe);
    this.#starts.add(present, outgoing, incoming, recorded);
    return recorded;
  }

  /** Whether anything comes of a recipe. */
  changes(start: number): boolean {
    return this.#memory[start + 4] === 1;
  }

  /** The form of what comes of a recipe. */
  result(start: number): number {
    return this.#memory[start + 3] as number;
  }

  /** Writes the codes of the values that came of a recipe. */
  read(start: number, into: Int32Array, place: number): void {
    const registers = this.registers;
    const memory = this.#memory;
    const first = start + HEADER + STEP * (memory[start + 1] as number);
    const count = this.count(memory[start + 3] as number);
    for (let value = 0; value < count; value++)
      into[place + value] = registers[memory[first + value] as number] as number;
  }

  /**
   * Carries a recipe out on the registers.
   *
   * @returns where the recipe begins that was carried out to its end: this one or one with other outcomes
   */
  run(start: number): number {
    const memory = this.#memory;
    const values = this.#values;
    const registers = this.registers;
    const first = start + HEADER;
    const end = first + STEP * (memory[start + 1] as number);
    let register = memory[start + 2] as number;
    for (let place = first; place < end; place += STEP) {
      const what = memory[place] as number;
      const a = registers[memory[place + 1] as number] as number;
      const b = registers[memory[place + 2] as number] as number;
      const c = memory[place + 3] as number;
      let code = c;
      if (what <= SUM) {
        code = what === PRODUCT ? values.product(a, b) : values.sum(a, b);
        const outcome = isConstantCode(code) ? code : VALUE;
        if (outcome !== c) return this.run(this.#variant(start, (place - first) / STEP, outcome));
      } else if (what === CONTRACTION) code = values.contraction(a, b, c, memory[place + 4] as number);
      else if (what === REARRANGEMENT) code = values.rearrangement(a, c);
      else if (what === NEGATION) code = a ^ 1;
      registers[register++] = code;
    }
    return start;
  }

  /** Where the recipe begins that differs from this one in what a step gives, and perhaps after it. */
  #variant(start: number, step: number, outcome: number): number {
    const recipe = this.#recipes[this.#memory[start] as number] as Recipe;
    const deviation = step * 2 ** 32 + outcome;
    let variant = recipe.variants.get(deviation);
    if (variant === undefined) {
      const outcomes = new Map([...recipe.outcomes].filter(([other]) => other < step));
      if (outcome !== VALUE) outcomes.set(step, outcome);
      variant = this.#record({ ...recipe, outcomes, variants: new Map() });
      recipe.variants.set(deviation, variant);
    }
    return variant;
  }

  /** Records a recipe as `eliminate` in `graph/elimination.ts` does it; where it begins. */
  #record(recipe: Recipe): number {
    const [present, outgoing, incoming] = this.#inRegisters(recipe);
    const first = [recipe.present, recipe.outgoing, recipe.incoming].reduce(
      (sum, form) => sum + this.count(form),
      0,
    );
    const recorder = new Recorder(this.#values, first, recipe.outcomes);
    let terms = present;
    for (const outer of outgoing)
      for (const inner of incoming) {
        const product = productOfTerms(outer, inner, recorder);
        if (product !== null) terms = addTerm(terms, product, recorder);
      }
    const { steps } = recorder;
    const results = registersOf(terms);
    const form = this.#intern(terms);
    const isSame = form === recipe.present && results.every((register, place) => register === place);
    const start = this.#end;
    const header = [this.#recipes.push(recipe) - 1, steps.length / STEP, first, form, isSame ? 0 : 1];
    this.#write([...header, ...steps, ...results]);
    this.#makeRoom(first + steps.length / STEP);
    return start;
  }

  /** The terms of three edges, their values in registers one after the other. */
  #inRegisters({ present, outgoing, incoming }: Recipe): [Terms, Terms, Terms] {
    let next = 0;
    const terms = (form: number): Terms =>
      (this.#forms[form] ?? []).map((term) =>
        term.value.kind === "constant" ? term : { ...term, value: { kind: "register", register: next++ } },
      );
    return [terms(present), terms(outgoing), terms(incoming)];
  }

  #intern(terms: Terms): number {
    const key = terms
      .map(
        ({ key, labels, value }) =>
          `${key}:${labels}:${value.kind === "constant" ? value.constant : "value"}`,
      )
      .join(";");
    let form = this.#formOf.get(key);
    if (form === undefined) {
      form = this.#forms.push(terms) - 1;
      this.#counts.push(registersOf(terms).length);
      this.#formOf.set(key, form);
    }
    return form;
  }

  #write(integers: readonly number[]): void {
    const end = this.#end + integers.length;
    if (end > this.#memory.length) {
      const memory = new Int32Array(2 * end);
      memory.set(this.#memory);
      this.#memory = memory;
    }
    this.#memory.set(integers, this.#end);
    this.#end = end;
  }

  #makeRoom(registers: number): void {
    if (registers <= this.registers.length) return;
    const more = new Int32Array(2 * registers);
    more.set(this.registers);
    this.registers = more;
  }
}

type Terms = readonly Term<Recorded>[];

/** Of the terms that are no constants. */
function registersOf(terms: Terms): number[] {
  return terms.flatMap(({ value }) => (value.kind === "register" ? [value.register] : []));
}
