/**
 * Long programs in parts: V8 leaves functions of more than some 60 KB of bytecode unoptimised, and its compile time grows faster than
 * their length. Values that a later part needs pass through a scratch array.
 */

import type { Statement } from "../straightline/statements.ts";

export interface Part {
  readonly statements: readonly Statement[];
  /** Values of earlier parts that it reads, and values of its own that later parts read, with their places in the scratch array. */
  readonly loads: readonly Crossing[];
  readonly saves: readonly Crossing[];
}

export interface Crossing {
  readonly name: string;
  readonly slot: number;
}

/** The parts in order, and how long the scratch array is; one part and no scratch if the program is short. */
export interface Partition {
  readonly parts: readonly Part[];
  readonly slots: number;
}

/** Cuts statements into parts of at most `longest` operations each. Inputs are read again in each part that needs them. */
export function partition(statements: readonly Statement[], longest: number): Partition {
  const pieces = cut(
    statements.filter(({ kind }) => kind !== "input"),
    longest,
  );
  const inputs = new Map(
    statements.flatMap((statement) => (statement.kind === "input" ? [[statement.name, statement]] : [])),
  );
  const definedIn = new Map<string, number>();
  const slots = new Map<string, number>();
  const needs = pieces.map((piece, index) => {
    const reads = new Set<string>();
    for (const statement of piece) {
      if (statement.kind === "const") definedIn.set(statement.name, index);
      if (statement.kind === "const" || statement.kind === "output")
        for (const name of statement.value.reads) reads.add(name);
    }
    const crossing = [...reads].filter((name) => !inputs.has(name) && definedIn.get(name) !== index);
    for (const name of crossing) if (!slots.has(name)) slots.set(name, slots.size);
    return { reads, crossing };
  });
  const at = (name: string): Crossing => ({ name, slot: slots.get(name) ?? -1 });
  const parts = pieces.map((piece, index): Part => {
    const { reads, crossing } = needs[index] ?? { reads: new Set<string>(), crossing: [] };
    const defined = piece.flatMap((statement) => (statement.kind === "const" ? [statement.name] : []));
    return {
      statements: [...[...inputs.values()].filter(({ name }) => reads.has(name)), ...piece],
      loads: crossing.map(at),
      saves: defined.filter((name) => slots.has(name)).map(at),
    };
  });
  return { parts, slots: slots.size };
}

function cut(statements: readonly Statement[], longest: number): Statement[][] {
  const pieces: Statement[][] = [[]];
  let operations = 0;
  for (const statement of statements) {
    const own =
      statement.kind === "const" || statement.kind === "output" ? statement.value.operations + 1 : 0;
    if (operations + own > longest && operations > 0) {
      pieces.push([]);
      operations = 0;
    }
    operations += own;
    pieces.at(-1)?.push(statement);
  }
  return pieces;
}
