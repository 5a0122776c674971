import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { InputError } from "../../errors.ts";
import { jacobian } from "../../jacobian/jacobian.ts";
import { interpretScalars } from "../../program/interpreter.ts";
import { parseJaxpr } from "./index.ts";

const tasks = new URL("../../tasks/data/", import.meta.url);
const corpora = new URL("data/", import.meta.url);
const read = (name: string, folder = tasks) => readFileSync(new URL(name, folder), "utf8");
const flat = (values: unknown): number[] => (Array.isArray(values) ? values : [values]).flat(4);

/** The message of the InputError that parsing throws. */
function errorOf(text: string, source?: string, constants: readonly number[] = []): string {
  try {
    parseJaxpr(text, source === undefined ? { constants } : { source, constants });
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("no error was thrown");
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, index) => {
    const wanted = expected[index] ?? NaN;
    expect(Math.abs(value - wanted), `output ${index}: ${value} instead of ${wanted}`).toBeLessThanOrEqual(
      1e-12 * Math.abs(wanted),
    );
  });
}

/** A jaxpr of inputs a and b and the given equations. */
const body = (equations: string, outputs = "c") =>
  `{ lambda ; a:f32[] b:f32[]. let\n    ${equations}\n  in (${outputs},) }`;
const evaluate = (text: string, ...inputs: number[]) => interpretScalars(parseJaxpr(text), inputs);

describe("the tasks of the paper", () => {
  const scalarTasks = {
    RoeFlux_1d: 101,
    RobotArm_6DOF: 114,
    HumanHeartDipole: 86,
    PropaneCombustion: 62,
    BlackScholes: 34,
    BlackScholes_Jacobian: 139,
  };
  it.each(Object.entries(scalarTasks))("%s: JAX's outputs, %i equations", (name, equations) => {
    const program = parseJaxpr(read(`${name}.jaxpr`), { name });
    expect(program.name).toBe(name);
    expect(program.equations.length).toBe(equations);
    for (const { inputs, outputs } of JSON.parse(read(`${name}.json`)).points)
      expectClose(interpretScalars(program, flat(inputs)), flat(outputs));
  });

  it("g: NaN as in JAX, 105 equations", () => {
    const program = parseJaxpr(read("g.jaxpr"));
    expect(program.equations.length).toBe(105);
    expect(interpretScalars(program, new Array(15).fill(0.5)).some(Number.isNaN)).toBe(true);
  });

  it.each([...Object.keys(scalarTasks), "g"])("%s: equation e is printed equation e", (name) => {
    const text = read(`${name}.jaxpr`);
    const printed = [...text.matchAll(/(\w+):f\d\d\[[\d,]*\] = (\w+)/g)];
    const { equations } = parseJaxpr(text);
    expect(equations.map((equation) => equation.name ?? "_")).toEqual(printed.map(([, name]) => name));
    const renamed: Record<string, string> = {
      broadcast_in_dim: "broadcast",
      convert_element_type: "convert",
    };
    expect(equations.map(({ primitive }) => primitive)).toEqual(
      printed.map(([, , jax = ""]) => renamed[jax] ?? jax),
    );
  });

  it.each(["RoeFlux_3d", "f", "Perceptron", "Encoder"])("%s parses, or says all that is missing", (name) => {
    const text = read(`${name}.jaxpr`);
    try {
      expect(parseJaxpr(text).equations.length).toBe([...text.matchAll(/ = \w/g)].length);
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect(String(error)).toMatch(
        /line \d+, column \d+: not supported yet: .*dot_general on arrays of several elements/,
      );
    }
  });
});

describe.each(readdirSync(corpora).filter((name) => name.startsWith("jax-")))("what %s prints", (file) => {
  interface Entry {
    readonly name: string;
    readonly jaxpr: string;
    readonly inputs: number[];
    readonly outputs: number[];
    readonly unsupported?: string[];
  }
  const entries: Entry[] = JSON.parse(read(file, corpora));
  it.each(entries.filter(({ unsupported }) => unsupported === undefined))(
    "$name: JAX's outputs",
    ({ jaxpr, inputs, outputs }) => {
      expectClose(evaluate(jaxpr, ...inputs), outputs);
    },
  );
  it.each(entries.filter(({ unsupported }) => unsupported !== undefined))(
    "$name: names $unsupported",
    ({ jaxpr, unsupported = [] }) => {
      const message = errorOf(jaxpr);
      expect(message).toContain("not supported yet: ");
      for (const primitive of unsupported) expect(message).toContain(primitive);
    },
  );
});

describe("notation", () => {
  const product = "{ lambda ; a:f32[] b:f32[]. let c:f32[] = mul a b in (c,) }";

  it.each([
    ["one line", product],
    ["a line per equation", "{ lambda ; a:f32[] b:f32[]. let\n    c:f32[] = mul a b\n  in (c,) }"],
    ["semicolons", "{ lambda ; a:f32[] b:f32[]. let d:f32[] = mul a b; c:f32[] = copy d in (c,) }"],
    [
      "untyped results, JAX 0.2",
      "{ lambda  ; a:f32[] b:f32[].\n  let d = mul a b\n      c = copy d\n  in (c,) }",
    ],
    ["weak types", "{ lambda ; a:f32[]{weak_type=True} b:f32[]*. let c:~f32[] = mul a b in (c,) }"],
    ["long dtypes", "{ lambda ; a:float32[] b:float32[]. let c:float32[] = mul a b in (c,) }"],
    ["typed operands", "{ lambda ; a:f32[] b:f32[]. let c:f32[] = mul a:f32[] b:f32[] in (c,) }"],
    [
      "Windows line ends and tabs",
      "{ lambda ; a:f32[] b:f32[]. let\r\n\tc:f32[] = mul a b\r\n  in (c,) }\r\n",
    ],
    ["comments", "{ lambda ; a:f32[] b:f32[]. let\n  c:f32[] = mul a b # file.py:1 (f)\n  in (c,) } # end"],
    [
      "colours",
      "{ \u001b[34m\u001b[1mlambda \u001b[39m\u001b[22m; a:f32[] b:f32[]. let c:f32[] = mul a b in (c,) }",
    ],
    ["shardings", "{ lambda ; a:f32[]{V:x} b:f32<host>[]. let c:f32[] = mul a b in (c,) }"],
    ["wrapped operands", body("c:f32[] = mul a\n      b")],
    ["wrapped operands, untyped", body("c = mul a\n      b\n    d = sin c")],
    ["lines without indentation", body("d:f32[] = mul a b\n    c:f32[] = copy d").replace(/^ +/gm, "")],
    [
      "xla_call",
      body(
        "c = xla_call[ backend=None\n      call_jaxpr={ lambda ; d:f32[] e:f32[]. let f = mul d e in (f,) }\n      device=None\n      name=f ] a b",
      ),
    ],
    [
      "pjit",
      body("c:f32[] = pjit[name=f jaxpr={ lambda ; a:f32[] b:f32[]. let c:f32[] = mul a b in (c,) }] a b"),
    ],
    ["a named jaxpr", `let f = ${product} in\n${body("c:f32[] = jit[name=<lambda> jaxpr=f] a b")}`],
    [
      "a named jaxpr before its definition",
      `let g = ${body("c:f32[] = jit[jaxpr=f] a b")} in let f = ${product} in ${body("c:f32[] = jit[jaxpr=g] a b")}`,
    ],
    ["a jaxpr called lambda", `let lambda = ${product} in ${body("c:f32[] = jit[jaxpr=lambda] a b")}`],
    [
      "custom_jvp_call with a thunk",
      body(
        `c:f32[] = custom_jvp_call[\n      call_jaxpr=${product}\n      jvp_jaxpr_thunk=<function _memoize.<locals>.memoized at 0x7f1c>\n      num_consts=0\n      symbolic_zeros=False\n    ] a b`,
      ),
    ],
    [
      "custom_vjp_call_jaxpr",
      body(
        `c:f32[] = custom_vjp_call_jaxpr[\n      bwd=<function f at 0x7f>\n      fun_jaxpr=${product}\n      num_consts=0\n      out_trees=<function g at 0x7f>\n    ] a b`,
      ),
    ],
    [
      "parameters of any kind",
      body("c:f32[] = mul[x=Foo(a=(1,), b={}) fmt={} = [d] y=<f <g> at 0x1> z='in (' w=+- v=] a b"),
    ],
    [
      "a wrapped list of results",
      body("d:f32[]\n      e:f32[] = optimization_barrier a b\n    c:f32[] = mul d e"),
    ],
  ])("%s", (_, text) => {
    expect(evaluate(text, 3, 5)).toEqual([15]);
  });

  it.each([
    ["-inf", -Infinity],
    ["inf:f32[]", Infinity],
    ["nan", NaN],
    ["1e-07", 1e-7],
    ["-2.5:f32[]", -2.5],
    ["3.4028234663852886e+38", 3.4028234663852886e38],
    ["1.", 1],
  ])("the literal %s", (text, value) => {
    expect(evaluate(body(`c:f32[] = add ${text} 0.0`), 0, 0)).toEqual([value]);
  });

  it("gives a literal the dtype of its equation", () => {
    const text =
      "{ lambda ; a:i64[] b:f16[]. let c:i64[] = add a 1; d:f16[] = mul b 2.0; e:f64[] = sqrt 2.0; f:bool[] = eq b 1.0 in (c, d, e, f, True) }";
    const { equations, outputs } = parseJaxpr(text);
    const dtypes = equations.map(({ operands }) =>
      operands.flatMap((operand) => (operand.kind === "literal" ? [operand.dtype] : [])),
    );
    expect(dtypes).toEqual([["int64"], ["float16"], ["float64"], ["float16"]]);
    expect(outputs.at(-1)).toEqual({
      name: "output5",
      operand: { kind: "literal", value: 1, dtype: "bool" },
    });
  });

  it("lets variables be called in, let, inf and nan", () => {
    const text = body(
      "in:f32[] = mul a b\n    let:f32[] = add in in\n    inf:f32[] = add in let\n    nan:f32[] = sub inf in",
      "nan, in",
    );
    expect(evaluate(text, 2, 3)).toEqual([12, 6]);
    expect(parseJaxpr(text).outputs.map(({ name }) => name)).toEqual(["nan", "in"]);
  });

  it("keeps the number and the names of equations, dead and unread ones too", () => {
    const { inputs, equations, outputs } = parseJaxpr(
      body("_:f32[] = sin a\n    x:f64[] = sqrt 2.0\n    c:f32[] = mul a b"),
    );
    expect(inputs.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(equations.map(({ primitive, name }) => [primitive, name])).toEqual([
      ["sin", undefined],
      ["sqrt", "x"],
      ["mul", "c"],
    ]);
    expect(outputs).toEqual([{ name: "c", operand: { kind: "variable", variable: 4 } }]);
  });

  it("takes the cases of select_n in their order, and those of the old select in theirs", () => {
    expect(evaluate(body("p:bool[] = lt a b\n    c:f32[] = select_n p a b"), 1, 2)).toEqual([2]);
    expect(evaluate(body("p:bool[] = lt a b\n    c:f32[] = select p a b"), 1, 2)).toEqual([1]);
  });

  it("reads parameters in NumPy's notation", () => {
    const text = "{ lambda ; a:f32[1,1]. let b:f32[1] = reduce_sum[axes=(np.int64(1),)] a in (b,) }";
    expect(parseJaxpr(text).equations).toMatchObject([
      { primitive: "reduce_sum", parameters: { axes: [1] } },
    ]);
  });

  it("lowers elementwise and broadcasting equations of any shape", () => {
    const text =
      "{ lambda ; a:f32[2,3] b:f32[3]. let c:f32[2,3] = broadcast_in_dim[broadcast_dimensions=(1,)] b; d:f32[2,3] = mul a c in (d,) }";
    expect(parseJaxpr(text).equations.map(({ type }) => type.shape)).toEqual([
      [2, 3],
      [2, 3],
    ]);
  });

  it("allows a called jaxpr to print _ for an output that is dropped", () => {
    const call = (results: string, more = "") =>
      `${results} = jit[jaxpr={ lambda ; a:f32[]. let _:f32[] = sin a; ${more}c:f32[] = cos a in (_, c) }] a`;
    expect(evaluate(body(call("_:f32[] c:f32[]")), 0, 0)).toEqual([1]);
    expect(evaluate(body(`${call("d:f32[] e:f32[]")}\n    c:f32[] = add d e`), 2, 0)).toEqual([
      Math.sin(2) + Math.cos(2),
    ]);
    expect(errorOf(body(`${call("d:f32[] e:f32[]", "_:f32[] = exp a; ")}\n    c:f32[] = add d e`))).toMatch(
      /line 3, column 19: variable d has no value/,
    );
  });

  it("reads what JAX prints as _ because the caller drops it, if there is one only", () => {
    const half = "{ lambda ; a:f32[]. let _:f32[] = sin a; c:f32[] = mul _ 0.5:f32[] in (_, c) }";
    expect(evaluate(body(`_:f32[] c:f32[] = jit[jaxpr=${half}] a`), 2, 0)).toEqual([0.5 * Math.sin(2)]);
  });

  it("reads equations without results as old versions print them", () => {
    const text =
      "{ lambda ; a:f32[] b:f32[]. let\n    d:f32[] = sin a\n     = pjit[jaxpr={ lambda ; f:f32[]. let  in () } name=g] a\n    c:f32[] = add d\n      b\n  in (c,) }";
    expect(evaluate(text, 2, 1)).toEqual([Math.sin(2) + 1]);
  });

  it("gives constants to the jaxprs that close over them, outermost first", () => {
    const inner = "{ lambda e:f32[]; a:f32[]. let d:f32[] = mul a e in (d,) }";
    const text = `{ lambda c:f32[]; a:f32[]. let d:f32[] = jit[jaxpr=${inner} name=f] a; b:f32[] = add d c in (b,) }`;
    expect(interpretScalars(parseJaxpr(text, { constants: [7, 3] }), [2])).toEqual([13]);
    expect(errorOf(text, undefined, [7])).toMatch(/the jaxpr has the constant e:f32\[\]/);
  });

  it("nextafter is the neighbour, the derivative by its first operand 1", () => {
    const text = "{ lambda ; a:f64[] b:f64[]. let c:f64[] = nextafter a b in (c,) }";
    expect(evaluate(text, 1, 2)).toEqual([1 + Number.EPSILON]);
    expect(evaluate(text, 1, 0)).toEqual([1 - Number.EPSILON / 2]);
    expect(evaluate(text, -3, -3)).toEqual([-3]);
    expect(interpretScalars(jacobian(parseJaxpr(text)), [1, 2])).toEqual([1, 0]);
  });
});

describe("errors", () => {
  it.each([
    ["an empty text", "", /expected a jaxpr as JAX prints it|the text ends where a jaxpr/],
    ["something else", "hello", /^line 1, column 1: expected a jaxpr as JAX prints it/],
    [
      "a text that is cut off",
      "{ lambda ; a:f32[]. let b:f32[] = sin",
      /^line 1, column 38: the text ends where `in` was expected|cut off/,
    ],
    [
      "text after the end",
      `${body("c:f32[] = mul a b")} c`,
      /^line 3, column 13: expected nothing after the end of the jaxpr, found `c`/,
    ],
    ["an undefined variable", body("c:f32[] = mul a d"), /^line 2, column 21: variable d is not defined/],
    [
      "a variable before its definition",
      body("c:f32[] = sin d\n    d:f32[] = sin a"),
      /^line 2, column 19: variable d is not defined/,
    ],
    ["an undefined output", body("c:f32[] = mul a b", "d"), /^line 3, column 7: variable d is not defined/],
    [
      "reading one of several _",
      body("_:f32[] = sin a\n    _:f32[] = sin b\n    c:f32[] = cos _"),
      /^line 4, column 19: several variables are printed as `_`/,
    ],
    [
      "more constants than there are",
      "{ lambda ; a:f32[]. let in (a,) }",
      /^line 1, column 1: the jaxpr has 0 constants, but the values of 1 are given/,
      [1],
    ],
    ["two definitions", body("a:f32[] = sin b", "a"), /^line 2, column 5: variable a is defined twice/],
    [
      "two definitions of a jaxpr",
      `let f = ${body("c:f32[] = mul a b")} in let f = ${body("c:f32[] = mul a b")} in ${body("c:f32[] = mul a b")}`,
      /the jaxpr f is defined twice/,
    ],
    [
      "a wrong shape",
      body("c:f32[2] = mul a b"),
      /^line 2, column 5: c is printed as float32\[2\], but the equation gives float32\[\]/,
    ],
    [
      "a wrong dtype",
      body("c:f64[] = mul a b"),
      /^line 2, column 5: c is printed as float64\[\], but the equation gives float32\[\]/,
    ],
    ["too few operands", body("c:f32[] = mul a"), /^line 2, column 15: mul: expected 2 operands, got 1/],
    ["too many results", body("c:f32[] d:f32[] = mul a b"), /mul has 1 results, 2 are printed/],
    [
      "shapes that do not broadcast",
      "{ lambda ; a:f32[2] b:f32[3]. let c:f32[2] = add a b in (c,) }",
      /do not broadcast/,
    ],
    [
      "a missing parameter",
      body("c:f32[] = integer_pow a"),
      /integer_pow: the parameter y must be an integer/,
    ],
    ["an input without type", "{ lambda ; a. let b = sin a in (b,) }", /the input a has no type/],
    [
      "a constant",
      "{ lambda x:f32[3]; a:f32[]. let in (a,) }",
      /line 1, column 10: the jaxpr has the constant x:f32\[3\], whose value is not in the text: give them with --constants \(the option constants\), or pass arrays as arguments/,
    ],
    [
      "constants",
      "{ lambda x:f32[3] y:i32[]; a:f32[]. let in (a,) }",
      /the constants x:f32\[3\] y:i32\[\], whose values are not/,
    ],
    [
      "complex values",
      "{ lambda ; a:c64[]. let\n  b:c64[] = sin a in (b,) }",
      /^line 1, column 14: not supported yet: values of type c64/,
    ],
    [
      "a symbolic shape",
      "{ lambda ; a:f32[n]. let in (a,) }",
      /not supported yet: shapes that are not numbers/,
    ],
    [
      "a call without jaxpr",
      body("c:f32[] = jit[name=f] a b"),
      /jit: expected the called jaxpr among the parameters/,
    ],
    [
      "a call with other operands",
      body("c:f32[] = jit[jaxpr={ lambda ; a:f32[]. let in (a,) }] a b"),
      /the called jaxpr has 1 inputs, got 2 operands/,
    ],
    [
      "a call with other types",
      body("c:i32[] = jit[jaxpr={ lambda ; a:i32[]. let in (a,) }] a"),
      /the called jaxpr expects int32\[\] for a, got float32\[\]/,
    ],
    [
      "a jaxpr that calls itself",
      `let f = ${body("c:f32[] = jit[jaxpr=f] a b")} in ${body("c:f32[] = jit[jaxpr=f] a b")}`,
      /the jaxpr calls itself/,
    ],
    [
      "a literal that is no number",
      body("c:f32[] = mul a (b'',\n      1):f32[]"),
      /not supported yet: the literal \(b'', 1\)$/,
    ],
    [
      "a call with a literal of another kind",
      body("c:i32[] = jit[jaxpr={ lambda ; a:i32[]. let in (a,) }] 0.5"),
      /the called jaxpr expects int32\[\] for a, got float32\[\]/,
    ],
    [
      "an effect",
      body("debug_print[fmt={} ordered=False] a\n    c:f32[] = mul a b"),
      /^line 2, column 5: not supported yet: debug_print/,
    ],
    [
      "bits of integers that depend on the inputs",
      "{ lambda ; a:i32[]. let b:i32[] = and a 2:i32[] in (b,) }",
      /not supported yet: and on integers that depend on the inputs/,
    ],
    [
      "a loop whose number of steps depends on the inputs",
      "{ lambda ; a:i32[]. let b:i32[] = while[body_jaxpr={ lambda ; c:i32[]. let d:i32[] = add c 1:i32[] in (d,) } body_nconsts=0 cond_jaxpr={ lambda ; e:i32[]. let f:bool[] = lt e 9:i32[] in (f,) } cond_nconsts=0] a in (b,) }",
      /^line 1, column 35: not supported yet: while with a number of steps that depends on the inputs/,
    ],
    [
      "a loop without end",
      "{ lambda ; a:f32[]. let b:f32[] = while[body_jaxpr={ lambda ; c:f32[]. let in (c,) } body_nconsts=0 cond_jaxpr={ lambda ; e:f32[]. let in (True,) } cond_nconsts=0] a in (b,) }",
      /^line 1, column 35: more than 100000 equations after inlining calls and unrolling loops/,
    ],
    [
      "a long loop",
      "{ lambda ; a:f32[]. let b:f32[] = scan[jaxpr={ lambda ; c:f32[]. let d:f32[] = sin c; e:f32[] = cos d in (e,) } length=1000000 num_carry=1 num_consts=0 reverse=False] a in (b,) }",
      /more than 100000 equations after inlining calls and unrolling loops: take the Jacobian of one step/,
    ],
    [
      "what is unsupported in a loop",
      "{ lambda ; a:f32[]. let b:f32[] = scan[jaxpr={ lambda ; c:f32[]. let d:f32[] = foo c\n e:f32[] = bar d in (e,) } length=9 num_carry=1 num_consts=0 reverse=False] a in (b,) }",
      /not supported yet: foo, bar \(line 2\)$/,
    ],
  ] as [string, string, RegExp, number[]?][])("%s", (_, text, message, constants) => {
    expect(errorOf(text, undefined, constants)).toMatch(message);
  });

  it("takes the constants that are given, and says which are of another size", () => {
    const text = "{ lambda x:f32[3] y:i32[]; a:f32[3]. let b:f32[3] = mul a x in (b, y) }";
    expect(parseJaxpr(text, { constants: [[1, 2, 3], 4] }).equations).toHaveLength(2);
    expect(() => parseJaxpr(text, { constants: [[1, 2], 4] })).toThrow(
      /^line 1, column 10: the constant x is float32\[3\], but 2 numbers are given/,
    );
    expect(() => parseJaxpr(text, { constants: [[1, 2, 3]] })).toThrow(/the jaxpr has the constant y:i32/);
  });

  it("names all that is unsupported, with the first line of each and the source", () => {
    const equations =
      "c:f32[] = foo a\n    d:f32[] = bar c\n    e:f32[] = foo d\n    f = baz e\n    g:f32[] = qux f";
    expect(errorOf(body(equations), "f.jaxpr")).toBe(
      "f.jaxpr:2:15: not supported yet: foo, bar (line 3), baz (line 5), qux (line 6)",
    );
  });

  it("says where nesting is too deep, in parameters, jaxprs and calls", () => {
    expect(errorOf(body(`c:f32[] = mul[x=${"(".repeat(20_000)}] a b`))).toMatch(/nested more than 200 deep/);
    const call = "c:f32[] = jit[jaxpr={ lambda ; a:f32[]. let ";
    expect(errorOf(`{ lambda ; a:f32[]. let ${call.repeat(2_000)}`)).toMatch(/nested more than 200 deep/);
    const chain = Array.from(
      { length: 1000 },
      (_, i) => `let f${i + 1} = { lambda ; a:f32[]. let b:f32[] = jit[jaxpr=f${i}] a in (b,) } in\n`,
    );
    const text = `let f0 = { lambda ; a:f32[]. let in (a,) } in ${chain.join("")}{ lambda ; a:f32[]. let b:f32[] = jit[jaxpr=f1000] a in (b,) }`;
    expect(errorOf(text)).toMatch(/calls within calls more than 200 deep/);
  });

  it("refuses jaxprs that grow without bound when calls are inlined", () => {
    const double = (i: number) =>
      `let f${i} = { lambda ; a:f32[]. let b:f32[] = jit[jaxpr=f${i - 1}] a; c:f32[] = jit[jaxpr=f${i - 1}] b in (c,) } in\n`;
    const doubles = Array.from({ length: 60 }, (_, i) => double(i + 1)).join("");
    const text = `let f0 = { lambda ; a:f32[]. let in (a,) } in ${doubles}{ lambda ; a:f32[]. let b:f32[] = jit[jaxpr=f60] a in (b,) }`;
    expect(errorOf(text)).toMatch(/more than 100000 equations after inlining/);
  });
});
