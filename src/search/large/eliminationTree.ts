/**
 * The elimination tree of an order, and the order's postorder (Liu 1990, "The role of elimination trees in sparse factorization", for Cholesky factors).
 *
 * The parent of v is the first vertex after v, in the order, that is adjacent to v when v goes. What v costs depends only on the eliminated
 * vertices that are connected with it, and these are its descendants. So every order in which children come before parents costs the same in
 * `multiplications`; in the postorder vertices that matter to each other also stand near each other, and windows of it are worth improving.
 */

import type { GraphEdge } from "../../graph/graph.ts";

const NONE = -1;

/**
 * The parents in the elimination tree, in nearly linear time (Liu 1990, algorithm 4.2: a union-find over the vertices gone so far).
 *
 * @param edges those between other nodes than the order's do not matter
 * @returns for each position in the order the position of its parent, or -1
 */
export function eliminationTree(
  edges: readonly Pick<GraphEdge, "from" | "to">[],
  order: Int32Array,
  nodes: number,
): Int32Array {
  const positions = new Int32Array(nodes).fill(NONE);
  for (const [position, node] of order.entries()) positions[node] = position;
  // The earlier neighbours of each position, as linked lists.
  const first = new Int32Array(order.length).fill(NONE);
  const next = new Int32Array(edges.length).fill(NONE);
  const earlier = new Int32Array(edges.length);
  for (const [index, { from, to }] of edges.entries()) {
    const a = positions[from] as number;
    const b = positions[to] as number;
    if (a === NONE || b === NONE) continue;
    const later = Math.max(a, b);
    earlier[index] = Math.min(a, b);
    next[index] = first[later] as number;
    first[later] = index;
  }
  const parents = new Int32Array(order.length).fill(NONE);
  // Leads towards the root of each tree so far; paths are halved.
  const ancestors = Int32Array.from(order.keys());
  const rootOf = (position: number): number => {
    let at = position;
    while (ancestors[at] !== at) {
      ancestors[at] = ancestors[ancestors[at] as number] as number;
      at = ancestors[at] as number;
    }
    return at;
  };
  for (let position = 0; position < order.length; position++)
    for (let edge = first[position] as number; edge !== NONE; edge = next[edge] as number) {
      const root = rootOf(earlier[edge] as number);
      if (root !== position) parents[root] = ancestors[root] = position;
    }
  return parents;
}

/**
 * The postorder of a forest.
 *
 * @param parents for each position in the order the position of its parent, or -1
 * @param children the order in which the children of each vertex are visited: ascending, or descending
 * @returns positions, children before parents
 */
export function postorder(
  parents: Int32Array,
  children: "ascending" | "descending" = "ascending",
): Int32Array {
  const size = parents.length;
  // Lists of children; the root of all is at `size`.
  const first = new Int32Array(size + 1).fill(NONE);
  const next = new Int32Array(size).fill(NONE);
  for (let index = 0; index < size; index++) {
    const child = children === "ascending" ? size - 1 - index : index;
    const parent = parents[child] === NONE ? size : (parents[child] as number);
    next[child] = first[parent] as number;
    first[parent] = child;
  }
  const order = new Int32Array(size);
  let count = 0;
  const path = [size];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const child = first[top] as number;
    if (child !== NONE) {
      first[top] = next[child] as number;
      path.push(child);
    } else {
      path.pop();
      if (top !== size) order[count++] = top;
    }
  }
  return order;
}
