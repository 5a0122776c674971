import { expect, test } from "vitest";
import { generatedGraph } from "../graph/generators/index.ts";
import { NodeTable } from "./nodeTable.ts";

test("an operand of very many products, found again after undoing some of them", () => {
  const table = new NodeTable(generatedGraph("chain", 5));
  const value = (number: number) => table.code({ kind: "value", value: number, negative: false });
  const hub = value(9000);
  const products = Array.from({ length: 5000 }, (_, number) => table.product(value(number), hub));
  expect(new Set(products).size).toBe(5000);
  const { created } = table;
  const sums = products.map((product) => table.sum(product, hub));
  expect(table.created).toBe(created + 5000);
  table.removeDownTo(created + 100);
  products.forEach((product, number) => {
    expect(table.product(hub, value(number))).toBe(product);
  });
  expect(table.created).toBe(created + 100);
  expect(products.map((product) => table.sum(hub, product))).toEqual(sums);
});
