/** The jaxpr front end: the text that JAX prints for a function (`print(jax.make_jaxpr(f)(*arguments))`) becomes a Program. */

import type { Program } from "../../program/program.ts";
import type { NestedNumbers } from "./constants.ts";
import { lower } from "./lower.ts";
import { parseSyntax } from "./syntax.ts";

/** How to name what is parsed. */
export interface JaxprOptions {
  /** The name of the Program; by default `jaxpr`. */
  readonly name?: string;
  /** The name of the text (a file name), which stands before the line in errors. */
  readonly source?: string;
  /**
   * The values of the constants, which stand before the `;` of a jaxpr: arrays that the function closes over. JAX prints their types only. First
   * those of the outermost jaxpr, `jax.make_jaxpr(f)(*arguments).consts`, then those of the jaxprs that it calls, in the order of its equations;
   * a jaxpr that is called twice has them once.
   */
  readonly constants?: readonly NestedNumbers[];
}

/**
 * Parses the text of a jaxpr, as any version of JAX since 2021 prints it.
 *
 * Called jaxprs (jit, custom_jvp_call, remat...) are put in the place of their calls; a function with a derivative rule of its own gets
 * the derivative of its body instead. Equations of a jaxpr without calls keep their numbers and names.
 *
 * @throws InputError with line and column if the text is not a jaxpr, is cut off or inconsistent; or a list of all that is not supported yet
 */
export function parseJaxpr(text: string, options: JaxprOptions = {}): Program {
  const { name = "jaxpr", source, constants = [] } = options;
  return lower(parseSyntax(text, source), name, constants, source);
}
