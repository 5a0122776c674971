/**
 * The human heart dipole problem of the MINPACK-2 collection (Averick et al. 1992): residuals of eight equations for the
 * moments of two dipoles in the heart, measured on the skin; all measured sums are 1 here.
 */

const sigma = 1;

export function HumanHeartDipole(
  x1: number,
  x2: number,
  x3: number,
  x4: number,
  x5: number,
  x6: number,
  x7: number,
  x8: number,
) {
  const f1 = x1 + x2 - sigma;
  const f2 = x3 + x4 - sigma;
  const f3 = x5 * x1 + x6 * x2 - x7 * x3 - x8 * x4 - sigma;
  const f4 = x7 * x1 + x8 * x2 + x5 * x3 + x6 * x4 - sigma;

  const A = x5 ** 2 - x7 ** 2;
  const B = x6 ** 2 - x8 ** 2;
  const f5 = x1 * A - 2 * x3 * x5 * x7 + x2 * B - 2 * x4 * x6 * x8 - sigma;
  const f6 = x3 * A - 2 * x1 * x5 * x7 + x4 * B - 2 * x2 * x6 * x8 - sigma;

  const a = x5 * (x5 ** 2 - 3 * x7 ** 2);
  const b = x7 * (x7 ** 2 - 3 * x5 ** 2);
  const c = x6 * (x6 ** 2 - 3 * x8 ** 2);
  const d = x8 * (x8 ** 2 - 3 * x6 ** 2);
  const f7 = x1 * a + x3 * b + x2 * c + x4 * d - sigma;
  const f8 = x3 * a - x1 * b + x4 * c - x2 * d - sigma;

  return [f1, f2, f3, f4, f5, f6, f7, f8];
}
