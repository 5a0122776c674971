import { expect, test } from "vitest";
import { linearize } from "../jacobian/linearize.ts";
import { literal, ProgramBuilder } from "../program/builder.ts";
import { toDot } from "./dot.ts";

function example() {
  const builder = new ProgramBuilder();
  const x = builder.input("x");
  const sine = builder.append({ primitive: "sin", parameters: {} }, [x], "s");
  const double = builder.append({ primitive: "mul", parameters: {} }, [literal(2), sine]);
  return builder.build('odd "name"\\', [
    { name: "F", operand: double },
    { name: "s\nsecond", operand: sine },
  ]);
}

test("inputs, vertices with equation numbers and primitives, outputs, edges with constants", () => {
  const program = example();
  expect(toDot(linearize(program).graph, program)).toBe(`digraph "odd \\"name\\"\\\\" {
  rankdir=TB;
  node [fontname="Helvetica"];
  n0 [label="x", shape=ellipse];
  n1 [label="1 sin\\ns", shape=box];
  n2 [label="2 mul\\nF", shape=box, peripheries=2];
  n3 [label="copy\\ns\\nsecond", shape=box, peripheries=2];
  n0 -> n1;
  n1 -> n2 [label="2"];
  n1 -> n3 [label="1"];
}
`);
});

test("a graph without its program", () => {
  const text = toDot(linearize(example()).graph);
  expect(text).toContain('n1 [label="1\\ns", shape=box];');
  expect(text).toContain('n3 [label="copy\\noutput 1", shape=box, peripheries=2];');
});
