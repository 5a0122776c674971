/** One step of the classical Runge-Kutta method for a double pendulum. */

import { rungeKutta4 } from "./rungeKutta.ts";

/** Both angles (rad) and both angular velocities (rad/s). */
export type State = [theta1: number, theta2: number, omega1: number, omega2: number];

interface Pendulum {
  readonly masses: readonly [number, number];
  readonly lengths: readonly [number, number];
}

const gravity = 9.81;

function derivative([theta1, theta2, omega1, omega2]: State, { masses, lengths }: Pendulum): State {
  const [m1, m2] = masses;
  const [l1, l2] = lengths;
  const delta = theta1 - theta2;
  const { sin, cos } = Math;
  const denominator = 2 * m1 + m2 - m2 * cos(2 * delta);
  let acceleration1 = -gravity * (2 * m1 + m2) * sin(theta1);
  acceleration1 -= m2 * gravity * sin(theta1 - 2 * theta2);
  acceleration1 -= 2 * sin(delta) * m2 * (omega2 * omega2 * l2 + omega1 * omega1 * l1 * cos(delta));
  acceleration1 /= l1 * denominator;
  const inner =
    omega1 * omega1 * l1 * (m1 + m2) +
    gravity * (m1 + m2) * cos(theta1) +
    omega2 * omega2 * l2 * m2 * cos(delta);
  const acceleration2 = (2 * sin(delta) * inner) / (l2 * denominator);
  return [omega1, omega2, acceleration1, acceleration2];
}

export function doublePendulum(state: State, pendulum: Pendulum, step = 0.01) {
  return rungeKutta4((y) => derivative(y as State, pendulum), state, step);
}
