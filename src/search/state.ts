/**
 * The state of a search in a file: where it stands, and of what it is the search, so that it is resumed on nothing else.
 *
 * JSON, versioned: `format` "alphagrad-search", `version` 1.
 */

import { z } from "zod";
import { InputError } from "../errors.ts";
import { PROGRAM_FORMS, stepSchema } from "./certificate.ts";
import { evidenceSchema, operationsEvidenceSchema } from "./evidence.ts";
import type { FinerMoves } from "./moves/index.ts";
import type { RefiningState } from "./moves/refining.ts";
import type { Standing } from "./stages.ts";
import { OBJECTIVES } from "./strategy.ts";

const count = z.int().nonnegative();
const seconds = z.number().nonnegative();
const order = z.array(z.int().positive());
const word = z.int().min(0).max(0xffffffff);
const random = z.tuple([word, word, word, word]);
const budget = z.strictObject({ seconds: seconds.optional(), iterations: count.optional() });

const stage = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("classical") }),
  z.strictObject({ kind: z.literal("glance"), ...budget.shape }),
  z.strictObject({ kind: z.literal("proof"), ...budget.shape }),
  z.strictObject({ kind: z.literal("annealing"), again: z.literal(true).optional(), ...budget.shape }),
  z.strictObject({ kind: z.literal("team"), ...budget.shape }),
]);

const method = z.strictObject({ method: z.string(), order, cost: count, seconds });

const annealing = z
  .strictObject({
    kind: z.literal("annealing"),
    seconds,
    random,
    order,
    best: order,
    position: count,
    triesLeft: z.int().positive(),
    moves: count,
    accepted: count,
    hottest: z.number().positive(),
    cycle: z.int().min(-1),
    sampled: z.strictObject({ moves: count, accepted: count }),
  })
  .refine(({ position, order }) => position < order.length, "position: beyond the order");

const windows = z.strictObject({
  kind: z.literal("windows"),
  seconds,
  random,
  best: order,
  moves: count,
  sweeps: count,
});

const point = z.strictObject({ seconds, cost: count, method: z.string() });

const refining = z
  .strictObject({
    seconds,
    random,
    steps: z.array(stepSchema),
    best: z.array(stepSchema),
    position: count,
    triesLeft: z.int().positive(),
    moves: count,
    cycle: count,
    history: z.array(point),
    ended: z.boolean(),
  })
  .refine(({ position, steps }) => position <= steps.length, "position: beyond the steps");

const standing = {
  budget,
  plan: z.array(stage),
  stage: count,
  seconds,
  random,
  methods: z.array(method),
  history: z.array(point),
  bounds: z.array(z.strictObject({ seconds, bound: count })),
  proof: z
    .strictObject({
      lowerBound: count.nullable(),
      evidence: z.union([evidenceSchema, operationsEvidenceSchema]).nullable(),
    })
    .nullable(),
  incumbent: method.nullable(),
  work: z.union([annealing, windows]).nullable(),
  met: z.array(z.strictObject({ order, seconds })).optional(),
};

const stateSchema = z.strictObject({
  format: z.literal("alphagrad-search"),
  version: z.literal(1),
  /** Name of the function. */
  name: z.string(),
  program: z.enum(PROGRAM_FORMS),
  /** Hash of the computational graph (see graph/json.ts). */
  graph: z.string(),
  objective: z.enum(OBJECTIVES),
  /** One of the searches that can be resumed. */
  method: z.enum(["auto", "annealing"]),
  seed: z.int(),
  /** Absent for vertices. */
  moves: z.enum(["edge", "face"]).optional(),
  ...standing,
  /** By finer moves, after the search by vertices, which then stands at its end. */
  refining: refining.optional(),
});

/** What a search is of: with these the same it may be resumed. */
export interface SearchIdentity {
  readonly name: string;
  readonly program: (typeof PROGRAM_FORMS)[number];
  readonly graph: string;
  readonly objective: (typeof OBJECTIVES)[number];
  readonly method: "auto" | "annealing";
  readonly seed: number;
  /** Absent for vertices. */
  readonly moves?: FinerMoves;
}

/** A search that can be resumed. */
export interface SearchState extends SearchIdentity, Standing {
  readonly format: "alphagrad-search";
  readonly version: 1;
  readonly refining?: RefiningState;
}

/** The state of a search whose orders of vertices stand somewhere, and whose refining does, if that has begun. */
export function searchState(
  identity: SearchIdentity,
  standing: Standing,
  refining: RefiningState | null,
): SearchState {
  const finer = refining === null ? {} : { refining };
  return { format: "alphagrad-search", version: 1, ...identity, ...standing, ...finer };
}

/** Seconds used so far. */
export function secondsOf({ seconds, refining }: Pick<SearchState, "seconds" | "refining">): number {
  return seconds + (refining?.seconds ?? 0);
}

/** What the cheapest elimination met costs; null at the start. */
export function bestCostOf({ incumbent, refining }: SearchState): number | null {
  return refining?.history.at(-1)?.cost ?? incumbent?.cost ?? null;
}

/** Whether the search has come to the end of its plan, or has proved its order optimal. */
export function isFinished({ plan, stage, bounds, incumbent, moves, refining }: SearchState): boolean {
  if (moves !== undefined) return refining?.ended === true;
  return stage >= plan.length || (incumbent !== null && (bounds.at(-1)?.bound ?? 0) >= incumbent.cost);
}

/** Reads a state from parsed JSON. Throws an InputError that names the first field that is wrong. */
export function parseSearchState(json: unknown, source?: string): SearchState {
  const result = stateSchema.safeParse(json);
  // zod gives optional fields the type `| undefined`; in JSON a field that is undefined is absent.
  if (result.success) return result.data as SearchState;
  const [issue] = result.error.issues;
  throw new InputError(
    `search state: ${issue?.path.join(".") || "the whole"}: ${issue?.message ?? "not a search state"}`,
    source === undefined ? undefined : { source },
  );
}

/** Checks that a state is one of this search. Throws an InputError that says in what they differ. */
export function checkIdentity(state: SearchState, identity: SearchIdentity): void {
  for (const option of ["objective", "method", "moves", "seed"] as const)
    if (state[option] !== identity[option])
      throw new InputError(
        `the search to resume was begun with ${option} ${state[option] ?? "vertex"}, not ${identity[option] ?? "vertex"}: give the same options, or begin anew`,
      );
  if (state.graph === identity.graph) return;
  const forms =
    state.program === identity.program ? "" : ` (it was ${state.program}, now ${identity.program})`;
  throw new InputError(
    `the search to resume is of another graph than that of ${identity.name}${forms}: the function or its form has changed; begin anew`,
  );
}
