/** The forms of a program whose equations an order may number: its own, simplified, on scalars, or both; and which of them to search on. */

import { costsOf } from "./graph/costs.ts";
import type { ComputationalGraph } from "./graph/graph.ts";
import { linearize } from "./jacobian/linearize.ts";
import type { Program } from "./program/program.ts";
import { scalarise, type UnrolledSize, unrolledSize } from "./program/scalarise.ts";
import { simplify } from "./program/simplify.ts";
import type { ProgramForm } from "./search/certificate.ts";
import { markowitz, reverse } from "./search/orders.ts";
import type { Objective } from "./search/strategy.ts";

/** What becomes of a program on its way to a form. */
export interface FormSteps {
  readonly scalarised: boolean;
  readonly simplified: boolean;
}

/** The steps to each form. */
export const FORM_STEPS: { readonly [Form in ProgramForm]: FormSteps } = {
  "as written": { scalarised: false, simplified: false },
  simplified: { scalarised: false, simplified: true },
  scalarised: { scalarised: true, simplified: false },
  "scalarised and simplified": { scalarised: true, simplified: true },
};

/** The form that some steps lead to. */
export function formOf({ scalarised, simplified }: FormSteps): ProgramForm {
  if (scalarised) return simplified ? "scalarised and simplified" : "scalarised";
  return simplified ? "simplified" : "as written";
}

/** A program in a form. Throws an InputError if it is too large to be unrolled. */
export function inForm(program: Program, form: ProgramForm): Program {
  const { scalarised, simplified } = FORM_STEPS[form];
  const unrolled = scalarised ? scalarise(program) : program;
  return simplified ? simplify(unrolled) : unrolled;
}

/** Programs that are longer when unrolled are searched on arrays without a look at their scalars. */
const LARGEST_TRIED: UnrolledSize = { operations: 1000, steps: 20_000 };

/** The part of the cost that scalars must save, since searching many vertices takes longer than searching few. */
const LEAST_SAVING = 0.1;

/**
 * Whether to search a program on scalars rather than on arrays: if, simplified, the better of reverse and Markowitz costs a tenth less there. RoeFlux_3d is
 * one in `operations` (750 instead of 1013), Perceptron and Encoder are none.
 */
export function isCheaperScalarised(program: Program, objective: Objective): boolean {
  if (program.equations.every(({ type }) => type.shape.length === 0)) return false;
  const { operations, steps } = unrolledSize(program);
  if (operations > LARGEST_TRIED.operations || steps > LARGEST_TRIED.steps) return false;
  const [scalars, arrays] = (["scalarised and simplified", "simplified"] as const).map((form) =>
    usualCost(linearize(inForm(program, form)).graph, objective),
  );
  return (scalars ?? 0) < (1 - LEAST_SAVING) * (arrays ?? 0);
}

function usualCost(graph: ComputationalGraph, objective: Objective): number {
  const costs = [reverse(graph), markowitz(graph, { ties: "first" })].map((order) => {
    const { multiplications, operations } = costsOf(graph, order);
    if (objective === "multiplications") return multiplications;
    return operations === null ? Number.POSITIVE_INFINITY : operations.multiplications + operations.additions;
  });
  return Math.min(...costs);
}
