/** What runs in the page: the report goes to the server that the page came from. */

import { report } from "./report.ts";

const result = await report(undefined).then(
  (found) => ({ isolated: crossOriginIsolated, report: found }),
  (error: unknown) => ({
    failure: error instanceof Error ? `${error.message}\n${error.stack}` : String(error),
  }),
);
await fetch("result", { method: "POST", body: JSON.stringify(result) });
