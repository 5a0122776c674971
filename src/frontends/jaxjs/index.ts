/** The jax-js front end: a function written with `@jax-js/jax` becomes a Program. */

import { InputError } from "../../errors.ts";
import type { Program } from "../../program/program.ts";
import { type JaxJsJaxpr, lowerJaxJs } from "./lower.ts";

/**
 * Traces a function of jax-js arrays with its own `makeJaxpr`; calls of jitted functions are put in their place. `@jax-js/jax` is an optional
 * peer dependency that is loaded here.
 *
 * @param exampleInputs arguments of the function, whose shapes and dtypes are those of the Program's inputs, in the order of jax-js's trees
 * @throws InputError if jax-js is not installed, or the function uses what is not supported, with the names of it all
 */
export async function fromJaxJs(
  // biome-ignore lint/suspicious/noExplicitAny: a lambda's parameters would be typed `never` or `unknown` by anything else; jax-js checks them itself.
  fn: (...inputs: any[]) => unknown,
  ...exampleInputs: readonly unknown[]
): Promise<Program> {
  const { makeJaxpr } = await import("@jax-js/jax").catch(() => {
    throw new InputError("fromJaxJs needs jax-js: npm install @jax-js/jax");
  });
  const trace = makeJaxpr as unknown as (traced: typeof fn) => (...inputs: readonly unknown[]) => {
    readonly jaxpr: { readonly jaxpr: JaxJsJaxpr; readonly consts: readonly ConstantArray[] };
  };
  const { jaxpr, consts } = trace(fn)(...exampleInputs).jaxpr;
  const constants = consts.map((array) => ({
    shape: array.shape,
    dtype: array.dtype,
    data: array.ref.dataSync(),
  }));
  return lowerJaxJs(jaxpr, constants, fn.name || "jaxjs");
}

/** What is read of a constant; `ref` is another reference, since reading one uses it up. */
interface ConstantArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly ref: { dataSync(): Iterable<number> };
}
