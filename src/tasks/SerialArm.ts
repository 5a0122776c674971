/** Forward kinematics of a seven-axis arm from its Denavit-Hartenberg table: joint angles to the position of the hand and the axis it points along. */

const { sin, cos, PI } = Math;

/** Link length a (m), twist alpha and offset d (m) of each joint. */
type Link = [a: number, alpha: number, d: number];

/** A row of a pose: [rotation | position]. */
type Row = [number, number, number, number];

const table: Link[] = [
  [0, -PI / 2, 0.333],
  [0, PI / 2, 0],
  [0.0825, PI / 2, 0.316],
  [-0.0825, -PI / 2, 0],
  [0, PI / 2, 0.384],
  [0.088, PI / 2, 0],
  [0, 0, 0.107],
];

/** A row of the pose after one more joint. The twists are right angles, so that their sines and cosines are 0 or 1. */
function turned([x, y, z, p]: Row, angle: number, [a, alpha, d]: Link): Row {
  const [ca, sa] = [Math.round(cos(alpha)), Math.round(sin(alpha))];
  const along = x * cos(angle) + y * sin(angle);
  const across = y * cos(angle) - x * sin(angle);
  return [along, ca * across + sa * z, ca * z - sa * across, p + a * along + d * z];
}

export function SerialArm(angles: [number, number, number, number, number, number, number]) {
  let pose: Row[] = [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
    [0, 0, 1, 0],
  ];
  table.forEach((link, joint) => {
    pose = pose.map((row) => turned(row, angles[joint] ?? 0, link));
  });
  return { position: pose.map(([, , , p]) => p), axis: pose.map(([, , z]) => z) };
}
