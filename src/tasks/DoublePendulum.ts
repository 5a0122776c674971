/** One step of the classical Runge-Kutta method for a double pendulum: angles and angular velocities after the step. */

const { sin, cos } = Math;

const gravity = 9.81;

/** Angles and angular velocities. */
type State = [number, number, number, number];
type Pair = [number, number];

function derivative([a, b, u, v]: State, [l1, l2]: Pair, [m1, m2]: Pair): State {
  const d = a - b;
  const m = 2 * m1 + m2 - m2 * cos(2 * d);
  const du =
    -gravity * (2 * m1 + m2) * sin(a) -
    m2 * gravity * sin(a - 2 * b) -
    2 * sin(d) * m2 * (v ** 2 * l2 + u ** 2 * l1 * cos(d));
  const dv =
    2 * sin(d) * (u ** 2 * l1 * (m1 + m2) + gravity * (m1 + m2) * cos(a) + v ** 2 * l2 * m2 * cos(d));
  return [u, v, du / (l1 * m), dv / (l2 * m)];
}

/** y + factor * k */
const moved = ([a, b, u, v]: State, factor: number, [da, db, du, dv]: State): State => [
  a + factor * da,
  b + factor * db,
  u + factor * du,
  v + factor * dv,
];

export function DoublePendulum(state: State, lengths: Pair, masses: Pair, h: number) {
  const f = (y: State) => derivative(y, lengths, masses);
  const k1 = f(state);
  const k2 = f(moved(state, h / 2, k1));
  const k3 = f(moved(state, h / 2, k2));
  const k4 = f(moved(state, h, k3));
  return moved(moved(moved(moved(state, h / 6, k1), h / 3, k2), h / 3, k3), h / 6, k4);
}
