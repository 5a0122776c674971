/**
 * How threads share a batch. This text runs on all threads of a kernel, the one that calls `runBatch` included, so it stands for itself: plain JavaScript without imports.
 *
 * `control` is shared memory of 32-bit words; `slots` says which is which. The caller writes the batch there, opens the gate and rings; whoever comes through the gate takes chunks of
 * points until there are none left. Closing the gate, the caller waits for those inside, and for nobody else: a thread that wakes late finds it closed.
 */

/** The gate's value when it is closed and nobody is inside; open, it counts who is. */
const CLOSED = -(2 ** 30);

/** What computes `count` points from point `first` on, planes given by address and stride in elements. */
function evaluator({ code, dtype }, memory) {
  const Numbers = dtype === "float64" ? Float64Array : Float32Array;
  const size = Numbers.BYTES_PER_ELEMENT;
  if (code.kind === "wasm") {
    const { batch } = new WebAssembly.Instance(code.module, { kernel: { memory } }).exports;
    return (count, first, inputs, inputStride, outputs, outputStride) =>
      batch(count, inputs + size * first, size * inputStride, outputs + size * first, size * outputStride);
  }
  const { runBatch } = new Function(code.body)();
  const from = (address, first) => new Numbers(memory.buffer, address + size * first);
  return (count, first, inputs, inputStride, outputs, outputStride) =>
    runBatch(count, from(inputs, first), inputStride, from(outputs, first), outputStride);
}

/** Computes chunks as long as there are any. */
function takeChunks(evaluate, control, slots) {
  const word = (slot) => control[slot] >>> 0;
  const [count, chunk] = [word(slots.count), word(slots.chunk)];
  const planes = [slots.inputs, slots.inputStride, slots.outputs, slots.outputStride].map(word);
  for (;;) {
    const first = Atomics.add(control, slots.next, chunk);
    if (first >= count) return;
    evaluate(Math.min(chunk, count - first), first, ...planes);
  }
}

/** Whether the gate was open; then this thread counts as inside. */
function enter(control, slots) {
  for (let inside = Atomics.load(control, slots.gate); inside >= 0; ) {
    const before = Atomics.compareExchange(control, slots.gate, inside, inside + 1);
    if (before === inside) return true;
    inside = before;
  }
  return false;
}

/** Leaves a text where the caller finds it. */
function tellFailure(error, control, slots) {
  const text = String(error).slice(0, control.length - slots.text);
  for (let index = 0; index < text.length; index++) control[slots.text + index] = text.charCodeAt(index);
  Atomics.store(control, slots.failure, text.length);
}

/** Helps with one batch after the other. */
function serve(evaluate, control, slots) {
  for (let seen = 0; ; ) {
    Atomics.wait(control, slots.rings, seen);
    seen = Atomics.load(control, slots.rings);
    if (!enter(control, slots)) continue;
    try {
      takeChunks(evaluate, control, slots);
    } catch (error) {
      tellFailure(error, control, slots);
    }
    Atomics.sub(control, slots.gate, 1);
    Atomics.notify(control, slots.gate);
  }
}

/** Closes the gate and waits until nobody is inside. Pages may not sleep on their main thread; there it looks again and again. */
function closeGate(control, slots, maySleep) {
  Atomics.add(control, slots.gate, CLOSED);
  for (let looks = 0; ; looks++) {
    const inside = Atomics.load(control, slots.gate);
    if (inside === CLOSED) return;
    if (maySleep && looks > 1000) Atomics.wait(control, slots.gate, inside);
  }
}

/** What a thread does that was started for a kernel. */
function begin({ kernel, memory, control, slots }, tell) {
  try {
    const evaluate = evaluator(kernel, memory);
    tell({ kind: "ready" });
    serve(evaluate, control, slots);
  } catch (error) {
    tell({ kind: "failed", why: String(error) });
  }
}

// biome-ignore lint/correctness/noUnusedVariables: whoever runs this text goes on from here
const functions = { evaluator, takeChunks, closeGate, begin, CLOSED };
