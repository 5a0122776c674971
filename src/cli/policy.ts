/** The policy that comes with the package: `--method policy`. */

import { policyStrategy, readNetwork } from "../agents/index.ts";
import { InputError } from "../errors.ts";
import { beside, type NamedSearch } from "../search/methods.ts";
import { readBytes } from "./files.ts";
import { packageFile } from "./packageFiles.ts";

const FILE = "policies/random.safetensors";

/** A search by what was learned on random programs (docs/learning.md). Throws an InputError if its file is missing or damaged. */
export async function shippedPolicy(): Promise<NamedSearch> {
  const path = packageFile(FILE);
  if (path === null)
    throw new InputError(`the learned policy ${FILE} is not in this installation: install alphagrad anew`);
  const { architecture, weights } = readNetwork(await readBytes(path), path);
  return { name: "policy", search: beside("policy", policyStrategy(architecture, weights), "any") };
}
