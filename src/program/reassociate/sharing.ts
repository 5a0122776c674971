/** Common parts of products: which two factors to multiply first so that the fewest multiplications are left. */

/** A product of factors by number, in ascending order, as often as they occur. */
export type Factors = readonly number[];

export interface Sharing {
  /** New factors: number `first + k` is the product of `pairs[k]`, each of two factors with smaller numbers. */
  readonly pairs: readonly (readonly [number, number])[];
  /** The given products in terms of old and new factors. */
  readonly products: readonly Factors[];
}

/** Pairs are keyed by one number: factors must be fewer. */
const MOST = 2 ** 26;

/**
 * Takes out the pair of factors that occurs in most products, again and again until none occurs twice: the greedy extraction of common
 * cubes of logic synthesis (Brayton & McMullen 1982), here for products. Ties go to the smallest numbers.
 *
 * @param products different from each other
 * @param first the number of the first new factor, above all that occur
 */
export function sharePairs(products: readonly Factors[], first: number): Sharing {
  const rest = products.map((factors) => [...factors]);
  const counts = new Map<number, number>();
  const users = new Map<number, Set<number>>();
  const count = (product: number, sign: 1 | -1) => {
    for (const [key, times] of pairsOf(rest[product] ?? [])) {
      counts.set(key, (counts.get(key) ?? 0) + sign * times);
      const own = users.get(key) ?? new Set();
      if (sign > 0) own.add(product);
      else own.delete(product);
      users.set(key, own);
    }
  };
  for (const product of rest.keys()) count(product, 1);
  const pairs: [number, number][] = [];
  for (;;) {
    const [key, times] = mostFrequent(counts);
    if (times < 2) return { pairs, products: rest };
    const pair: [number, number] = [Math.floor(key / MOST), key % MOST];
    const made = first + pairs.length;
    pairs.push(pair);
    for (const product of [...(users.get(key) ?? [])]) {
      count(product, -1);
      rest[product] = replaced(rest[product] ?? [], pair, made);
      count(product, 1);
    }
  }
}

/** How often each pair of factors occurs in a product, no factor used twice. */
function pairsOf(factors: Factors): Map<number, number> {
  const times = new Map<number, number>();
  for (const factor of factors) times.set(factor, (times.get(factor) ?? 0) + 1);
  const distinct = [...times];
  const pairs = new Map<number, number>();
  distinct.forEach(([a, ofA], place) => {
    if (ofA > 1) pairs.set(a * MOST + a, Math.floor(ofA / 2));
    for (const [b, ofB] of distinct.slice(place + 1)) pairs.set(a * MOST + b, Math.min(ofA, ofB));
  });
  return pairs;
}

function mostFrequent(counts: ReadonlyMap<number, number>): [key: number, times: number] {
  let [best, most] = [0, 0];
  for (const [key, times] of counts)
    if (times > most || (times === most && key < best)) [best, most] = [key, times];
  return [best, most];
}

/** The product with the new factor for each occurrence of the pair; it is the largest, so it stands last. */
function replaced(factors: Factors, [a, b]: readonly [number, number], made: number): number[] {
  const rest = [...factors];
  let found = 0;
  for (;;) {
    const atA = rest.indexOf(a);
    const atB = rest.indexOf(b, a === b ? atA + 1 : 0);
    if (atA < 0 || atB < 0) return [...rest, ...new Array<number>(found).fill(made)];
    rest.splice(Math.max(atA, atB), 1);
    rest.splice(Math.min(atA, atB), 1);
    found++;
  }
}
