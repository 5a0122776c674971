/** A time step of the viscous Burgers equation on a periodic grid of 8 cells: Rusanov's flux, Heun's method. */

type Cells = [number, number, number, number, number, number, number, number];

const { abs, max } = Math;

const dx = 1 / 8;
const dt = 0.01;

/** The value of a cell; the last one's neighbour is the first. */
const at = (cells: number[], i: number) => cells[(i + cells.length) % cells.length] ?? 0;

/** The flux from a cell to the next. */
function flux(left: number, right: number, viscosity: number): number {
  const speed = max(abs(left), abs(right));
  return (left ** 2 + right ** 2) / 4 - (speed / 2 + viscosity / dx) * (right - left);
}

function rate(u: number[], viscosity: number): number[] {
  const fluxes = u.map((left, i) => flux(left, at(u, i + 1), viscosity));
  return fluxes.map((out, i) => (at(fluxes, i - 1) - out) / dx);
}

export function Burgers(u: Cells, viscosity: number) {
  const first = rate(u, viscosity);
  const predicted = u.map((value, i) => value + dt * at(first, i));
  const second = rate(predicted, viscosity);
  return u.map((value, i) => value + (dt / 2) * (at(first, i) + at(second, i)));
}
