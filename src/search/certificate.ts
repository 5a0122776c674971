/**
 * Certificates: what an order costs and how it was found, in a form that others can check.
 *
 * JSON, versioned: `format` "alphagrad-certificate", `version` 1. The graph is named by its hash, the order by equation numbers, so a
 * certificate is worthless for any other program.
 */

import { z } from "zod";
import { InputError } from "../errors.ts";
import type { Costs } from "../graph/costs.ts";
import type { ComputationalGraph, Elimination, EliminationStep } from "../graph/graph.ts";
import { graphHash } from "../graph/json.ts";
import { type Evidence, evidenceSchema, operationsEvidenceSchema } from "./evidence.ts";
import { costsAtAnyScale } from "./large/costs.ts";
import { OBJECTIVES, type Objective } from "./strategy.ts";

/** Whether an order numbers the equations of the program as its author wrote it, of the simplified program, or of either on scalars. */
export const PROGRAM_FORMS = ["as written", "simplified", "scalarised", "scalarised and simplified"] as const;
export type ProgramForm = (typeof PROGRAM_FORMS)[number];

const count = z.number().int().nonnegative();

/** An equation, or input -1, -2, ... */
const node = z
  .number()
  .int()
  .refine((reference) => reference !== 0, "expected an equation from 1, or an input from -1 down");

/** A vertex, an edge or a face (see `EliminationStep`). */
export const stepSchema = z.union([
  z.number().int().positive(),
  z.strictObject({ front: z.tuple([node, node]) }),
  z.strictObject({ back: z.tuple([node, node]) }),
  z.strictObject({ face: z.tuple([node, node, node]) }),
]);

const certificateSchema = z.strictObject({
  format: z.literal("alphagrad-certificate"),
  version: z.literal(1),
  /** Name of the function. */
  name: z.string(),
  program: z.enum(PROGRAM_FORMS),
  /** Hash of the computational graph (see graph/json.ts). */
  graph: z.string().regex(/^[0-9a-f]{64}$/, "expected 64 hexadecimal digits"),
  order: z.array(stepSchema),
  costs: z.strictObject({
    multiplications: count,
    nontrivial: count,
    constants: count,
    operations: z.strictObject({ multiplications: count, additions: count }).nullable(),
  }),
  /** In one of the objectives, if in any: that which the order was searched for. */
  lowerBound: z.strictObject({
    multiplications: count.nullable(),
    operations: count.nullable().default(null),
  }),
  /** The time per Jacobian that was measured where the order was chosen by it: median and quartiles. */
  runtime: z
    .strictObject({
      target: z.string(),
      dtype: z.string(),
      /** Points at once. */
      batch: count,
      nanoseconds: z.number().nonnegative(),
      lowerQuartile: z.number().nonnegative(),
      upperQuartile: z.number().nonnegative(),
      samples: count,
    })
    .optional(),
  /** Why no order costs less than the lower bound (see evidence.ts); absent if there is none, or none but the finder's word. */
  evidence: z.union([evidenceSchema, operationsEvidenceSchema]).optional(),
  objective: z.enum(OBJECTIVES),
  method: z.string(),
  seed: z.number().int(),
  seconds: z.number().nonnegative(),
  /** Version of the program that made it. */
  alphagrad: z.string(),
});

export type Certificate = z.infer<typeof certificateSchema>;

/** What a certificate says beside what follows from graph and order. */
export type CertificateFacts = Pick<
  Certificate,
  "program" | "objective" | "method" | "seed" | "seconds" | "alphagrad"
> & {
  /** Of the graph, if it is known already. */
  readonly hash?: string;
};

/** A lower bound, in the objective, on the cost of every order (of every elimination, if its steps are finer than vertices), and why. */
export interface CertifiedBound {
  readonly lowerBound: number | null;
  readonly evidence: Evidence | null;
}

/** The certificate of an order; the costs are counted anew, by the plain elimination unless the graph is large. Throws an InputError if the order does not fit the graph. */
export function certify(
  graph: ComputationalGraph,
  order: Elimination,
  facts: CertificateFacts,
  { lowerBound, evidence }: CertifiedBound = { lowerBound: null, evidence: null },
): Certificate {
  const { multiplications, nontrivial, constants, operations }: Costs = costsAtAnyScale(graph, order);
  return {
    format: "alphagrad-certificate",
    version: 1,
    name: graph.name,
    program: facts.program,
    graph: facts.hash ?? graphHash(graph),
    order: order.map(copied),
    costs: {
      multiplications,
      nontrivial,
      constants,
      operations: operations === null ? null : { ...operations },
    },
    lowerBound: {
      multiplications: facts.objective === "multiplications" ? lowerBound : null,
      operations: facts.objective === "operations" ? lowerBound : null,
    },
    ...(evidence === null ? {} : { evidence }),
    objective: facts.objective,
    method: facts.method,
    seed: facts.seed,
    seconds: facts.seconds,
    alphagrad: facts.alphagrad,
  };
}

/** What a certificate's order costs in an objective; null if that was not counted. */
export function costIn({ costs }: Certificate, objective: Objective): number | null {
  const { multiplications, operations } = costs;
  if (objective === "multiplications") return multiplications;
  return operations === null ? null : operations.multiplications + operations.additions;
}

function copied(step: EliminationStep): Certificate["order"][number] {
  if (typeof step === "number") return step;
  if ("front" in step) return { front: [...step.front] };
  return "back" in step ? { back: [...step.back] } : { face: [...step.face] };
}

/** Reads a certificate from parsed JSON. Throws an InputError that names the first field that is wrong. */
export function parseCertificate(json: unknown, source?: string): Certificate {
  const result = certificateSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = source === undefined ? undefined : { source };
  throw new InputError(
    `certificate: ${issue?.path.join(".") || "the whole"}: ${issue?.message ?? "not a certificate"}`,
    place,
  );
}
