/**
 * Threads on one machine: a pool of them for the members of a portfolio (`optimize(program, { executor: workers() })`), and those of kernels (`kernels.ts`).
 *
 * For Node only; everything else in the library runs in browsers too.
 */

import { availableParallelism } from "node:os";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import { InputError } from "../errors.ts";
import type { Elimination } from "../graph/graph.ts";
import type { Executor, Member, Outcome, Team, TeamWatch } from "../search/executor.ts";
import type { Assignment, Instruction, Report } from "./messages.ts";
import { SharedCost } from "./sharedCost.ts";

export type { Executor } from "../search/executor.ts";
export { startThread } from "./kernels.ts";

export interface WorkersOptions {
  /** By default as many as the machine has cores. */
  readonly threads?: number;
  /** The module that the threads run, for tests. */
  readonly worker?: URL;
}

/** An executor that holds threads. */
export interface Workers extends Executor {
  /** Ends its threads. */
  close(): Promise<void>;
}

/**
 * A pool of worker threads, which start when they are first needed. Idle threads do not keep the process alive.
 *
 * @throws InputError if `threads` is not a whole number from 1
 */
export function workers({
  threads = availableParallelism(),
  worker = new URL("./worker.js", import.meta.url),
}: WorkersOptions = {}): Workers {
  if (!Number.isInteger(threads) || threads < 1)
    throw new InputError(`threads: expected a whole number from 1, got ${threads}`);
  let pool: Piscina | null = null;
  return {
    threads,
    run: (team, watch) => {
      pool ??= new Piscina({ filename: worker.href, minThreads: 0, maxThreads: threads, idleTimeout: 1000 });
      return runTeam(pool, team, watch);
    },
    close: async () => {
      await pool?.destroy();
      pool = null;
    },
  };
}

async function runTeam<Order extends Elimination>(
  pool: Piscina,
  team: Team<Order>,
  watch: TeamWatch<Order>,
): Promise<Outcome<Order>[]> {
  const shared = SharedCost.of(team.start.cost);
  const channels = team.members.map(() => new MessageChannel());
  const toAll = (instruction: Instruction) => {
    for (const { port1 } of channels) port1.postMessage(instruction);
  };
  let { cost } = team.start;
  const hear = (member: number, report: Report) => {
    if (report.kind === "bound") watch.onBound(member, report.bound);
    else if (report.kind === "progress") watch.onProgress(member, report.progress);
    else if (report.cost < cost) {
      ({ cost } = report);
      // Members hand on steps of the kind that they were given.
      watch.onImprovement(member, report.order as Order, report.cost);
      toAll({ ...report, kind: "best" });
    }
  };
  const end = () => toAll({ kind: "end" });
  watch.signal.addEventListener("abort", end);
  if (watch.signal.aborted) end();
  try {
    return await Promise.all(
      channels.map(async ({ port1, port2 }, index) => {
        port1.on("message", (report: Report) => hear(index, report));
        const assignment = {
          team: { graph: team.graph, objective: team.objective, start: team.start },
          member: team.members[index] as Member,
          memory: shared.memory,
          port: port2,
          sent: Date.now(),
        } satisfies Assignment;
        return pool
          .run(assignment, { transferList: [port2] })
          .catch((error: unknown): Outcome<Order> => ({ kind: "lost", why: reason(error) }));
      }),
    );
  } finally {
    watch.signal.removeEventListener("abort", end);
    for (const { port1 } of channels) port1.close();
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
