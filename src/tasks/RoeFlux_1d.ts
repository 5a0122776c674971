/**
 * The numerical flux of Roe's approximate Riemann solver for the one-dimensional Euler equations
 * (P. L. Roe, Journal of Computational Physics 43, 1981).
 *
 * A state is density, momentum and total energy, per volume; the flux goes through the face between a left and a right cell.
 */

const gamma = 0.5;

const pressure = (density: number, momentum: number, energy: number) =>
  (gamma - 1) * (energy - (0.5 * momentum ** 2) / density);

const enthalpy = (density: number, energy: number, p: number) => (energy + p) / density;

function flux(density: number, momentum: number, energy: number, p: number): [number, number, number] {
  const v = momentum / density;
  const f1 = p + momentum * v;
  const f2 = v * (p + energy);
  return [momentum, f1, f2];
}

export function RoeFlux_1d(
  l0: number,
  l1: number,
  l2: number,
  r0: number,
  r1: number,
  r2: number,
): [number, number, number] {
  const du = r0 - l0;
  const m = Math.sqrt(l0 * r0);
  const w = Math.sqrt(l0) + Math.sqrt(r0);

  const vl = l1 / l0;
  const pl = pressure(l0, l1, l2);
  const hl = enthalpy(l0, l2, pl);
  const vr = r1 / r0;
  const pr = pressure(r0, r1, r2);
  const hr = enthalpy(r0, r2, pr);
  const dp = pr - pl;
  const dv = vr - vl;

  // Roe averages: velocity, enthalpy, speed of sound.
  const u = (Math.sqrt(l0) * vl + Math.sqrt(r0) * vr) / w;
  const h = (Math.sqrt(l0) * hl + Math.sqrt(r0) * hr) / w;
  const q = u ** 2;
  const a2 = (gamma - 1) * (h - 0.5 * q);
  const a = Math.sqrt(a2);

  // Wave speeds and strengths.
  const lp = Math.abs(u + a);
  const lo = Math.abs(u);
  const ln = Math.abs(u);
  const n = a * m;
  const c0 = (du - dp / a2) * lo;
  const c1 = (dv + dp / n) * lp;
  const c2 = (dv - dp / n) * ln;

  const [FL0, FL1, FL2] = flux(l0, l1, l2, pl);
  const [FR0, FR1, FR2] = flux(r0, r1, r2, pr);
  const F0 = FL0 + FR0;
  const F1 = FL1 + FR1;
  const F2 = FL2 + FR2;

  const c = (0.5 * m) / a;
  const d0 = c0 + c * c1 - c * c2;
  const d1 = c0 * u + c * c1 * (u + a) - c * c2 * (u - a);
  const d2 = c0 * 0.5 * q + c * c1 * (h + u * a) - c * c2 * (h - u * a);

  const massFlux = 0.5 * (F0 - d0);
  const momentumFlux = 0.5 * (F1 - d1);
  const energyFlux = 0.5 * (F2 - d2);
  return [massFlux, momentumFlux, energyFlux];
}
