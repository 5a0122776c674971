/** One step of three adaptive leaky integrate-and-fire neurons (ALIF), each connected to all, with a smooth spike: their states after it. */

const membraneDecay = 0.95;
const thresholdDecay = 0.99;
const adaptation = 1.8;
const steepness = 5;

/** Membrane potential, adaptation of the threshold, and spike of a neuron. */
type Neuron = { potential: number; threshold: number; spike: number };
type Layer = [Neuron, Neuron, Neuron];
type Vector = [number, number, number];

const fired = (x: number) => 1 / (1 + Math.exp(-steepness * x));

function step({ potential, threshold, spike }: Neuron, current: number): Neuron {
  const adapted = thresholdDecay * threshold + (1 - thresholdDecay) * spike;
  const reset = spike * (1 + adaptation * threshold);
  const charged = membraneDecay * potential + (1 - membraneDecay) * current - reset;
  return { potential: charged, threshold: adapted, spike: fired(charged - 1 - adaptation * adapted) };
}

export function SpikingLayer([a, b, c]: Layer, [ia, ib, ic]: Vector, [wa, wb, wc]: [Vector, Vector, Vector]) {
  const received = ([x, y, z]: Vector) => x * a.spike + y * b.spike + z * c.spike;
  return [step(a, ia + received(wa)), step(b, ib + received(wb)), step(c, ic + received(wc))];
}
