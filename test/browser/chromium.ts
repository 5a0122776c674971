/** A headless Chromium that opens one page, which tells what it found by a POST to its own server. */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Chromium is: ALPHAGRAD_CHROMIUM, or where Debian puts it; undefined if it is not there. */
export const chromium = [process.env.ALPHAGRAD_CHROMIUM ?? "/usr/bin/chromium"].find((path) =>
  existsSync(path),
);

const QUIET = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update"],
];

/** With these headers a page may share memory between threads. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Serves a module to a page of its own and waits for what the page posts to `result`.
 *
 * @returns what it posted, as JSON says
 */
export async function openPage(
  executable: string,
  module: string,
  { isolated, seconds = 100 }: { readonly isolated: boolean; readonly seconds?: number },
): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "alphagrad-chromium-"));
  let resolvePosted = (_: string) => {};
  let rejectPosted = (_: Error) => {};
  const posted = new Promise<string>((resolve, reject) => {
    [resolvePosted, rejectPosted] = [resolve, reject];
  });
  const server = createServer((request, response) => {
    const send = (type: string, body: string) =>
      response.writeHead(200, { "Content-Type": type, ...(isolated ? ISOLATION : {}) }).end(body);
    if (request.method === "POST") {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      request.on("end", () => {
        send("text/plain", "");
        resolvePosted(body);
      });
    } else if (request.url === "/page.js") send("text/javascript", module);
    else
      send("text/html", '<!doctype html><meta charset="utf-8"><script type="module" src="page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/`;
  const browser = spawn(executable, [...QUIET, `--user-data-dir=${profile}`, address], {
    stdio: "ignore",
    // A group of its own, so that all its processes can be ended.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => browser.on("close", () => resolve()));
  browser.on("error", rejectPosted);
  browser.on("exit", (code) => rejectPosted(new Error(`Chromium ended with ${code}`)));
  const late = setTimeout(
    () => rejectPosted(new Error(`the page said nothing in ${seconds} s`)),
    1000 * seconds,
  );
  try {
    return JSON.parse(await posted);
  } finally {
    clearTimeout(late);
    if (browser.pid !== undefined && browser.exitCode === null) process.kill(-browser.pid, "SIGKILL");
    server.closeAllConnections();
    server.close();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 9 });
  }
}
