/**
 * The full formulation of the combustion of propane in air (MINPACK-2, Averick et al. 1992): residuals of the equilibrium of
 * ten products and their sum, at pressure p (atm) and an air-to-fuel ratio R.
 */

const p = 40;
const R = 10;

export function PropaneCombustion(
  x1: number,
  x2: number,
  x3: number,
  x4: number,
  x5: number,
  x6: number,
  x7: number,
  x8: number,
  x9: number,
  x10: number,
  x11: number,
) {
  const k = Math.sqrt(p / x11);
  const f1 = x1 + x4 - 3;
  const f2 = 2 * x1 + x2 + x4 + x7 + x8 + x9 + 2 * x10 - R;
  const f3 = 2 * x2 + 2 * x5 + x6 + x7 - 8;
  const f4 = 2 * x3 + x9 - 4 * R;
  const f5 = x2 * x4 - x1 * x5;
  const f6 = Math.sqrt(x2 * x4) - Math.sqrt(x1) * k * x6;
  const f7 = Math.sqrt(x1 * x2) - Math.sqrt(x4) * x7 * k;
  const f8 = x1 - (x4 * x8 * p) / x11;
  const f9 = x1 * Math.sqrt(x3) - x4 * x9 * k;
  const f10 = x1 ** 2 - (x4 ** 2 * x10 * p) / x11;
  const f11 = x11 - x1 - x2 - x3 - x4 - x5 - x6 - x7 - x8 - x9 - x10;
  return [f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11];
}
