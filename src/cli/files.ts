/** Files: read with clear errors, written by temporary file and rename, so that nothing is ever half-written. */

import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../errors.ts";

/** The text of a file. Throws an InputError that says why it cannot be read. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${reason(error)}`);
  }
}

/** The bytes of a file. Throws an InputError that says why it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new InputError(`cannot read ${path}: ${reason(error)}`);
  }
}

/** The JSON value in a file. Throws an InputError if it cannot be read or is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  return parseJson(await readText(path), path);
}

/** Parses JSON. Throws an InputError that names the source and the parser's complaint. */
export function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${source} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** Writes a file whole or not at all. Throws an InputError that says why it cannot be written. */
export async function writeText(path: string, text: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new InputError(`cannot write ${path}: ${reason(error)}`);
  }
}

/** Makes sure, before long work begins, that files can be written to a directory; makes it if it is not there. */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    const probe = join(directory, `.alphagrad-${process.pid}.tmp`);
    await writeFile(probe, "");
    await rm(probe);
  } catch (error) {
    throw new InputError(`cannot write to ${directory}: ${reason(error)}; choose another directory`);
  }
}

/** Makes sure that a file can be written later: its directory must exist and be writable. */
export async function prepareFile(path: string): Promise<void> {
  await prepareDirectory(dirname(path));
}

const REASONS: { readonly [code: string]: string | undefined } = {
  ENOENT: "there is no such file",
  EISDIR: "it is a directory",
  ENOTDIR: "part of the path is a file, not a directory",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EEXIST: "a file of that name exists",
  ENOSPC: "the disk is full",
};

function reason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
