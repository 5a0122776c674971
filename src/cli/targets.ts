/** What code can be written in; `kernelFiles.ts` says how. Apart from it so that the command line knows the names without loading emitters. */

import { InputError } from "../errors.ts";

export const TARGETS = ["js", "wasm", "c", "jax"] as const;
export type FileTarget = (typeof TARGETS)[number];

/** The targets of a list with commas, after those of earlier flags. Throws an InputError that names what there is. */
export function targetList(text: string, earlier: readonly FileTarget[] = []): FileTarget[] {
  const wanted = text.split(",").map((name) => {
    const found = TARGETS.find((target) => target === name.trim());
    if (found === undefined)
      throw new InputError(`--target: expected some of ${TARGETS.join(", ")}, got "${name}"`);
    return found;
  });
  return [...new Set([...earlier, ...wanted])];
}
