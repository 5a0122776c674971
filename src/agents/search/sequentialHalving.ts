/** Sequential halving at the root (Karnin, Koren & Somekh 2013; Danihelka et al. 2022, section 3), planned ahead as in mctx's `seq_halving.py`. */

/**
 * How many visits the action to be simulated next has had, for each simulation in turn: all considered actions get equally many visits, then the better half of
 * them, and so on, down to two.
 *
 * @param considered how many actions are considered, at least 1
 * @returns [simulations]
 */
export function consideredVisits(considered: number, simulations: number): Int32Array {
  const sequence: number[] = [];
  if (considered <= 1) return Int32Array.from({ length: simulations }, (_, simulation) => simulation);
  const rounds = Math.ceil(Math.log2(considered));
  const visits = new Int32Array(considered);
  let left = considered;
  while (sequence.length < simulations) {
    const extra = Math.max(1, Math.floor(simulations / (rounds * left)));
    for (let visit = 0; visit < extra; visit++)
      for (let action = 0; action < left; action++) {
        sequence.push(visits[action] as number);
        visits[action] = (visits[action] as number) + 1;
      }
    left = Math.max(2, Math.floor(left / 2));
  }
  return Int32Array.from(sequence.slice(0, simulations));
}
