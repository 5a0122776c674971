/** Agents: networks that learn to play the game, by Gumbel AlphaZero or by PPO, and what they learned, applied. */

export { type AlphaZeroOptions, DEFAULT_ALPHAZERO } from "./alphazero.ts";
export {
  type BestOrder,
  type Checkpoint,
  type Counters,
  readCheckpoint,
  readNetwork,
  writeCheckpoint,
  writeNetwork,
} from "./checkpoint.ts";
export { GameShelf, type Task, type TaskDescription, taskOf } from "./episodes.ts";
export { type Example, type ImitationOptions, imitate } from "./imitation.ts";
export type { Losses } from "./learner.ts";
export { type Architecture, architectureSchema, createNetwork, type Network } from "./network/network.ts";
export { initialWeights } from "./network/weights.ts";
export { Player } from "./player.ts";
export { type PolicyOptions, policyStrategy } from "./policyStrategy.ts";
export { DEFAULT_PPO, type PpoOptions } from "./ppo.ts";
export { type RestartPart, type RestartResult, restOf, trainWithRestarts } from "./restarts.ts";
export { DEFAULT_GUMBEL, type GumbelOptions } from "./search/gumbel.ts";
export { type PlayMode, type Solution, solve } from "./solve.ts";
export {
  movableMemory,
  type PlayShare,
  type PlayThread,
  type StartThreads,
  type ThreadSetting,
  threadPlayer,
} from "./threads.ts";
export {
  type EpisodeSummary,
  type TrainOptions,
  type TrainProgress,
  type TrainRun,
  train,
} from "./train.ts";
export type { Method } from "./trainer.ts";
