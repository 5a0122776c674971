/** Reprojection error of a point seen by a camera, as in ADBench: Rodrigues rotation, perspective, radial distortion. */

type Pair = [number, number];
type Vector = [number, number, number];

const { sqrt, sin, cos } = Math;

const dot = ([a, b, c]: Vector, [x, y, z]: Vector) => a * x + b * y + c * z;
const minus = ([a, b, c]: Vector, [x, y, z]: Vector): Vector => [a - x, b - y, c - z];
const plus = ([a, b, c]: Vector, [x, y, z]: Vector): Vector => [a + x, b + y, c + z];
const times = (factor: number, [x, y, z]: Vector): Vector => [factor * x, factor * y, factor * z];
const cross = ([a, b, c]: Vector, [x, y, z]: Vector): Vector => [b * z - c * y, c * x - a * z, a * y - b * x];

/** The point turned about the axis `rotation`, whose length is the angle. */
function rotate(rotation: Vector, point: Vector): Vector {
  const angle = sqrt(dot(rotation, rotation));
  const axis = times(1 / angle, rotation);
  const across = times(sin(angle), cross(axis, point));
  const along = times(dot(axis, point) * (1 - cos(angle)), axis);
  return plus(plus(times(cos(angle), point), across), along);
}

export function BundleAdjustment(
  rotation: Vector,
  centre: Vector,
  focal: number,
  [u0, v0]: Pair,
  [k1, k2]: Pair,
  point: Vector,
  weight: number,
  [u, v]: Pair,
) {
  const [x, y, z] = rotate(rotation, minus(point, centre));
  const [p, q] = [x / z, y / z];
  const squared = p ** 2 + q ** 2;
  const scale = 1 + k1 * squared + k2 * squared ** 2;
  return [weight * (focal * scale * p + u0 - u), weight * (focal * scale * q + v0 - v)];
}
