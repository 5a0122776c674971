/** Files that come with the package beside its code: configurations of training, learned policies. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The path of a file of the package; null if there is none of that name. */
export function packageFile(name: string): string | null {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) {
      const path = join(folder, name);
      return existsSync(path) ? path : null;
    }
    if (folder === dirname(folder)) return null;
  }
}
