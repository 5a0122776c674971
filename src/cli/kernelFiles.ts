/** The Jacobian kernel of a program as the files that users get. A target is a row of a table. */

import { basename } from "node:path";
import { InputError } from "../errors.ts";
import { jacobianInParts } from "../jacobian/jacobian.ts";
import { emitC } from "../kernels/c/emit.ts";
import { emitJavaScript } from "../kernels/javascript/emit.ts";
import { emitJax } from "../kernels/jax/emit.ts";
import type { KernelDType } from "../kernels/kernel.ts";
import type { Section } from "../kernels/straightline/statements.ts";
import { emitWasmFiles } from "../kernels/wasm/loader.ts";
import type { Program } from "../program/program.ts";
import { reassociate } from "../program/reassociate/index.ts";
import { depthFirst } from "../program/schedule.ts";
import type { Certificate } from "../search/certificate.ts";
import type { FileTarget } from "./targets.ts";

/** What emitters take. */
interface EmitOptions {
  readonly header: string;
  readonly sections: readonly Section[];
  readonly dtype: KernelDType;
}

/** A file to write: its path, what it is and its text or bytes. */
export interface KernelFile {
  readonly path: string;
  readonly what: string;
  readonly text: string | Uint8Array;
}

interface Target {
  /** The file's name in a directory, for the Jacobian of a program of this name. */
  fileName(program: string): string;
  /** What a path must end with, if not anything goes. */
  readonly extension?: string;
  /** The files for a Jacobian program: at the given path, and beside it. */
  files(jacobian: Program, path: string, options: EmitOptions): KernelFile[];
}

const targets: { readonly [Name in FileTarget]: Target } = {
  js: {
    fileName: () => "jacobian.mjs",
    files(jacobian, path, options) {
      const { code, declarations } = emitJavaScript(depthFirst(jacobian), { header: options.header });
      return [
        { path, what: "the Jacobian, an ES module without dependencies", text: code },
        { path: declarationsPath(path), what: "its types", text: declarations },
      ];
    },
  },
  wasm: {
    fileName: () => "jacobian.wasm.mjs",
    extension: ".mjs",
    files(jacobian, path, options) {
      const modulePath = `${path.replace(/(\.wasm)?\.mjs$/, "")}.wasm`;
      const { module, loader, declarations } = emitWasmFiles(jacobian, {
        ...options,
        moduleName: basename(modulePath),
      });
      return [
        { path, what: "the Jacobian in WebAssembly: the ES module that loads it", text: loader },
        { path: modulePath, what: "its code", text: module },
        { path: declarationsPath(path), what: "its types", text: declarations },
      ];
    },
  },
  c: {
    fileName: () => "jacobian.c",
    extension: ".c",
    files(jacobian, path, options) {
      const { source, header } = emitC(jacobian, options);
      return [
        { path, what: "the Jacobian in C99, for one point and for batches", text: source },
        { path: path.replace(/c$/, "h"), what: "its header", text: header },
      ];
    },
  },
  jax: {
    // Python finds modules by name, so two Jacobians are two names.
    fileName: (program) => `${program.replaceAll(/[^\w]/g, "_")}_jacobian.py`,
    extension: ".py",
    files: (jacobian, path, options) => [
      {
        path,
        what: "the Jacobian for JAX, nested as by jax.jacrev",
        text: emitJax(jacobian, options).source,
      },
    ],
  },
};

/** `kernel.js` has `kernel.d.ts`, `kernel.mjs` has `kernel.d.mts`. */
function declarationsPath(path: string): string {
  return /\.[cm]?js$/.test(path) ? path.replace(/js$/, "").replace(/\.([cm]?)$/, ".d.$1ts") : `${path}.d.ts`;
}

/** The name of a target's file within a directory. */
export function kernelFileName(target: FileTarget, program: string): string {
  return targets[target].fileName(program);
}

/** Throws an InputError if a target's code does not go by such a path. */
export function checkKernelPath(target: FileTarget, path: string): void {
  const { extension } = targets[target];
  if (extension !== undefined && !path.endsWith(extension))
    throw new InputError(`--out ${path}: a file of --target ${target} ends with ${extension}`);
}

export interface KernelFileOptions {
  readonly target: FileTarget;
  readonly path: string;
  /** Whether the function's own outputs come first; for JAX, whether they are there with `has_aux=True`. */
  readonly values: boolean;
  /** The type that C and WebAssembly compute in; float64 by default. */
  readonly dtype?: KernelDType;
  /** Whether products are taken apart to share more of them (see program/reassociate/); false by default. */
  readonly reassociate?: boolean;
}

/**
 * The files of the Jacobian of a program, with the certificate in brief as their header.
 *
 * @throws InputError if the target cannot express the program
 */
export function kernelFiles(
  program: Program,
  certificate: Certificate,
  { target, path, values, dtype = "float64", reassociate: shares = false }: KernelFileOptions,
): KernelFile[] {
  const {
    program: whole,
    partials,
    accumulation,
  } = jacobianInParts(program, { order: certificate.order, values });
  const emitted = shares ? reassociate(whole) : whole;
  // Where products are shared between them, the parts are one.
  const parts =
    emitted === whole
      ? [
          { equation: 0, comment: "The function." },
          { equation: partials, comment: "Its local partials." },
          { equation: accumulation, comment: "The accumulation." },
        ]
      : [];
  const sections = parts.filter(({ equation }, index, all) => all[index + 1]?.equation !== equation);
  return targets[target].files(emitted, path, {
    header: header(program, certificate, values),
    sections,
    dtype,
  });
}

function header(program: Program, certificate: Certificate, values: boolean): string {
  const { costs, method, seed, objective, graph } = certificate;
  const { operations } = costs;
  return [
    `The Jacobian of ${program.name}${values ? ", with its values" : ""}. Generated by alphagrad ${certificate.alphagrad}: do not edit.`,
    "",
    `Elimination order: ${method}, seed ${seed}, for ${objective}; the program ${certificate.program}.`,
    operations === null
      ? ""
      : `Accumulation: ${operations.multiplications} multiplications + ${operations.additions} additions; the paper's count is ${costs.multiplications}.`,
    `Graph ${graph}.`,
  ].join("\n");
}
