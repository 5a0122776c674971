/** What runs found, a line of JSON each in a file that a killed benchmark leaves whole, and the table that is made of them. */

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { AGENTS, type Agent, type Cell, type Contest, nameOf } from "./cells.ts";

/** A run that ended: at its last mark, or with its time. */
export interface Outcome extends Cell {
  /** Whenever a better order was found: after how many seconds of processor time and moves. */
  readonly improvements: readonly {
    readonly cost: number;
    readonly seconds: number;
    readonly moves: number;
  }[];
  /** Of the last 64 episodes; null if none was played. */
  readonly mean: number | null;
  /** By the most probable moves, when they were last played. */
  readonly greedy: number | null;
  readonly moves: number;
  /** Processor time that was used. */
  readonly used: number;
  /** How many processes wanted a core, on average over the last minute of the run. */
  readonly load: number;
}

/** The outcomes of a file, of runs with the same name the last one; none if there is no file. Lines that a kill left half-written are left out. */
export function readOutcomes(path: string): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  if (!existsSync(path)) return outcomes;
  for (const line of readFileSync(path, "utf8").split("\n"))
    try {
      const outcome = JSON.parse(line) as Outcome;
      outcomes.set(nameOf(outcome), outcome);
    } catch {
      // The end of a file, or of a process.
    }
  return outcomes;
}

export function keepOutcome(path: string, outcome: Outcome): void {
  appendFileSync(path, `${JSON.stringify(outcome)}\n`);
}

/** Whether nothing is left to do: it reached its last mark, or was given as much time as it is given now. */
export function isFinished(outcome: Outcome | undefined, cell: Cell): boolean {
  if (outcome === undefined) return false;
  return bestOf(outcome) <= lastMark(cell) || outcome.seconds >= cell.seconds;
}

export function lastMark({ marks }: Contest): number {
  return marks.at(-1) ?? -Infinity;
}

/** The best cost of a run. */
export function bestOf({ improvements }: Outcome): number {
  return improvements.at(-1)?.cost ?? Infinity;
}

/** A Markdown table, a row for each game, agent and network: the seeds together. */
export function tableOf(contests: readonly Contest[], outcomes: readonly Outcome[]): string {
  const rows = contests.flatMap((contest) =>
    groups(contest, outcomes).map((runs) => {
      const [{ agent, network } = { agent: "", network: "" }] = runs;
      const bests = runs.map(bestOf).sort((a, b) => a - b);
      const marks = contest.marks.map((mark) => `**${mark}** ${reached(mark, runs)}`);
      const speed = runs.map(({ moves, used }) => moves / used);
      return [
        `${contest.task}${contest.form === "multiplications" ? "" : `, ${contest.form}`}`,
        `${agent} ${network}`,
        marks.join("; "),
        bests[0] ?? "–",
        median(bests),
        `${runs.length} of ${Math.max(...runs.map(({ seconds }) => seconds))} s`,
        Math.round(median(speed)),
      ];
    }),
  );
  const head = ["game", "agent", "seconds to marks", "best", "median", "runs", "moves/s"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** The runs of a game by agent and network. */
function groups({ task, form }: Contest, outcomes: readonly Outcome[]): Outcome[][] {
  const own = outcomes.filter((outcome) => outcome.task === task && outcome.form === form);
  const place = ({ agent, network }: { agent: Agent; network: string }) =>
    `${AGENTS.indexOf(agent)} ${network}`;
  return [...new Set(own.map(place))].sort().map((key) => own.filter((outcome) => place(outcome) === key));
}

/** The median of the seconds after which a mark was reached, of those runs that did; the range if there were several; and how many, if not all. */
function reached(mark: number, runs: readonly Outcome[]): string {
  const times = runs
    .flatMap(({ improvements }) => improvements.find(({ cost }) => cost <= mark)?.seconds ?? [])
    .sort((a, b) => a - b);
  if (times.length === 0) return "–";
  const range = times.length > 1 ? ` (${times[0]?.toFixed(1)}–${times.at(-1)?.toFixed(1)})` : "";
  const share = times.length < runs.length ? `, ${times.length} of ${runs.length}` : "";
  return `${median(times).toFixed(1)}${range}${share}`;
}

/** Of ascending or other numbers; the upper one of two in the middle. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
