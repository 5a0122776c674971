/** Files of a training run of which the last but one is kept: a checkpoint or a configuration that was damaged costs a minute, not the run. */

import { copyFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../agents/index.ts";
import { InputError } from "../../errors.ts";
import { readBytes, readText, writeText } from "../files.ts";
import { configurationText, type PartialConfiguration, parseConfiguration } from "./configuration.ts";

const CHECKPOINT = "checkpoint.safetensors";
const CONFIGURATION = "configuration.yaml";

/** What was read, and what to tell the user if it was not the newest. */
export interface Kept<Content> {
  readonly content: Content;
  readonly remark: string | null;
}

/** Whether there is a training run in a directory. */
export async function hasRun(directory: string): Promise<boolean> {
  const files = [CHECKPOINT, previousOf(CHECKPOINT)].map((name) => exists(join(directory, name)));
  return (await Promise.all(files)).includes(true);
}

/** Writes a checkpoint; the one before it is kept. */
export function keepCheckpoint(directory: string, checkpoint: Checkpoint): Promise<void> {
  return keep(join(directory, CHECKPOINT), writeCheckpoint(checkpoint));
}

/** The newest checkpoint that can be read. Throws an InputError if there is none. */
export function lastCheckpoint(directory: string): Promise<Kept<Checkpoint>> {
  return last(directory, CHECKPOINT, async (path) => readCheckpoint(await readBytes(path), path));
}

/** Writes a configuration; the one before it is kept, or a copy if it is the first. */
export async function keepConfiguration(
  directory: string,
  configuration: PartialConfiguration,
): Promise<void> {
  const path = join(directory, CONFIGURATION);
  await keep(path, configurationText(configuration));
  if (!(await exists(previousOf(path)))) await copyFile(path, previousOf(path));
}

/** The newest configuration that can be read. Throws an InputError if there is none. */
export function lastConfiguration(directory: string): Promise<Kept<PartialConfiguration>> {
  return last(directory, CONFIGURATION, async (path) => parseConfiguration(await readText(path), path));
}

async function keep(path: string, content: string | Uint8Array): Promise<void> {
  const next = `${path}.next`;
  await writeText(next, content);
  if (await exists(path)) await rename(path, previousOf(path));
  await rename(next, path);
}

async function last<Content>(
  directory: string,
  name: string,
  read: (path: string) => Promise<Content>,
): Promise<Kept<Content>> {
  const path = join(directory, name);
  const fault = await attempt(() => read(path));
  if (!(fault instanceof InputError)) return { content: fault, remark: null };
  const previous = await attempt(() => read(previousOf(path)));
  if (previous instanceof InputError)
    throw new InputError(
      `nothing to resume: ${fault.message}; nor can the one before it be used: ${previous.message}`,
    );
  return { content: previous, remark: `${fault.message}: going on from the one before it.` };
}

async function attempt<Content>(read: () => Promise<Content>): Promise<Content | InputError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** `name.ending` as `name.previous.ending`. */
function previousOf(path: string): string {
  return path.replace(/(\.\w+)$/, ".previous$1");
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
