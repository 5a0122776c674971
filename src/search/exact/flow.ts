/**
 * Vertex-disjoint paths, hence by Menger's theorem smallest vertex cuts: augmenting paths on the graph whose vertices have capacity one
 * (Ford & Fulkerson 1956).
 *
 * The paths run from a set of starts to terminals, along lists of neighbours. Flows are small here (rarely above ten) and very many, so all
 * memory is reused and nothing is cleared but by counting up a stamp.
 */

/** Marks nodes through which any number of paths may lead. */
export const PASSABLE = 2;

const NONE = -1;
const ROOT = -2;
/** An entry that was reached by cancelling the vertex's own use. */
const CANCELLED = -3;

/** Computes one flow after the other in graphs of up to `nodes` nodes. */
export class DisjointPaths {
  /** For each vertex in use (those with the current flow's stamp) the vertex before it on its path, or ROOT. */
  readonly #before: Int32Array;
  readonly #flowStamp: Int32Array;
  #flow = 0;
  /** Of the current search: the vertices entered, from where; and the used vertices left again by undoing an edge, of which vertex. */
  readonly #entered: Int32Array;
  readonly #enteredFrom: Int32Array;
  readonly #left: Int32Array;
  readonly #leftFrom: Int32Array;
  readonly #queue: Int32Array;
  /** The vertices entered, in order. */
  readonly #met: Int32Array;
  #search = 0;
  #tail = 0;
  #metCount = 0;
  #isComplete = true;

  constructor(nodes: number) {
    this.#before = new Int32Array(nodes);
    this.#flowStamp = new Int32Array(nodes);
    this.#entered = new Int32Array(nodes);
    this.#enteredFrom = new Int32Array(nodes);
    this.#left = new Int32Array(nodes);
    this.#leftFrom = new Int32Array(nodes);
    this.#queue = new Int32Array(2 * nodes);
    this.#met = new Int32Array(nodes);
  }

  /**
   * The largest number of paths from `starts` to terminals of which no two share a vertex; a start that is a terminal is a path.
   *
   * @param starts none of them passable
   * @param neighbours of an open or passable node
   * @param open 1 for the nodes through which one path may lead, `PASSABLE` for those that paths may share; the others are the terminals
   * @param visits how many vertices may be visited in all; if they do not suffice, the number of paths found so far is returned, which
   *   still is a lower bound of the cut
   */
  count(
    starts: readonly number[],
    neighbours: (node: number) => readonly number[],
    open: Uint8Array,
    visits = Infinity,
  ): number {
    this.#flow++;
    let paths = 0;
    let left = visits;
    // A start that is a terminal can carry no other path than itself.
    for (const start of starts)
      if (open[start] === 0) {
        this.#use(start, ROOT);
        paths++;
      }
    for (let inner = starts.length - paths; inner > 0 && left > 0; inner--) {
      const end = this.#find(starts, neighbours, open, left);
      left -= this.#tail;
      if (end === NONE) break;
      this.#augment(end);
      paths++;
    }
    if (paths === starts.length) this.#enterStarts(starts);
    this.#isComplete = left > 0;
    return paths;
  }

  /** Whether the last `count` was not cut short. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /**
   * After a complete `count`: the nodes in the smallest cut that is nearest to the starts, and on their side of it. If none of some nodes is
   * there, the cut stays what it is if paths may end in those nodes too, or if they can not be cut.
   */
  beforeCut(): Int32Array {
    return this.#met.subarray(0, this.#metCount);
  }

  /** Where every start has its own path the starts are the nearest cut. */
  #enterStarts(starts: readonly number[]): void {
    this.#search++;
    this.#metCount = 0;
    for (const start of starts) this.#enter(start, ROOT);
  }

  #enter(node: number, from: number): void {
    this.#entered[node] = this.#search;
    this.#enteredFrom[node] = from;
    this.#met[this.#metCount++] = node;
  }

  #use(node: number, before: number): void {
    this.#flowStamp[node] = this.#flow;
    this.#before[node] = before;
  }

  #used(node: number): boolean {
    return this.#flowStamp[node] === this.#flow;
  }

  /** Searches breadth first for a terminal that is not in use; NONE if there is no augmenting path. */
  #find(
    starts: readonly number[],
    neighbours: (node: number) => readonly number[],
    open: Uint8Array,
    visits: number,
  ): number {
    this.#search++;
    this.#tail = 0;
    this.#metCount = 0;
    let from = ROOT;
    let list = starts;
    for (let head = 0; ; head++) {
      for (let index = 0; index < list.length; index++) {
        const node = list[index] as number;
        if (this.#entered[node] === this.#search) continue;
        this.#enter(node, from);
        if (open[node] === PASSABLE) this.#queue[this.#tail++] = node;
        else if (this.#used(node)) this.#undo(node);
        else if (open[node] === 0) return node;
        else this.#queue[this.#tail++] = node;
      }
      if (head >= this.#tail || head >= visits) return NONE;
      from = this.#queue[head] as number;
      list = neighbours(from);
      // Passable nodes are no part of paths: what is entered from them is entered from the vertex before.
      if (open[from] === PASSABLE) from = this.#enteredFrom[from] as number;
    }
  }

  /** A used vertex was entered: its path may leave the vertex before it by another edge, which may be freed in turn. */
  #undo(entered: number): void {
    for (let node = entered; ; ) {
      const before = this.#before[node] as number;
      if (before === ROOT || this.#left[before] === this.#search) return;
      this.#left[before] = this.#search;
      this.#leftFrom[before] = node;
      this.#queue[this.#tail++] = before;
      if (this.#entered[before] === this.#search) return;
      this.#enter(before, CANCELLED);
      node = before;
    }
  }

  #augment(end: number): void {
    let node = end;
    for (;;) {
      const from = this.#enteredFrom[node] as number;
      if (from === CANCELLED) {
        this.#flowStamp[node] = 0;
        node = this.#leftFrom[node] as number;
        continue;
      }
      const wasUsed = from !== ROOT && this.#used(from);
      this.#use(node, from);
      if (from === ROOT) return;
      node = wasUsed ? (this.#leftFrom[from] as number) : from;
    }
  }
}
