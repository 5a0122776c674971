/** Forward kinematics of a six-axis industrial robot arm: joint angles to the position (mm) and orientation (Euler angles) of its hand. */

const a1 = 175;
const a2 = 890;
const a3 = 50;
const d1 = 575;
const d4 = 1035;
const d6 = 185;

const { sin, cos, sqrt, atan2 } = Math;

const cosOfSum = (x: number, y: number) => cos(x) * cos(y) - sin(x) * sin(y);
const sinOfSum = (x: number, y: number) => cos(x) * sin(y) + sin(x) * cos(y);

export function RobotArm_6DOF(t1: number, t2: number, t3: number, t4: number, t5: number, t6: number) {
  const c1 = cos(t1);
  const c2 = cos(t2);
  const c4 = cos(t4);
  const c5 = cos(t5);
  const c6 = cos(t6);
  const c23 = cosOfSum(t2, t3);
  const s1 = sin(t1);
  const s2 = sin(t2);
  const s4 = sin(t4);
  const s5 = sin(t5);
  const s6 = sin(t6);
  const s23 = sinOfSum(t2, t3);

  const ax = s5 * (c1 * c23 * c4 + s1 * s4) + c1 * s23 * c5;
  const ay = s5 * (s1 * c23 * c4 - c1 * s4) + s1 * s23 * c5;
  const az = s23 * c4 * s5 - c23 * c5;
  const nz = c6 * (c23 * s5 + s23 * c4 * c5) - s23 * s4 * s6;
  const oz = -s6 * (c23 * s5 + s23 * c4 * c5) - s23 * s4 * c6;

  const z = atan2(ay, ax);
  const y = atan2(sqrt(1 - az ** 2), az);
  const x = atan2(oz, -nz);

  const px =
    d6 * (s5 * (c1 * c23 * c4 + s1 * s4) + c1 * s23 * c5) + c1 * (a1 + a2 * c2 + a3 * c23 + d4 * s23);
  const py =
    d6 * (s5 * (s1 * c23 * c4 + c1 * s4) + s1 * s23 * c5) + s1 * (a1 + a2 * c2 + a3 * c23 + d4 * s23);
  const pz = a2 * s2 + d1 + a3 * s23 - d4 * c23 + d6 * (s23 * c4 * s5 - c23 * c5);

  return [px, py, pz, z, y, x];
}
