/**
 * The paper's sparsity types (Lohoff & Neftci 2024; alphagrad's `vertexgame`): one number for the structure of a Jacobian of arrays of rank 2 at most,
 * derived from the structured terms instead of carried along by tables.
 *
 * The dims of a Jacobian are numbered 1, 2 (those of the result) and 3, 4 (those of the operand); what an array lacks of two dims are dims of size 1
 * at its end. Two dims are *tied* if they share a label: a diagonal (D) if the values depend on the label, a Kronecker delta (K) if they do not.
 *
 * | type | ties | for example |
 * |---|---|---|
 * | 0 | no edge | |
 * | 1 | none | a dense Jacobian; a partial between scalars |
 * | 2, 3, 4, 5 | D13; D24; D14; D23 | sum of x * x along the other dim |
 * | -2, -3, -4, -5 | K13; K24; K14; K23 | X @ W by W, whose values do not depend on the tied dim |
 * | 6 | D13 and D24 | sin x |
 * | 7 | D14 and D23 | the same, transposed |
 * | 8, -8 | K13 and D24; D13 and K24 | x * (one row), by x |
 * | 9, -9 | K14 and D23; D14 and K23 | the same, transposed |
 * | 10 | K13 and K24, times a number | 2 * X |
 * | -10 | K14 and K23, times a number | the same, transposed |
 * | -6 | K13 and K24, pure structure | a slice |
 * | -7 | K14 and K23, pure structure | a transposition |
 * | -1 | pure structure without ties, or the identity | a copy; a number broadcast to an array |
 *
 * Where several terms make an edge, what all have in common counts. A dim along which values are replicated (they do not depend on it, and it is
 * tied to none) has its size negated.
 */

import { InputError } from "../../errors.ts";
import { isIdentity, type Structure } from "../../structure/structure.ts";

/** A term as far as its sparsity goes. */
export interface SparseTerm {
  readonly structure: Structure;
  /** The labels on which the values depend; null for pure structure. */
  readonly labels: readonly number[] | null;
}

/** What the paper's observation says of an edge: the sparsity type, the sizes of the result's dims and of the operand's, negated where they are replicated. */
export type EdgeCode = readonly [type: number, out1: number, out2: number, in1: number, in2: number];

/** A tie of dims: which, and how. */
interface Tie {
  readonly out: 1 | 2;
  readonly in: 3 | 4;
  readonly isDiagonal: boolean;
}

/** The order in which ties are looked for: a dim that could be tied twice is tied by the first. */
const PAIRS = [
  [1, 3],
  [2, 4],
  [1, 4],
  [2, 3],
] as const;

/** Types of one tie, if it is a diagonal; negated if it is a Kronecker delta. */
const SINGLE: { readonly [pair: string]: number } = { "1,3": 2, "2,4": 3, "1,4": 4, "2,3": 5 };

/**
 * The code of an edge.
 *
 * @param terms at least one
 * @throws InputError if an array has more than two dims
 */
export function edgeCode(terms: readonly SparseTerm[]): EdgeCode {
  const codes = terms.map(termFacts);
  const [first] = codes;
  if (first === undefined) return [0, 0, 0, 0, 0];
  const ties = first.ties.flatMap((tie) => {
    const same = codes.map(({ ties }) => ties.find((other) => other.out === tie.out && other.in === tie.in));
    if (same.includes(undefined)) return [];
    return [{ ...tie, isDiagonal: same.some((other) => other?.isDiagonal === true) }];
  });
  const isPure = terms.every(({ labels }) => labels === null);
  const isCopy = isPure && terms.length === 1 && terms.every(({ structure }) => isIdentity(structure));
  const size = (place: number) =>
    codes.every(({ replicated }) => replicated[place] === true)
      ? -(first.sizes[place] ?? 1)
      : (first.sizes[place] ?? 1);
  return [isCopy ? -1 : typeOf(ties, isPure), size(0), size(1), size(2), size(3)];
}

function typeOf(ties: readonly Tie[], isPure: boolean): number {
  const [first, second] = ties;
  if (first === undefined) return isPure ? -1 : 1;
  if (second === undefined) return (first.isDiagonal ? 1 : -1) * (SINGLE[`${first.out},${first.in}`] ?? 1);
  // In PAIRS the tie of dim 1 is before that of dim 2.
  const isCrossed = first.in === 4;
  if (first.isDiagonal && second.isDiagonal) return isCrossed ? 7 : 6;
  if (first.isDiagonal) return isCrossed ? -9 : -8;
  if (second.isDiagonal) return isCrossed ? 9 : 8;
  if (isPure) return isCrossed ? -7 : -6;
  return isCrossed ? -10 : 10;
}

/** The ties of a term, and for each of the four dims its size and whether it is replicated. */
function termFacts({ structure, labels }: SparseTerm): {
  readonly ties: readonly Tie[];
  readonly sizes: readonly number[];
  readonly replicated: readonly boolean[];
} {
  const dims = [structure.out, structure.in].flatMap((own) => {
    if (own.length > 2)
      throw new InputError(
        `an array has ${own.length} dims: the paper's observation is defined for 2 at most, use the graph observation`,
      );
    return [0, 1].map((place) => own[place] ?? { size: 1, label: null });
  });
  const labelOf = (dim: number) => dims[dim - 1]?.label ?? null;
  const depends = (label: number) => labels?.includes(label) === true;
  const taken = new Set<number>();
  const ties = PAIRS.flatMap(([out, inner]): Tie[] => {
    const label = labelOf(out);
    if (label === null || label !== labelOf(inner) || taken.has(out) || taken.has(inner)) return [];
    taken.add(out).add(inner);
    return [{ out, in: inner, isDiagonal: depends(label) }];
  });
  return {
    ties,
    sizes: dims.map(({ size }) => size),
    replicated: dims.map(({ label }, place) => label !== null && !depends(label) && !taken.has(place + 1)),
  };
}
