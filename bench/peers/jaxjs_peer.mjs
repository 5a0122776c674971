/**
 * Peer: jax-js, jacfwd and jacrev of one array of inputs under jit, batches by vmap, in its WebAssembly backend and the float32 that it is made for.
 *
 * The protocol is that of peer.py. jax-js uses its arrays up: `.ref` is one reference more.
 */

import { readFileSync } from "node:fs";

const INSTALL = "npm install @jax-js/jax";
const TOLERANCE = 2e-3;
const SMALL = 1e-2;

/** Functions by their primitive, of arrays of no dims. */
function rulesOf(np) {
  const alike =
    "exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh cbrt floor ceil sign expm1 log1p log2 log10 exp2 square".split(
      " ",
    );
  return {
    ...Object.fromEntries(alike.map((name) => [name, (_, x) => np[name](x)])),
    abs: (_, x) => np.abs(x),
    neg: (_, x) => np.negative(x),
    add: (_, x, y) => np.add(x, y),
    sub: (_, x, y) => np.subtract(x, y),
    mul: (_, x, y) => np.multiply(x, y),
    div: (_, x, y) => np.divide(x, y),
    pow: (_, x, y) => np.power(x, y),
    atan2: (_, x, y) => np.atan2(x, y),
    hypot: (_, x, y) => np.hypot(x, y),
    max: (_, x, y) => np.maximum(x, y),
    min: (_, x, y) => np.minimum(x, y),
    integer_pow({ exponent }, x) {
      let result = null;
      for (let left = Math.abs(exponent); left > 0; left--)
        result = result === null ? x.ref : np.multiply(result, x.ref);
      x.dispose();
      return exponent < 0 ? np.divide(1, result) : (result ?? np.ones([]));
    },
    copy: (_, x) => x,
    convert: (_, x) => x,
    reshape: (_, x) => x,
  };
}

/** The outputs of a Program of scalars. Throws an Error that names what has no translation. */
function evaluate(program, inputs, rules) {
  const values = [...inputs];
  const read = (operand) => (typeof operand === "number" ? values[operand].ref : Number(operand.literal));
  for (const { primitive, parameters, operands, type } of program.equations) {
    const rule = rules[primitive];
    if (type.shape.length > 0 || rule === undefined)
      throw new Error(`no translation of ${type.shape.length > 0 ? "arrays" : primitive}`);
    values.push(rule(parameters, ...operands.map(read)));
  }
  const outputs = program.outputs.map(({ operand }) => read(operand));
  for (const value of values) value.dispose();
  return outputs;
}

const varied = (value, index) => value * (1 + (index % 61) * 1e-5);

/** The largest relative distance from the expected rows, in tolerances. */
function disagreement(values, expected) {
  const wanted = expected.flat();
  const least = Math.max(SMALL * Math.max(0, ...wanted.map(Math.abs)), 1e-300);
  const errors = wanted.map(
    (value, entry) => Math.abs(values[entry] - value) / Math.max(Math.abs(value), least),
  );
  return errors.some(Number.isNaN) || values.length !== wanted.length
    ? Infinity
    : Math.max(0, ...errors) / TOLERANCE;
}

/** Nanoseconds per evaluation of calls that return a promise: each is awaited, since results come later. */
async function measure(call, evaluations, seconds) {
  const clock = () => performance.now();
  let calls = 0;
  let start = clock();
  while (calls === 0 || clock() - start < 300 * seconds) {
    await call();
    calls++;
  }
  const repetitions = Math.max(1, Math.floor((10 * seconds * calls) / (clock() - start)));
  const samples = [];
  const end = clock() + 700 * seconds;
  while (samples.length < 5 || (clock() < end && samples.length < 1000)) {
    start = clock();
    for (let call_ = 0; call_ < repetitions; call_++) await call();
    samples.push(((clock() - start) * 1e6) / (repetitions * evaluations));
  }
  samples.sort((a, b) => a - b);
  const at = (share) => samples[Math.round(share * (samples.length - 1))];
  return { median: at(0.5), low: at(0.25), high: at(0.75), samples: samples.length };
}

async function run({ program, points, dtypes, batches, seconds }, jaxjs) {
  const { numpy: np, jacfwd, jacrev, jit, vmap, init, defaultDevice } = jaxjs;
  await init("wasm");
  defaultDevice("wasm");
  const notes = [];
  const cases = [];
  if (!dtypes.includes("float32")) notes.push("jax-js is left out: it is measured in float32");
  const rules = rulesOf(np);
  const width = program.inputs.length;
  const packed = (x) => {
    const inputs = Array.from({ length: width }, (_, index) => x.ref.slice(index));
    x.dispose();
    return np.stack(evaluate(program, inputs, rules));
  };
  for (const [variant, derivative] of dtypes.includes("float32")
    ? [
        ["jacfwd packed", jacfwd],
        ["jacrev packed", jacrev],
      ]
    : []) {
    try {
      const single = jit(derivative(packed));
      const batched = jit(vmap(derivative(packed)));
      let worst = 0;
      // Its jacfwd has the inputs first.
      const laidOut = (rows) =>
        derivative === jacfwd ? rows[0].map((_, column) => rows.map((row) => row[column])) : rows;
      for (const { inputs, jacobian } of points)
        worst = Math.max(
          worst,
          disagreement(Array.from(await single(np.array(inputs)).data()), laidOut(jacobian)),
        );
      if (!(worst <= 1)) {
        notes.push(
          `jax-js ${variant}: not timed, its Jacobian differs from ours by ${(worst * TOLERANCE).toExponential(1)}, relatively`,
        );
        continue;
      }
      for (const batch of batches) {
        const point = points[0].inputs;
        const rows = Float32Array.from({ length: batch * width }, (_, k) =>
          varied(point[k % width], Math.floor(k / width)),
        );
        const x = batch === 1 ? np.array(rows) : np.array(rows).reshape([batch, width]);
        const call = async () => {
          const result = (batch === 1 ? single : batched)(x.ref);
          await result.blockUntilReady();
          result.dispose();
        };
        cases.push({
          group: "jax-js",
          variant,
          dtype: "float32",
          batch,
          threads: 1,
          ...(await measure(call, batch, seconds)),
        });
        x.dispose();
      }
    } catch (error) {
      notes.push(`jax-js ${variant} is left out: ${String(error.message).split("\n")[0]}`);
    }
  }
  return { cases, notes };
}

const request = JSON.parse(readFileSync(0, "utf8"));
const jaxjs = await import("@jax-js/jax").catch(() => null);
const answer =
  jaxjs === null
    ? { peer: "jax-js", missing: INSTALL }
    : { peer: "jax-js", versions: {}, ...(await run(request, jaxjs)) };
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));
