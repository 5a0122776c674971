/** Checks the evidence for a lower bound: safe eliminations, components, blocks. */

import type { ComputationalGraph } from "../../graph/graph.ts";
import type { BoundEvidence } from "../evidence.ts";
import { blockBound, type Direction, smallestCut } from "./cuts.ts";
import { countedOf, type Edges, edgesOf, eliminateNode, intermediatesOf } from "./graph.ts";
import { type Finding, refuted } from "./report.ts";

/** Nodes of the largest block or component whose bound is computed anew: a table of 2^20 numbers. */
const LARGEST = 20;

/** Nodes of the largest component that is solved anew where a search has to be believed otherwise. */
const SOLVABLE = 16;

/** Nodes of a component from which on its finder may have cut flows short, so that blocks can be bounded lower than they are; and from which on they are not computed anew. */
const LARGE = 1000;
const HUGE = 5000;

/** What came of checking evidence: the findings, and the lower bound that was established without trusting anybody. */
export interface BoundCheck {
  readonly findings: readonly Finding[];
  readonly established: number;
}

/** Menger's bound of the graph as it is: what can be established without any evidence. Null if the graph is not scalar. */
export function ownBound(graph: ComputationalGraph): number | null {
  const edges = edgesOf(graph);
  if (edges === null) return null;
  const nodes = [...intermediatesOf(graph).values()];
  const isOpen = (node: number) => open.has(node);
  const open = new Set(nodes);
  return nodes.reduce((sum, node) => sum + blockBound(edges.sources, edges.targets, [node], isOpen), 0);
}

/** Checks that the evidence proves `claimed`. */
export function checkEvidence(
  graph: ComputationalGraph,
  evidence: BoundEvidence,
  claimed: number,
): BoundCheck {
  const edges = edgesOf(graph);
  if (edges === null)
    return {
      findings: [refuted("bound", "there is no evidence of this kind for graphs that are not scalar")],
      established: 0,
    };
  const nodes = intermediatesOf(graph);
  const open = new Set(nodes.values());
  const findings: Finding[] = [];
  const paid = checkSafe(edges, open, nodes, evidence, findings);
  const isOpen = (node: number) => open.has(node);
  let [total, established] = [paid, paid];
  const covered = new Set<number>();
  evidence.components.forEach((component, index) => {
    const name = `component ${index + 1}`;
    const members = nodesOf(component.equations, nodes, covered, open, name, findings);
    checkApart(edges, open, members, name, findings);
    const inBlocks = new Set<number>();
    let sum = 0;
    let own = 0;
    component.blocks.forEach((block, number) => {
      const place = `${name}, block ${number + 1}`;
      const blockNodes = nodesOf(block.equations, nodes, inBlocks, members, place, findings);
      sum += block.bound;
      if (blockNodes.size > LARGEST || members.size > HUGE) {
        findings.push({
          verdict: "trusted",
          claim: place,
          detail: `bound ${block.bound} of ${blockNodes.size} vertices: too large to compute anew`,
        });
        return;
      }
      const bound = blockBound(
        edges.sources,
        edges.targets,
        [...blockNodes].sort((a, b) => a - b),
        isOpen,
      );
      own += bound;
      findings.push(
        bound === block.bound || (bound > block.bound && members.size > LARGE)
          ? {
              verdict: "checked",
              claim: place,
              detail: `${blockNodes.size} vertices cost at least ${bound} in every order`,
            }
          : refuted(place, `the bound is ${bound}, not ${block.bound}`),
      );
    });
    if (inBlocks.size !== members.size) findings.push(refuted(name, "its blocks do not cover it"));
    total += component.bound;
    established += checkRest(
      edges,
      isOpen,
      [...members],
      component.bound,
      sum,
      own,
      component.expanded,
      name,
      findings,
    );
  });
  if (covered.size !== open.size)
    findings.push(refuted("components", `${open.size - covered.size} intermediates are missing`));
  findings.push(
    total === claimed
      ? { verdict: "checked", claim: "sum", detail: `safe eliminations and components add up to ${total}` }
      : refuted("sum", `safe eliminations and components add up to ${total}, not ${claimed}`),
  );
  return { findings, established: findings.some(({ verdict }) => verdict === "refuted") ? 0 : established };
}

/** Replays the safe eliminations; returns what they cost. */
function checkSafe(
  edges: Edges,
  open: Set<number>,
  nodes: ReadonlyMap<number, number>,
  { safe }: BoundEvidence,
  findings: Finding[],
): number {
  const before = findings.length;
  let paid = 0;
  for (const [position, { equation, cost }] of safe.entries()) {
    const place = `safe elimination ${position + 1}, equation ${equation}`;
    const node = nodes.get(equation);
    if (node === undefined || !open.has(node)) {
      findings.push(refuted(place, "no intermediate that is still there"));
      return paid;
    }
    const { sources, targets } = edges;
    if (!isTight(edges, open, node)) findings.push(refuted(place, "it can cost less later"));
    if (!isReplaced(sources, targets, open, node) || !isReplaced(targets, sources, open, node))
      findings.push(refuted(place, "others can pay more when it goes first"));
    open.delete(node);
    const own = eliminateNode(edges, node);
    if (own !== cost) findings.push(refuted(place, `it costs ${own}, not ${cost}`));
    paid += own;
  }
  if (findings.length === before)
    findings.push({
      verdict: "checked",
      claim: "safe eliminations",
      detail: `${safe.length} vertices cost ${paid}`,
    });
  return paid;
}

/** Whether a node costs now what it costs at least whenever it goes. */
function isTight({ sources, targets }: Edges, open: ReadonlySet<number>, node: number): boolean {
  const situation = { isFree: (other: number) => open.has(other), isGone: () => false };
  const before = countedOf(sources[node] ?? new Map());
  const behind = countedOf(targets[node] ?? new Map());
  if (before === 0 || behind === 0) return true;
  return smallestCut(sources, node, situation) === before && smallestCut(targets, node, situation) === behind;
}

/**
 * Whether those on this side of the node can take its place with each open node on the other side: each is there already, counted if it becomes
 * counted; but for one terminal, if the edge to it is counted or its own is not.
 */
function isReplaced(side: Direction, other: Direction, open: ReadonlySet<number>, node: number): boolean {
  return [...(other[node] ?? [])].every(([next, edge]) => {
    if (!open.has(next)) return true;
    const missing = [...(side[node] ?? [])].filter(([source, counted]) => {
      const there = side[next]?.get(source);
      return there === undefined || (!there && (edge || counted));
    });
    return (
      missing.length === 0 ||
      (missing.length === 1 && missing.every(([source, counted]) => !open.has(source) && (edge || !counted)))
    );
  });
}

/** The nodes of equations that must be new, and in `within`. */
function nodesOf(
  equations: readonly number[],
  nodes: ReadonlyMap<number, number>,
  used: Set<number>,
  within: ReadonlySet<number>,
  name: string,
  findings: Finding[],
): Set<number> {
  const members = new Set<number>();
  for (const equation of equations) {
    const node = nodes.get(equation);
    if (node === undefined || !within.has(node) || used.has(node)) {
      findings.push(refuted(name, `equation ${equation} does not belong there`));
      continue;
    }
    used.add(node);
    members.add(node);
  }
  return members;
}

/** No edge leads from a component to another. */
function checkApart(
  { sources, targets }: Edges,
  open: ReadonlySet<number>,
  members: ReadonlySet<number>,
  name: string,
  findings: Finding[],
): void {
  for (const node of members)
    for (const neighbour of [...(sources[node]?.keys() ?? []), ...(targets[node]?.keys() ?? [])])
      if (open.has(neighbour) && !members.has(neighbour)) {
        findings.push(refuted(name, "an edge leads out of it"));
        return;
      }
}

/** What a component's bound claims beyond its blocks; returns what is established of it. */
function checkRest(
  { sources, targets }: Edges,
  isOpen: (node: number) => boolean,
  members: readonly number[],
  bound: number,
  sum: number,
  own: number,
  expanded: number | null,
  name: string,
  findings: Finding[],
): number {
  if (bound < sum || bound > sum !== (expanded !== null)) {
    findings.push(refuted(name, `its blocks add up to ${sum}, not ${bound}`));
    return own;
  }
  if (bound === sum) return own;
  if (members.length > SOLVABLE) {
    findings.push({
      verdict: "trusted",
      claim: name,
      detail: `a search of ${expanded} sets raised the bound from ${sum} to ${bound}`,
    });
    return own;
  }
  const optimum = blockBound(
    sources,
    targets,
    [...members].sort((a, b) => a - b),
    isOpen,
  );
  findings.push(
    bound <= optimum
      ? { verdict: "checked", claim: name, detail: `solved anew: no order costs less than ${optimum}` }
      : refuted(name, `an order costs ${optimum}, less than ${bound}`),
  );
  return Math.max(own, Math.min(bound, optimum));
}
