/** Programs as JSON: what the text form holds, for machines. */

import { z } from "zod";
import {
  type JsonNumber,
  jsonDType,
  jsonError,
  jsonNatural,
  jsonNumber,
  numberToJson,
  readJson,
} from "../json.ts";
import { contentHash } from "./hash.ts";
import type { Equation, Operand, Program, Signature } from "./program.ts";
import type { DType, TensorType } from "./type.ts";
import { validateProgram } from "./validate.ts";

/** What an equation reads: the number of a variable (inputs first, then equations, from 0), or a literal. */
export type OperandJson = number | { readonly literal: JsonNumber; readonly dtype: DType };

/** The JSON form of a Program. */
export interface ProgramJson {
  readonly format: "alphagrad-program";
  readonly version: 1;
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly type: TensorType }[];
  readonly equations: readonly {
    readonly primitive: string;
    readonly parameters: object;
    readonly operands: readonly OperandJson[];
    readonly type: TensorType;
    readonly name?: string;
  }[];
  readonly outputs: readonly { readonly name: string; readonly operand: OperandJson }[];
  readonly signature?: Signature;
}

/** The JSON form of a program; `JSON.stringify` writes it without loss. */
export function programToJson({ name, inputs, equations, outputs, signature }: Program): ProgramJson {
  return {
    format: "alphagrad-program",
    version: 1,
    name,
    inputs,
    equations: equations.map((equation) => ({ ...equation, operands: equation.operands.map(operandToJson) })),
    outputs: outputs.map((output) => ({ name: output.name, operand: operandToJson(output.operand) })),
    ...(signature === undefined ? {} : { signature }),
  };
}

/**
 * The program that a parsed JSON value describes.
 *
 * @param source the name of the file, for errors
 * @throws InputError that names the path of the first fault
 */
export function programFromJson(json: unknown, source?: string): Program {
  const { name, inputs, equations, outputs, signature } = readJson(programSchema, json, "Program", source);
  // The schema knows neither the primitives with their parameters nor signature trees: validateProgram checks those.
  const program = {
    name,
    inputs,
    equations: equations as unknown as readonly Equation[],
    outputs,
    ...(signature === undefined ? {} : { signature: signature as unknown as Signature }),
  };
  validateProgram(program, (message, path) => jsonError(message, path, source));
  return program;
}

/** The content hash of a program, its names included. */
export function programHash(program: Program): string {
  return contentHash(programToJson(program));
}

function operandToJson(operand: Operand): OperandJson {
  return operand.kind === "variable"
    ? operand.variable
    : { literal: numberToJson(operand.value), dtype: operand.dtype };
}

const operandSchema = z
  .union(
    [jsonNatural, z.strictObject({ literal: jsonNumber, dtype: jsonDType })],
    "expected the number of a variable, or a literal as {literal, dtype}",
  )
  .transform(
    (operand): Operand =>
      typeof operand === "number"
        ? { kind: "variable", variable: operand }
        : { kind: "literal", value: operand.literal, dtype: operand.dtype },
  );

const typeSchema = z.strictObject({ shape: z.array(jsonNatural), dtype: jsonDType });

const programSchema = z.strictObject({
  format: z.literal("alphagrad-program"),
  version: z.literal(1),
  name: z.string(),
  inputs: z.array(z.strictObject({ name: z.string(), type: typeSchema })),
  equations: z.array(
    z.strictObject({
      primitive: z.string(),
      parameters: z.record(z.string(), z.unknown()),
      operands: z.array(operandSchema),
      type: typeSchema,
      name: z.string().optional(),
    }),
  ),
  outputs: z.array(z.strictObject({ name: z.string(), operand: operandSchema })),
  signature: z.strictObject({ inputs: z.array(z.unknown()), outputs: z.array(z.unknown()) }).optional(),
});
