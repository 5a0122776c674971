/**
 * WebAssembly modules as bytes: the part of the binary format that generated kernels and the search's engine need (WebAssembly Core 2.0,
 * chapter 5, and the relaxed SIMD proposal for the fused multiply-add).
 *
 * `Code` writes the instructions of a function, `encodeModule` puts functions, one imported memory, exports and data into a module.
 * Nothing is validated here: `WebAssembly.validate` does that.
 */

const VALUE_TYPES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;

/** A type of locals, operands and results. */
export type ValueType = keyof typeof VALUE_TYPES;

/** What a function takes and gives. */
export interface FunctionType {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Instructions without immediates. Those above 0xff are vector instructions, the opcode after their prefix in the low 16 bits. */
const INSTRUCTIONS = {
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  "i32.eqz": 0x45,
  "i32.eq": 0x46,
  "i32.ne": 0x47,
  "i32.lt_u": 0x49,
  "i32.gt_u": 0x4b,
  "i32.le_u": 0x4d,
  "i32.ge_u": 0x4f,
  "i32.lt_s": 0x48,
  "i32.gt_s": 0x4a,
  "i32.ctz": 0x68,
  "i32.add": 0x6a,
  "i32.sub": 0x6b,
  "i32.mul": 0x6c,
  "i32.and": 0x71,
  "i32.or": 0x72,
  "i32.xor": 0x73,
  "i32.shl": 0x74,
  "i32.shr_u": 0x76,
  "i64.eqz": 0x50,
  "i64.eq": 0x51,
  "i64.ne": 0x52,
  "i64.lt_s": 0x53,
  "i64.lt_u": 0x54,
  "i64.gt_s": 0x55,
  "i64.gt_u": 0x56,
  "i64.ge_u": 0x5a,
  "i64.clz": 0x79,
  "i64.ctz": 0x7a,
  "i64.popcnt": 0x7b,
  "i64.add": 0x7c,
  "i64.sub": 0x7d,
  "i64.mul": 0x7e,
  "i64.and": 0x83,
  "i64.or": 0x84,
  "i64.xor": 0x85,
  "i64.shl": 0x86,
  "i64.shr_u": 0x88,
  "f64.eq": 0x61,
  "f64.ne": 0x62,
  "f64.lt": 0x63,
  "f64.gt": 0x64,
  "f64.abs": 0x99,
  "f64.neg": 0x9a,
  "f64.add": 0xa0,
  "f64.mul": 0xa2,
  "f64.div": 0xa3,
  "f64.copysign": 0xa6,
  "f32.demote_f64": 0xb6,
  "f64.promote_f32": 0xbb,
  "i32.wrap_i64": 0xa7,
  "i64.extend_i32_u": 0xad,
  "f64.convert_i32_s": 0xb7,
  "f64.convert_i64_u": 0xba,
  "i64.reinterpret_f64": 0xbd,
  "f64.reinterpret_i64": 0xbf,
  "i64x2.splat": 0xfd_0012,
  "f32x4.splat": 0xfd_0013,
  "f64x2.splat": 0xfd_0014,
  "i32x4.eq": 0xfd_0037,
  "f32x4.eq": 0xfd_0041,
  "f32x4.ne": 0xfd_0042,
  "f32x4.lt": 0xfd_0043,
  "f32x4.gt": 0xfd_0044,
  "f32x4.le": 0xfd_0045,
  "f32x4.ge": 0xfd_0046,
  "f64x2.eq": 0xfd_0047,
  "f64x2.ne": 0xfd_0048,
  "f64x2.lt": 0xfd_0049,
  "f64x2.gt": 0xfd_004a,
  "f64x2.le": 0xfd_004b,
  "f64x2.ge": 0xfd_004c,
  "v128.not": 0xfd_004d,
  "v128.and": 0xfd_004e,
  "v128.andnot": 0xfd_004f,
  "v128.or": 0xfd_0050,
  "v128.xor": 0xfd_0051,
  "v128.bitselect": 0xfd_0052,
  "v128.any_true": 0xfd_0053,
  "f32x4.demote_f64x2_zero": 0xfd_005e,
  "f64x2.promote_low_f32x4": 0xfd_005f,
  "f32x4.ceil": 0xfd_0067,
  "f32x4.floor": 0xfd_0068,
  "f32x4.trunc": 0xfd_0069,
  "f32x4.nearest": 0xfd_006a,
  "f64x2.ceil": 0xfd_0074,
  "f64x2.floor": 0xfd_0075,
  "f64x2.trunc": 0xfd_007a,
  "f64x2.nearest": 0xfd_0094,
  "i32x4.bitmask": 0xfd_00a4,
  "i32x4.shl": 0xfd_00ab,
  "i32x4.shr_u": 0xfd_00ad,
  "i32x4.add": 0xfd_00ae,
  "i32x4.sub": 0xfd_00b1,
  "i64x2.bitmask": 0xfd_00c4,
  "i64x2.shl": 0xfd_00cb,
  "i64x2.shr_u": 0xfd_00cd,
  "i64x2.add": 0xfd_00ce,
  "i64x2.sub": 0xfd_00d1,
  "i64x2.eq": 0xfd_00d6,
  "f32x4.abs": 0xfd_00e0,
  "f32x4.neg": 0xfd_00e1,
  "f32x4.sqrt": 0xfd_00e3,
  "f32x4.add": 0xfd_00e4,
  "f32x4.sub": 0xfd_00e5,
  "f32x4.mul": 0xfd_00e6,
  "f32x4.div": 0xfd_00e7,
  "f32x4.min": 0xfd_00e8,
  "f32x4.max": 0xfd_00e9,
  "f32x4.pmin": 0xfd_00ea,
  "f32x4.pmax": 0xfd_00eb,
  "f64x2.abs": 0xfd_00ec,
  "f64x2.neg": 0xfd_00ed,
  "f64x2.sqrt": 0xfd_00ef,
  "f64x2.add": 0xfd_00f0,
  "f64x2.sub": 0xfd_00f1,
  "f64x2.mul": 0xfd_00f2,
  "f64x2.div": 0xfd_00f3,
  "f64x2.min": 0xfd_00f4,
  "f64x2.max": 0xfd_00f5,
  "f64x2.pmin": 0xfd_00f6,
  "f64x2.pmax": 0xfd_00f7,
  "f32x4.relaxed_madd": 0xfd_0105,
  "f32x4.relaxed_nmadd": 0xfd_0106,
  "f64x2.relaxed_madd": 0xfd_0107,
  "f64x2.relaxed_nmadd": 0xfd_0108,
} as const;

/** Instructions that access memory, with the logarithm of their natural alignment. Kernels promise no alignment: 0 would be as good. */
const MEMORY_INSTRUCTIONS = {
  "i32.load": { opcode: 0x28, alignment: 2 },
  "i64.load": { opcode: 0x29, alignment: 3 },
  "f32.load": { opcode: 0x2a, alignment: 2 },
  "f64.load": { opcode: 0x2b, alignment: 3 },
  "i32.store": { opcode: 0x36, alignment: 2 },
  "i64.store": { opcode: 0x37, alignment: 3 },
  "f32.store": { opcode: 0x38, alignment: 2 },
  "f64.store": { opcode: 0x39, alignment: 3 },
  "v128.load": { opcode: 0xfd_0000, alignment: 4 },
  "v128.load32_splat": { opcode: 0xfd_0009, alignment: 2 },
  "v128.load64_splat": { opcode: 0xfd_000a, alignment: 3 },
  "v128.store": { opcode: 0xfd_000b, alignment: 4 },
} as const;

/** Instructions that name a lane. */
const LANE_INSTRUCTIONS = {
  "f64x2.extract_lane": 0xfd_0021,
  "f64x2.replace_lane": 0xfd_0022,
} as const;

/** Instructions that access memory and name a lane. */
const MEMORY_LANE_INSTRUCTIONS = {
  "v128.store32_lane": { opcode: 0xfd_005a, alignment: 2 },
  "v128.store64_lane": { opcode: 0xfd_005b, alignment: 3 },
} as const;

export type Instruction = keyof typeof INSTRUCTIONS;
export type MemoryInstruction = keyof typeof MEMORY_INSTRUCTIONS;
export type LaneInstruction = keyof typeof LANE_INSTRUCTIONS;
export type MemoryLaneInstruction = keyof typeof MEMORY_LANE_INSTRUCTIONS;

/** Every instruction without immediates, for tests. */
export const PLAIN_INSTRUCTIONS = Object.keys(INSTRUCTIONS) as readonly Instruction[];

/** Bytes that grow. */
class Bytes {
  #bytes = new Uint8Array(256);
  length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  append(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** LEB128, unsigned, of an integer below 2^53. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** LEB128, signed. */
  signed(value: bigint): void {
    let rest = value;
    while (rest < -64n || rest >= 64n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  /** A view of what is written so far; the next write may leave it behind. */
  get view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + more));
    larger.set(this.view);
    this.#bytes = larger;
  }
}

/** The instructions of one function. Its locals are numbered, parameters first. */
export class Code {
  readonly type: FunctionType;
  readonly #bytes = new Bytes();
  readonly #locals: ValueType[] = [];

  constructor(type: FunctionType) {
    this.type = type;
  }

  /** A new local, zero at first. */
  local(type: ValueType): number {
    return this.type.parameters.length + this.#locals.push(type) - 1;
  }

  get localCount(): number {
    return this.#locals.length;
  }

  plain(instruction: Instruction): void {
    this.#opcode(INSTRUCTIONS[instruction]);
  }

  /** Address on the stack, plus a constant offset in bytes. */
  memory(instruction: MemoryInstruction, offset = 0): void {
    const { opcode, alignment } = MEMORY_INSTRUCTIONS[instruction];
    this.#access(opcode, alignment, offset);
  }

  lane(instruction: LaneInstruction, lane: number): void {
    this.#opcode(LANE_INSTRUCTIONS[instruction]);
    this.#bytes.byte(lane);
  }

  memoryLane(instruction: MemoryLaneInstruction, lane: number, offset = 0): void {
    const { opcode, alignment } = MEMORY_LANE_INSTRUCTIONS[instruction];
    this.#access(opcode, alignment, offset);
    this.#bytes.byte(lane);
  }

  /** Bytes of the result, by their place among the 32 of two operands. */
  shuffle(bytes: readonly number[]): void {
    this.#opcode(0xfd_000d);
    this.#bytes.append(bytes);
  }

  /** Destination, source and number of bytes on the stack. */
  memoryCopy(): void {
    this.#bytes.append([0xfc, 0x0a, 0x00, 0x00]);
  }

  /** Leaves the size in pages on the stack. */
  memorySize(): void {
    this.#bytes.append([0x3f, 0x00]);
  }

  /** Takes a number of pages and leaves the size before, or -1 if there is no room. */
  memoryGrow(): void {
    this.#bytes.append([0x40, 0x00]);
  }

  localGet(local: number): void {
    this.#indexed(0x20, local);
  }

  localSet(local: number): void {
    this.#indexed(0x21, local);
  }

  localTee(local: number): void {
    this.#indexed(0x22, local);
  }

  call(functionIndex: number): void {
    this.#indexed(0x10, functionIndex);
  }

  /** Blocks, loops and conditionals leave nothing on the stack; a value that leaves one goes through a local. */
  block(): void {
    this.#structure(0x02);
  }

  loop(): void {
    this.#structure(0x03);
  }

  if(): void {
    this.#structure(0x04);
  }

  else(): void {
    this.#bytes.byte(0x05);
  }

  end(): void {
    this.#bytes.byte(0x0b);
  }

  /** To the end of the block, or the start of the loop, that is `depth` levels out. */
  branch(depth: number): void {
    this.#indexed(0x0c, depth);
  }

  branchIf(depth: number): void {
    this.#indexed(0x0d, depth);
  }

  i32(value: number): void {
    this.#bytes.byte(0x41);
    this.#bytes.signed(BigInt(value | 0));
  }

  i64(value: bigint): void {
    this.#bytes.byte(0x42);
    this.#bytes.signed(BigInt.asIntN(64, value));
  }

  f64(value: number): void {
    this.#bytes.byte(0x44);
    this.#bytes.append(new Uint8Array(Float64Array.of(value).buffer));
  }

  /** Two halves of 64 bits, the low one first in memory. */
  v128(low: bigint, high: bigint): void {
    this.#opcode(0xfd_000c);
    this.#bytes.append(new Uint8Array(BigUint64Array.of(low, high).buffer));
  }

  /** The function's entry in the code section: locals in runs, instructions, end. */
  get body(): Uint8Array {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    const body = new Bytes();
    body.unsigned(runs.length);
    for (const { type, count } of runs) {
      body.unsigned(count);
      body.byte(VALUE_TYPES[type]);
    }
    body.append(this.#bytes.view);
    body.byte(0x0b);
    return body.view;
  }

  #opcode(opcode: number): void {
    if (opcode <= 0xff) this.#bytes.byte(opcode);
    else {
      this.#bytes.byte(0xfd);
      this.#bytes.unsigned(opcode & 0xffff);
    }
  }

  #access(opcode: number, alignment: number, offset: number): void {
    this.#opcode(opcode);
    this.#bytes.unsigned(alignment);
    this.#bytes.unsigned(offset);
  }

  #indexed(opcode: number, index: number): void {
    this.#bytes.byte(opcode);
    this.#bytes.unsigned(index);
  }

  #structure(opcode: number): void {
    this.#bytes.byte(opcode);
    this.#bytes.byte(0x40);
  }
}

/** A module with one memory, which it imports as `kernel.memory`. */
export interface Module {
  /** Least size of the memory in pages of 64 KiB. */
  readonly pages: number;
  /** Whether the memory is one that several threads share; it is not by default. */
  readonly shared?: boolean;
  /** Function `i` has index `i`. */
  readonly functions: readonly Code[];
  /** Exported functions, by name. */
  readonly exports: Readonly<Record<string, number>>;
  /** What instantiation writes into memory. */
  readonly data: readonly { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** Bytes of a page of memory. */
export const PAGE = 65536;

/** The most pages that a memory may have: 4 GiB. */
export const MOST_PAGES = 65536;

/** The module in the binary format. */
export function encodeModule({
  pages,
  shared = false,
  functions,
  exports,
  data,
}: Module): Uint8Array<ArrayBuffer> {
  const types: FunctionType[] = [];
  const typeIndices = functions.map(({ type }) => {
    const known = types.findIndex((other) => sameTypes(other, type));
    return known >= 0 ? known : types.push(type) - 1;
  });
  const module = new Bytes();
  module.append([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  section(module, 1, types, (bytes, { parameters, results }) => {
    bytes.byte(0x60);
    for (const list of [parameters, results]) {
      bytes.unsigned(list.length);
      for (const type of list) bytes.byte(VALUE_TYPES[type]);
    }
  });
  section(module, 2, [pages], (bytes, minimum) => {
    bytes.text("kernel");
    bytes.text("memory");
    // A shared memory must say how large it may grow.
    bytes.append([0x02, shared ? 0x03 : 0x00]);
    bytes.unsigned(minimum);
    if (shared) bytes.unsigned(MOST_PAGES);
  });
  section(module, 3, typeIndices, (bytes, index) => bytes.unsigned(index));
  section(module, 7, Object.entries(exports), (bytes, [name, index]) => {
    bytes.text(name);
    bytes.byte(0x00);
    bytes.unsigned(index);
  });
  section(module, 10, functions, (bytes, { body }) => {
    bytes.unsigned(body.length);
    bytes.append(body);
  });
  section(module, 11, data, (bytes, { offset, bytes: content }) => {
    bytes.append([0x00, 0x41]);
    bytes.signed(BigInt(offset));
    bytes.byte(0x0b);
    bytes.unsigned(content.length);
    bytes.append(content);
  });
  return module.view.slice();
}

function sameTypes(a: FunctionType, b: FunctionType): boolean {
  return String(a.parameters) === String(b.parameters) && String(a.results) === String(b.results);
}

function section<T>(
  module: Bytes,
  id: number,
  items: readonly T[],
  write: (bytes: Bytes, item: T) => void,
): void {
  if (items.length === 0) return;
  const content = new Bytes();
  content.unsigned(items.length);
  for (const item of items) write(content, item);
  module.byte(id);
  module.unsigned(content.length);
  module.append(content.view);
}
