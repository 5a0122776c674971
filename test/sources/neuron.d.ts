export default function neuron(
  x: readonly number[],
  bias?: readonly number[],
): { hidden: number[]; norm: number };
