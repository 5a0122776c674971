/** What runs on a worker thread of the pool: one member of a team at a time. */

import type { Elimination } from "../graph/graph.ts";
import { Random } from "../random.ts";
import type { Outcome } from "../search/executor.ts";
import type { Budget, Run } from "../search/strategy.ts";
import { runMember } from "../search/team.ts";
import type { Assignment, Instruction, Report } from "./messages.ts";
import { SharedCost } from "./sharedCost.ts";

/** Called by the pool with what it posted. */
export default async function work({
  team,
  member,
  memory,
  port,
  sent,
}: Assignment): Promise<Outcome<Elimination>> {
  const shared = new SharedCost(memory);
  const end = new AbortController();
  const tell = (report: Report) => port.postMessage(report);
  let { start: best } = team;
  port.on("message", (instruction: Instruction) => {
    if (instruction.kind === "end") end.abort();
    else if (instruction.cost < best.cost) best = instruction;
  });
  const run: Run<Elimination> = {
    signal: end.signal,
    random: new Random(member.random),
    now: () => performance.now(),
    incumbent: {
      get best() {
        return best;
      },
    },
    onImprovement: (order, cost) => {
      if (!shared.lower(cost)) return;
      best = { order, cost };
      tell({ kind: "improvement", order, cost });
    },
    onBound: (bound) => tell({ kind: "bound", bound }),
    onProgress: (progress) => tell({ kind: "progress", progress }),
  };
  try {
    return await runMember(
      team,
      { ...member, budget: lessBy((Date.now() - sent) / 1000, member.budget) },
      run,
    );
  } finally {
    port.close();
  }
}

/** A budget without the seconds that the thread took to start. */
function lessBy(late: number, { seconds, ...iterations }: Budget): Budget {
  return seconds === undefined ? iterations : { ...iterations, seconds: Math.max(0, seconds - late) };
}
