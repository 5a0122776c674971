/** Names for `--method`, in the order of the help: a list, not the table of searches itself, so that `--help` need not load the search. */

/** The values of `MOVES` in `search/moves/step.ts`. */
export const MOVE_NAMES = ["vertex", "edge", "face"] as const;

/** The keys of `searches` in `search/methods.ts`, and the policy that comes with the package (`policy.ts`). */
export const METHODS = [
  "auto",
  "annealing",
  "neighbourhoods",
  "beam",
  "restarts",
  "markowitz",
  "relative-markowitz",
  "fill-in",
  "lmmd",
  "momr",
  "moplr",
  "forward",
  "reverse",
  "policy",
] as const;
