/**
 * The least multiplications that are known for the tasks as written, by any search (docs/benchmarks.md): lines in learning curves. Proved optimal: RoeFlux_1d,
 * RobotArm_6DOF, HumanHeartDipole, PropaneCombustion, BlackScholes.
 */
export const bestKnown: { readonly [task: string]: number | undefined } = {
  RoeFlux_1d: 295,
  RobotArm_6DOF: 221,
  HumanHeartDipole: 148,
  PropaneCombustion: 88,
  g: 409,
  BlackScholes_Jacobian: 297,
  BlackScholes: 42,
  RoeFlux_3d: 602,
  f: 4519,
  Perceptron: 308,
  Encoder: 4335,
};
