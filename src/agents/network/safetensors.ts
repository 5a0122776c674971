/**
 * Weights as a safetensors file (https://github.com/huggingface/safetensors, "Format"): eight bytes with the length of a JSON header, the header, then
 * the numbers, little-endian. Readable by every framework; metadata are strings.
 */

import { z } from "zod";
import { InputError } from "../../errors.ts";
import { readJson } from "../../json.ts";
import type { Layout } from "./weights.ts";

const entrySchema = z.object({
  dtype: z.literal("F32", "expected F32"),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()).optional() })
  .catchall(entrySchema);

/** What a file holds. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: Float32Array }>;
}

/** The bytes of a network's weights. */
export function writeSafetensors(
  layout: Layout,
  weights: Float32Array,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, shape, offset, size } of layout.entries.values())
    header[name] = { dtype: "F32", shape, data_offsets: [4 * offset, 4 * (offset + size)] };
  const text = JSON.stringify(header);
  const encoded = new TextEncoder().encode(
    text.padEnd(text.length + (-new TextEncoder().encode(text).length & 7)),
  );
  const bytes = new Uint8Array(8 + encoded.length + 4 * weights.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(encoded.length), true);
  bytes.set(encoded, 8);
  weights.forEach((value, index) => {
    view.setFloat32(8 + encoded.length + 4 * index, value, true);
  });
  return bytes;
}

/**
 * Reads a file of single-precision tensors.
 *
 * @param source how the file is called, for messages
 * @throws InputError if it is not one
 */
export function readSafetensors(bytes: Uint8Array, source?: string): Safetensors {
  const place = source === undefined ? undefined : { source };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Infinity : Number(view.getBigUint64(0, true));
  if (8 + length > bytes.length) throw new InputError("not a safetensors file: it is too short", place);
  const { __metadata__: metadata = {}, ...entries } = readJson(
    headerSchema,
    parseHeader(bytes.subarray(8, 8 + length), place),
    "safetensors header",
    source,
  );
  const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const [name, { shape, data_offsets: offsets }] of Object.entries(entries)) {
    const [begin, end] = offsets;
    const size = shape.reduce((product, extent) => product * extent, 1);
    if (end - begin !== 4 * size || 8 + length + end > bytes.length)
      throw new InputError(
        `tensor "${name}" is not where the safetensors header says: the file is damaged`,
        place,
      );
    const values = Float32Array.from({ length: size }, (_, index) =>
      view.getFloat32(8 + length + begin + 4 * index, true),
    );
    tensors.set(name, { shape, values });
  }
  return { metadata, tensors };
}

/**
 * The tensors of a file in a network's layout.
 *
 * @throws InputError if a tensor is missing or has another shape
 */
export function weightsOf({ tensors }: Safetensors, layout: Layout, source?: string): Float32Array {
  const weights = new Float32Array(layout.size);
  for (const { name, shape, offset } of layout.entries.values()) {
    const tensor = tensors.get(name);
    if (tensor === undefined || String(tensor.shape) !== String(shape))
      throw new InputError(
        `expected a tensor "${name}" of shape [${shape.join(", ")}]: these are the weights of another network`,
        source === undefined ? undefined : { source },
      );
    weights.set(tensor.values, offset);
  }
  return weights;
}

function parseHeader(bytes: Uint8Array, place: { readonly source: string } | undefined): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new InputError("not a safetensors file: its header is not JSON", place);
  }
}
