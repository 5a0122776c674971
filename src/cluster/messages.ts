/** What the threads of a pool say to each other; all of it can be cloned. */

import type { MessagePort } from "node:worker_threads";
import type { Elimination } from "../graph/graph.ts";
import type { Member, Team } from "../search/executor.ts";
import type { Progress } from "../search/strategy.ts";

/** What a thread is given to do. */
export interface Assignment {
  readonly team: Pick<Team<Elimination>, "graph" | "objective" | "start">;
  readonly member: Member;
  /** Of the `SharedCost`. */
  readonly memory: SharedArrayBuffer;
  readonly port: MessagePort;
  /** When it was sent, by `Date.now`. */
  readonly sent: number;
}

/** From a thread to the one that started it. */
export type Report =
  | { readonly kind: "improvement"; readonly order: Elimination; readonly cost: number }
  | { readonly kind: "bound"; readonly bound: number }
  | { readonly kind: "progress"; readonly progress: Progress };

/** To a thread: what the others found, or that it is to end with what it has. */
export type Instruction =
  | { readonly kind: "best"; readonly order: Elimination; readonly cost: number }
  | { readonly kind: "end" };
