/** A Program as a Python module of one pure function, for JAX users: under `jit` and `vmap` it is a function like any other. */

import { type Operand, operandType, type Program, signatureOf, type Tree } from "../../program/program.ts";
import { isList } from "../../program/tree.ts";
import { isFloating } from "../../program/type.ts";
import { oneLine } from "../straightline/comment.ts";
import { isAtom } from "../straightline/expression.ts";
import type { Names } from "../straightline/names.ts";
import { type Section, type Statement, statementsOf } from "../straightline/statements.ts";
import { asArray, DTYPE, dtypeText, jax, POSITIONS, tupleText } from "./language.ts";
import { pythonNames } from "./names.ts";

/** The helper that checks an input. */
const ARRAY = "_array";
const OWN_NAMES = ["jnp", "lax", "np", DTYPE, POSITIONS, ARRAY, "has_aux", "jacobian"];

export interface JaxOptions {
  /** Text of the module's docstring, such as the certificate in brief. */
  readonly header?: string;
  /** Comments within the code, by the index of the equation that they stand before. */
  readonly sections?: readonly Section[];
}

export interface JaxModule {
  /** The text of the .py file, which imports nothing but jax and numpy. */
  readonly source: string;
}

/** What stands around the function: imports and helpers, each only if the function needs it. */
const HELPERS: readonly { readonly name: string; readonly source: string }[] = [
  {
    name: ARRAY,
    source: `def ${ARRAY}(name, value, shape, dtype):
    """An argument as an array; its shape is checked, at no cost under jit."""
    value = jnp.asarray(value, dtype)
    if value.shape != shape:
        raise TypeError(f"{name} must be of shape {shape}, got {value.shape}")
    return value`,
  },
  {
    name: POSITIONS,
    source: `def ${POSITIONS}(start, *labels):
    """Row-major positions: start + the sum of stride * index over labels (extent, stride), the last label fastest."""
    positions = np.array([start])
    for extent, stride in labels:
        positions = np.add.outer(positions, stride * np.arange(extent)).ravel()
    return positions`,
  },
];
const IMPORTS: readonly { readonly name: string; readonly source: string }[] = [
  { name: "np", source: "import numpy as np" },
  { name: "lax", source: "from jax import lax" },
];

/**
 * Writes the module of a program: a function of its name, with arguments and results nested as in the source, lists as tuples. A Jacobian
 * program thus returns what `jax.jacfwd` and `jax.jacrev` return with `argnums` of all floating inputs: per output (none around a single one)
 * a tuple with one block per input, of the output's dims, then the input's. One with values takes `has_aux=True` to return them beside it.
 *
 * Floating values are of the dtype that the floating arguments promote to, whatever the dtypes in the program.
 */
export function emitJax(program: Program, { header, sections = [] }: JaxOptions = {}): JaxModule {
  const names = pythonNames(OWN_NAMES);
  const name = names.take(program.name);
  const parameters = parametersOf(program, names);
  const { lines, results } = bodyOf(program, names, parameters, sections);
  const { result, auxiliary } = layoutOf(program);
  const nested = (tree: Tree) => layOut(tree, (index) => results[index] ?? "None");
  const flag = auxiliary === null ? [] : ["*", "has_aux=False"];
  const definition = [
    `def ${name}(${[...parameters.names, ...flag].join(", ")}):`,
    `    """${escaped(docText(program, auxiliary !== null))}"""`,
    ...lines,
    ...(auxiliary === null
      ? [`    return ${nested(result)}`]
      : [
          `    jacobian = ${nested(result)}`,
          "    if not has_aux:",
          "        return jacobian",
          `    return jacobian, ${nested(auxiliary)}`,
        ]),
  ].join("\n");
  const helpers = HELPERS.filter((helper) => definition.includes(`${helper.name}(`));
  const code = [...helpers.map(({ source }) => source), definition].join("\n\n\n");
  const imports = IMPORTS.filter((module) => new RegExp(`(?<![\\w.])${module.name}\\.`).test(code));
  const top = [
    ...(header === undefined ? [] : [`"""${escaped(header)}\n"""\n`]),
    "import jax.numpy as jnp",
    ...imports.map(({ source }) => source),
  ];
  return { source: `${top.join("\n")}\n\n\n${code}\n` };
}

/** The parameters of the function, and of each input its access and the local that holds it. */
interface Parameters {
  readonly names: readonly string[];
  readonly accesses: readonly string[];
  readonly locals: readonly string[];
}

function parametersOf(program: Program, scope: Names): Parameters {
  const accesses: string[] = [];
  const locals = program.inputs.map(({ name }) => scope.take(name));
  const walk = (tree: Tree, access: string): void => {
    if (typeof tree === "number") accesses[tree] = access;
    else if (isList(tree))
      tree.forEach((child, index) => {
        walk(child, `${access}[${index}]`);
      });
    else for (const [key, child] of Object.entries(tree)) walk(child, `${access}[${JSON.stringify(key)}]`);
  };
  const names = signatureOf(program).inputs.map((tree, position) => {
    const own = typeof tree === "number" ? locals[tree] : undefined;
    const name = own ?? scope.take(`argument_${position + 1}`);
    walk(tree, name);
    return name;
  });
  return { names, accesses, locals };
}

/** The lines up to the results, and an expression for each output. */
function bodyOf(
  program: Program,
  names: Names,
  { accesses, locals }: Parameters,
  sections: readonly Section[],
): { readonly lines: readonly string[]; readonly results: readonly string[] } {
  const statements = statementsOf(program, {
    language: jax,
    names,
    results: program.outputs.map((output, plane) => ({ ...output, plane })),
    sections,
    inputs: locals,
  });
  const results: string[] = [];
  // Structural zeros and other constants are many and alike: each has one name.
  const constants = new Map<string, string>();
  const line = (statement: Statement): string[] => {
    switch (statement.kind) {
      case "comment":
        return ["", `    # ${oneLine(statement.text)}`];
      case "input": {
        const { name, plane } = statement;
        const { shape, dtype } = program.inputs[plane]?.type ?? { shape: [], dtype: "float64" };
        const checked = [JSON.stringify(name), accesses[plane], tupleText(shape), dtypeText(dtype)];
        return [`    ${name} = ${ARRAY}(${checked.join(", ")})`];
      }
      case "const":
        return [`    ${statement.name} = ${statement.value.text}`];
      case "output": {
        const { dtype, shape } = operandType(program, program.outputs[statement.plane]?.operand ?? NOTHING);
        const value = asArray(statement.value, shape, dtype);
        const known = isAtom(value) ? value.text : constants.get(value.text);
        const isConstant = value.reads.length === 0;
        const name =
          known ??
          (isConstant ? names.take("constant") : (statement.identifier ?? names.take(statement.name)));
        if (isConstant) constants.set(value.text, name);
        results[statement.plane] = name;
        return known === undefined ? [`    ${name} = ${value.text}`] : [];
      }
    }
  };
  const floating = accesses.filter((_, index) => isFloating(program.inputs[index]?.type.dtype ?? "bool"));
  const dtype = `    ${DTYPE} = jnp.result_type(${[...floating, "float"].join(", ")})`;
  const lines = statements.flatMap(line);
  const needsDtype = lines.some((text) => new RegExp(`\\b${DTYPE}\\b`).test(text));
  return { lines: needsDtype ? [dtype, ...lines] : lines, results };
}

const NOTHING: Operand = { kind: "literal", value: Number.NaN, dtype: "float64" };

/** What is returned: a single result as itself; of a Jacobian program with values the Jacobian, the values being auxiliary. */
function layoutOf(program: Program): { readonly result: Tree; readonly auxiliary: Tree | null } {
  const { outputs } = signatureOf(program);
  const [first] = outputs;
  const single = (trees: Tree): Tree => (isList(trees) && trees.length === 1 ? (trees[0] ?? []) : trees);
  if (outputs.length === 1 && typeof first === "object" && !isList(first)) {
    const { values, jacobian, ...others } = first;
    const isOther = values === undefined || jacobian === undefined || Object.keys(others).length > 0;
    if (!isOther && isList(values) && isList(jacobian))
      return { result: single(asJacrev(values, jacobian)), auxiliary: single(values) };
  }
  return { result: single(outputs), auxiliary: null };
}

/** The nesting of `jax.jacrev`: the tuple of arguments inside each result's tree, where a Jacobian program has it outside (`jacobian[result][argument]`). */
function asJacrev(results: readonly Tree[], blocks: readonly Tree[]): Tree[] {
  return results.map((result, row) => argumentsInside(result, blocks[row] ?? []));
}

/** The tuple of some trees, which have the form of `result` above all else, at the leaves of `result`. */
function argumentsInside(result: Tree, trees: Tree): Tree {
  if (typeof result === "number" || !isList(trees)) return trees;
  const inside = ([key, child]: [string, Tree]): [string, Tree] => [
    key,
    argumentsInside(
      child,
      trees.map((tree) => new Map(Object.entries(tree)).get(key) ?? []),
    ),
  ];
  const children = Object.entries(result).map(inside);
  return isList(result) ? children.map(([, child]) => child) : Object.fromEntries(children);
}

/** A tree in tuples and dicts, on one line if it fits. */
function layOut(tree: Tree, leaf: (index: number) => string, indent = "    "): string {
  if (typeof tree === "number") return leaf(tree);
  const inner = `${indent}    `;
  const children = isList(tree)
    ? tree.map((child) => layOut(child, leaf, inner))
    : Object.entries(tree).map(([key, child]) => `${JSON.stringify(key)}: ${layOut(child, leaf, inner)}`);
  const [open, close] = isList(tree) ? ["(", ")"] : ["{", "}"];
  const line = isList(tree) ? tupleText(children) : `{${children.join(", ")}}`;
  if (indent.length + line.length <= 90 && !line.includes("\n")) return line;
  return `${open}\n${children.map((child) => `${inner}${child},`).join("\n")}\n${indent}${close}`;
}

function docText({ name, inputs, outputs }: Program, hasAuxiliary: boolean): string {
  const text = `${name}: ${inputs.length} inputs, ${outputs.length} outputs.`;
  return hasAuxiliary ? `${text} With has_aux=True: (jacobian, values).` : text;
}

/** Text that a string in triple quotes can hold. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
