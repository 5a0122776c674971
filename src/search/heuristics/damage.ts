/** The two heuristics of Albrecht, Gottschling & Naumann that look at what an elimination does to its neighbours. */

import { createEngine, type Engine } from "../engine.ts";
import type { MarkowitzOptions } from "../orders.ts";
import { greedyHeuristic } from "./greedy.ts";

/**
 * Lowest Markowitz degree with minimal damage, LMMD (Albrecht, Gottschling & Naumann 2003, "Markowitz-type heuristics for computing Jacobian matrices
 * efficiently").
 *
 * Minimises the Markowitz degree plus `weight` times the *damage*: by how much the elimination raises the degrees of the neighbours, taken together. The
 * weight is 1 in the authors' library ANGEL.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export const lowestMarkowitzMinimalDamage = greedyHeuristic(
  (graph, { weight = 1, ...options }: MarkowitzOptions & { readonly weight?: number }) => {
    const engine = createEngine(graph, options.objective ?? "multiplications");
    const damage = damageIn(engine);
    const score = (index: number) => engine.degree(index) + weight * damage(index);
    return { engine, criterion: { reach: "near", score } };
  },
);

/**
 * Maximal overall Markowitz degree reduction, MOMR (Albrecht, Gottschling & Naumann 2003): the elimination after which the degrees of all remaining vertices
 * have the least sum, that is, with the greatest difference of its own degree and its damage.
 *
 * @throws InputError if the objective is not defined on the graph
 */
export const maximalMarkowitzReduction = greedyHeuristic((graph, options: MarkowitzOptions) => {
  const engine = createEngine(graph, options.objective ?? "multiplications");
  const damage = damageIn(engine);
  const score = (index: number) => damage(index) - engine.degree(index);
  return { engine, criterion: { reach: "near", score } };
});

/** By how much eliminating an intermediate raises the degrees of its neighbours. */
function damageIn(engine: Engine): (index: number) => number {
  const neighbours = new Int32Array(2 * engine.size);
  return (index) => {
    const count = engine.neighbours(index, neighbours);
    const sum = () => {
      let degrees = 0;
      for (let place = 0; place < count; place++) degrees += engine.degree(neighbours[place] as number);
      return degrees;
    };
    const before = sum();
    engine.eliminate(index);
    const after = sum();
    engine.undo(1);
    return after - before;
  };
}
