/**
 * Linearization: a Program becomes its computational graph and the code of its local partials.
 *
 * The graph keeps the program's own equations as vertices. The values of the edges are emitted into one simplifying builder together
 * with the function itself, so that equal partials are one value, numbered in the graph.
 */

import { InputError } from "../errors.ts";
import type {
  ComputationalGraph,
  EdgeTerm,
  GraphEdge,
  GraphVertex,
  KnownValue,
  TermValue,
} from "../graph/graph.ts";
import { addTerm, type Term, type ValueOperations } from "../graph/terms.ts";
import { constantValue, negated } from "../graph/values.ts";
import type { LocalPartial, Primitive } from "../program/primitive.ts";
import { primitives } from "../program/primitives/index.ts";
import type { Equation, Operand, Output, Program } from "../program/program.ts";
import { liveEquations, replay, SimplifyingBuilder } from "../program/simplify.ts";
import { isFloating, sameShape } from "../program/type.ts";
import { identityStructure, structureKey } from "../structure/structure.ts";
import { emitRearranged } from "./emission.ts";

/** Which part of the Jacobian is wanted: positions in `program.inputs` and `program.outputs`; all floating ones by default. */
export interface JacobianScope {
  readonly wrt?: readonly number[];
  readonly outputs?: readonly number[];
}

/** A linearized program: the graph, and the builder that holds the function and its local partials. */
export interface Linearization {
  readonly graph: ComputationalGraph;
  readonly builder: SimplifyingBuilder;
  /** The operand in the builder of each numbered value of the graph. */
  readonly values: readonly Operand[];
  /** The positions in `program.inputs` and `program.outputs` that the Jacobian's columns and rows stand for. */
  readonly wrt: readonly number[];
  readonly wanted: readonly number[];
  /** The wanted outputs of the function, as operands in the builder. */
  readonly outputs: readonly Output[];
  /** Number of equations of the builder that belong to the function; those of the local partials follow. */
  readonly functionEquations: number;
}

/** A local Jacobian with its values as operands in the builder. */
interface LocalEdge {
  readonly from: number;
  readonly to: number;
  readonly partials: readonly LocalPartial[];
}

/**
 * Linearizes a program.
 *
 * @throws InputError if `wrt` or `outputs` name positions that do not exist or are not floating
 */
export function linearize(program: Program, scope: JacobianScope = {}): Linearization {
  const wrt =
    scope.wrt ?? program.inputs.flatMap(({ type }, index) => (isFloating(type.dtype) ? [index] : []));
  const wanted = scope.outputs ?? program.outputs.map((_, index) => index);
  checkPositions("wrt", wrt, program.inputs.length);
  checkPositions("outputs", wanted, program.outputs.length);

  const builder = new SimplifyingBuilder();
  const operands: Operand[] = [];
  const replayed = replay(program, builder, operands);
  const functionEquations = builder.equationCount;
  const edges = localEdges(program, wrt, builder, operands);
  const outputs = wanted.flatMap((position) => program.outputs[position] ?? []);
  const graph = buildGraph(program, wrt, outputs, edges, builder, operands);
  return {
    ...graph,
    builder,
    wrt,
    wanted,
    outputs: wanted.flatMap((position) => replayed[position] ?? []),
    functionEquations,
  };
}

function checkPositions(what: string, positions: readonly number[], count: number): void {
  const seen = new Set<number>();
  for (const position of positions) {
    if (!Number.isInteger(position) || position < 0 || position >= count)
      throw new InputError(`${what}: ${position} is not a position from 0 to ${count - 1}`);
    if (seen.has(position)) throw new InputError(`${what}: position ${position} occurs twice`);
    seen.add(position);
  }
}

/** The local Jacobians of all equations that depend on the wanted inputs; `from` and `to` are variables of the program. */
function localEdges(
  program: Program,
  wrt: readonly number[],
  builder: SimplifyingBuilder,
  operands: readonly Operand[],
): LocalEdge[] {
  const active = new Set(wrt);
  const edges: LocalEdge[] = [];
  program.equations.forEach((equation, index) => {
    const to = program.inputs.length + index;
    const result = operands[to];
    const depends = equation.operands.some(
      (operand) => operand.kind === "variable" && active.has(operand.variable),
    );
    if (!depends || result === undefined || !isFloating(equation.type.dtype)) return;
    const partials = partialsOf(equation, builder, operands, result);
    const byOperand = new Map<number, readonly LocalPartial[]>();
    equation.operands.forEach((operand, position) => {
      if (operand.kind === "literal" || !active.has(operand.variable)) return;
      const terms = (partials[position] ?? []).reduce(
        (sum, term) => addPartial(sum, term, builder),
        byOperand.get(operand.variable) ?? [],
      );
      byOperand.set(operand.variable, terms);
    });
    for (const [from, terms] of byOperand) if (terms.length > 0) edges.push({ from, to, partials: terms });
    if (edges.at(-1)?.to === to) active.add(to);
  });
  return edges;
}

function partialsOf(
  equation: Equation,
  emitter: SimplifyingBuilder,
  values: readonly Operand[],
  result: Operand,
): readonly (readonly LocalPartial[])[] {
  const operands = equation.operands.map((operand) =>
    operand.kind === "literal" ? operand : (values[operand.variable] ?? operand),
  );
  const rule = primitives[equation.primitive] as Primitive<unknown>;
  return rule.partials({ emitter, operands, result, parameters: equation.parameters });
}

/** The value of a local partial while an edge is put together; `counted` matters only for literals, arrays count as what they are. */
interface PartialValue {
  readonly operand: Operand;
  readonly counted: readonly number[] | null;
}

/** Adds a term to the terms of an edge: an operand that is used twice has several. */
function addPartial(
  terms: readonly LocalPartial[],
  term: LocalPartial,
  builder: SimplifyingBuilder,
): readonly LocalPartial[] {
  if (isZero(term.value) || term.structure.extents.includes(0)) return terms;
  return addTerm(terms.map(termOf), termOf(term), partialOperations(builder)).map(
    ({ structure, labels, value: { operand, counted } }) => ({
      structure,
      counted: operand.kind === "literal" ? counted : labels,
      value: operand,
    }),
  );
}

function termOf({ structure, counted, value }: LocalPartial): Term<PartialValue> {
  const labels = value.kind === "literal" ? [] : (counted ?? []);
  return { structure, key: structureKey(structure), labels, value: { operand: value, counted } };
}

function partialOperations(builder: SimplifyingBuilder): ValueOperations<PartialValue> {
  return {
    isConstant: ({ operand }) => operand.kind === "literal",
    rearranged: ({ operand }, structure) => ({
      operand: emitRearranged(builder, operand, structure),
      counted: null,
    }),
    sum(left, right) {
      const operand = builder.emit("add", [left.operand, right.operand]);
      const counted =
        left.counted === null && right.counted === null
          ? null
          : [...new Set([...(left.counted ?? []), ...(right.counted ?? [])])].sort((a, b) => a - b);
      return isZero(operand) ? null : { operand, counted };
    },
    contraction() {
      throw new Error("local partials are added, not multiplied");
    },
  };
}

function isZero(value: Operand): boolean {
  return value.kind === "literal" && value.value === 0;
}

/** Prunes to what lies between inputs and outputs, splits outputs that are used inside, numbers nodes and values. */
function buildGraph(
  program: Program,
  wrt: readonly number[],
  outputs: readonly Output[],
  edges: readonly LocalEdge[],
  builder: SimplifyingBuilder,
  operands: readonly Operand[],
): Pick<Linearization, "graph" | "values"> {
  const active = new Set([...wrt, ...edges.map(({ to }) => to)]);
  const reaching = new Set<number>();
  for (const { operand } of outputs)
    if (operand.kind === "variable" && active.has(operand.variable)) reaching.add(operand.variable);
  for (const { from, to } of edges.toReversed()) if (reaching.has(to)) reaching.add(from);
  const live = edges.filter(({ to }) => reaching.has(to));

  const nodeOf = new Map<number, number>(wrt.map((variable, node) => [variable, node]));
  const vertices: GraphVertex[] = [];
  program.equations.forEach((equation, index) => {
    const variable = program.inputs.length + index;
    if (!reaching.has(variable) || !active.has(variable)) return;
    nodeOf.set(variable, wrt.length + vertices.length);
    vertices.push({
      equation: index + 1,
      name: equation.name ?? `e${index + 1}`,
      shape: equation.type.shape,
    });
  });

  const numbering = new ValueNumbering(builder);
  const graphEdges: GraphEdge[] = live.map(({ from, to, partials }) => ({
    from: nodeOf.get(from) ?? -1,
    to: nodeOf.get(to) ?? -1,
    terms: partials.map(
      ({ structure, counted, value }): EdgeTerm => ({ structure, counted, value: numbering.number(value) }),
    ),
  }));

  // An output is a sink: one that is used inside, occurs twice or is an input becomes an intermediate with copies as outputs.
  const used = new Set(live.map(({ from }) => from));
  const occurrences = (variable: number) =>
    outputs.filter(({ operand }) => operand.kind === "variable" && operand.variable === variable).length;
  const outputNodes = outputs.map(({ name, operand }): number | null => {
    if (operand.kind === "literal" || !active.has(operand.variable)) return null;
    const { variable } = operand;
    const node = nodeOf.get(variable) ?? -1;
    if (variable >= program.inputs.length && !used.has(variable) && occurrences(variable) === 1) return node;
    const copy = wrt.length + vertices.length;
    const { shape } = builder.typeOf(operands[variable] ?? operand);
    vertices.push({ equation: null, name, shape });
    graphEdges.push({ from: node, to: copy, terms: [identityTerm(shape)] });
    return copy;
  });

  graphEdges.sort((a, b) => a.to - b.to || a.from - b.from);
  const roots = [
    ...outputs.flatMap(({ operand }) =>
      operand.kind === "variable" ? (operands[operand.variable] ?? []) : [],
    ),
    ...live.flatMap(({ partials }) => partials.map(({ value }) => value)),
  ];
  const known = numbering.knownValues(roots);
  const graph: ComputationalGraph = {
    name: program.name,
    inputs: wrt.map((position) => ({
      name: program.inputs[position]?.name ?? "",
      shape: program.inputs[position]?.type.shape ?? [],
    })),
    vertices,
    edges: graphEdges,
    outputs: outputNodes,
    valueCount: numbering.values.length,
    known,
  };
  return { graph, values: numbering.values };
}

/** The derivative of a copy: pure structure, free in every count. */
function identityTerm(shape: readonly number[]): EdgeTerm {
  return { structure: identityStructure(shape), counted: null, value: constantValue(1) };
}

/** Numbers the values of the terms by first appearance; signs stay outside. */
class ValueNumbering {
  readonly values: Operand[] = [];
  readonly #numbers = new Map<number, number>();
  readonly #builder: SimplifyingBuilder;

  constructor(builder: SimplifyingBuilder) {
    this.#builder = builder;
  }

  number(operand: Operand): TermValue {
    return this.#lookup(operand, true) ?? constantValue(NaN);
  }

  /**
   * The products, sums and differences of numbered values among the equations that the roots need; their results are numbered too, so
   * that longer ones are found.
   */
  knownValues(roots: readonly Operand[]): KnownValue[] {
    const program = this.#builder.build("", []);
    const live = liveEquations(program, roots);
    const known: KnownValue[] = [];
    program.equations.forEach((equation, index) => {
      const kind = KNOWN_KINDS[equation.primitive];
      if (!live[index] || kind === undefined) return;
      const [first, second = first] = equation.operands;
      const left = first && this.#lookup(first, false);
      const right = second && this.#lookup(second, false);
      if (first === undefined || second === undefined || left === undefined || right === undefined) return;
      // An accumulation's elementwise products and sums do not broadcast arrays.
      const fits = [first, second].every(
        (operand) =>
          operand.kind === "literal" || sameShape(this.#builder.typeOf(operand).shape, equation.type.shape),
      );
      if (!fits) return;
      const result = this.number({ kind: "variable", variable: program.inputs.length + index });
      known.push({ kind, left, right, result });
    });
    return known;
  }

  #lookup(signed: Operand, mayAdd: boolean): TermValue | undefined {
    const { operand, negative } = this.#builder.unsigned(signed);
    if (operand.kind === "literal") return constantValue(negative ? -operand.value : operand.value);
    let value = this.#numbers.get(operand.variable);
    if (value === undefined) {
      if (!mayAdd) return undefined;
      value = this.values.push(operand) - 1;
      this.#numbers.set(operand.variable, value);
    }
    const positive: TermValue = { kind: "value", value, negative: false };
    return negative ? negated(positive) : positive;
  }
}

/** The primitives whose results an accumulation could need again. */
const KNOWN_KINDS: { readonly [name: string]: KnownValue["kind"] | undefined } = {
  mul: "product",
  square: "product",
  add: "sum",
  sub: "difference",
};
