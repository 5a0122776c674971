/** Scalar multiplications that Lohoff & Neftci 2024 (arXiv 2406.05027, table 1) publish for their tasks, in their own accounting. */

export interface PublishedCounts {
  readonly forward: number;
  readonly reverse: number;
  readonly markowitz: number;
  /** The best that AlphaGrad found. */
  readonly best: number;
}

export const published: { readonly [task: string]: PublishedCounts | undefined } = {
  RoeFlux_1d: { forward: 620, reverse: 364, markowitz: 407, best: 320 },
  RobotArm_6DOF: { forward: 397, reverse: 301, markowitz: 288, best: 231 },
  HumanHeartDipole: { forward: 240, reverse: 172, markowitz: 194, best: 148 },
  PropaneCombustion: { forward: 151, reverse: 90, markowitz: 111, best: 88 },
  g: { forward: 632, reverse: 566, markowitz: 451, best: 416 },
  BlackScholes_Jacobian: { forward: 545, reverse: 572, markowitz: 350, best: 308 },
  RoeFlux_3d: { forward: 1556, reverse: 979, markowitz: 938, best: 784 },
  f: { forward: 17728, reverse: 9333, markowitz: 12083, best: 6313 },
  Perceptron: { forward: 10930, reverse: 392, markowitz: 4796, best: 389 },
  Encoder: { forward: 135010, reverse: 4688, markowitz: 51869, best: 4656 },
};
