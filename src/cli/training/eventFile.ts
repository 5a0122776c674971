/**
 * TensorBoard's event files, as far as scalars need them: TFRecords (length, masked checksum, data, masked checksum) of `Event` messages
 * (tensorflow/core/lib/io/record_writer.cc, tensorflow/core/util/event.proto).
 */

/** The checksum of TFRecords, CRC-32C (Castagnoli). */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder;
});

/** CRC-32C of bytes. */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (TABLE[(remainder ^ byte) & 0xff] as number) ^ (remainder >>> 8);
  return (remainder ^ 0xffffffff) >>> 0;
}

/** As records hold it, so that a checksum of data that contain checksums stays good. */
function masked(bytes: Uint8Array): number {
  const sum = crc32c(bytes);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

/** A record of data. */
function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return bytes;
}

/** Fields of a message, by protobuf's wire types. */
const varint = (field: number, value: number): number[] => [field << 3, ...base128(value)];
const double = (field: number, value: number): number[] => [
  (field << 3) | 1,
  ...new Uint8Array(Float64Array.of(value).buffer),
];
const float = (field: number, value: number): number[] => [
  (field << 3) | 5,
  ...new Uint8Array(Float32Array.of(value).buffer),
];
const nested = (field: number, bytes: Iterable<number>): number[] => {
  const content = [...bytes];
  return [(field << 3) | 2, ...base128(content.length), ...content];
};
const text = (field: number, value: string): number[] => nested(field, new TextEncoder().encode(value));

function base128(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return [...bytes, left];
    bytes.push((left % 128) | 128);
  }
}

/** What every event file begins with. @param seconds since 1970 */
export function fileVersionEvent(seconds: number): Uint8Array {
  return record(Uint8Array.from([...double(1, seconds), ...text(3, "brain.Event:2")]));
}

/**
 * Scalars at a step, as one event.
 *
 * @param seconds since 1970
 * @param scalars by their tags; what is not finite is left out
 */
export function scalarEvent(
  seconds: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Uint8Array {
  const values = Object.entries(scalars)
    .filter(([, value]) => Number.isFinite(value))
    .flatMap(([tag, value]) => nested(1, [...text(1, tag), ...float(2, value)]));
  return record(Uint8Array.from([...double(1, seconds), ...varint(2, step), ...nested(5, values)]));
}
