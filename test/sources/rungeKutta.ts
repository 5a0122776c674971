/** The classical Runge-Kutta method of order four. */

const nodes = [0, 1 / 2, 1 / 2, 1] as const;
const weights = [1, 2, 2, 1].map((weight) => weight / 6);

export function rungeKutta4(f: (y: number[]) => number[], y: number[], h: number): number[] {
  const slopes: number[][] = [];
  for (let stage = 0; stage < nodes.length; stage++) {
    const previous = slopes[stage - 1];
    const node = nodes[stage]!;
    slopes.push(f(previous ? y.map((value, i) => value + h * node * previous[i]!) : [...y]));
  }
  return y.map(
    (value, i) => value + h * slopes.reduce((sum, slope, stage) => sum + weights[stage]! * slope[i]!, 0),
  );
}
