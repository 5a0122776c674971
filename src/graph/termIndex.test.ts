import fc from "fast-check";
import { expect, test } from "vitest";
import { movementStructures } from "../structure/movement.ts";
import { disjoint, type Structure, structureKey } from "../structure/structure.ts";
import { TermIndex } from "./termIndex.ts";

const located = (structure: Structure) => ({ structure, key: structureKey(structure) });

/** Terms of tables from 150 elements, or their windows, into a 10 x 40 array: of any extents, many of them overlapping. */
const terms = fc
  .array(fc.integer({ min: -1, max: 149 }), { minLength: 400, maxLength: 400 })
  .map((table) => movementStructures([10, 40], [150], Int32Array.from(table)).map(located));

test("an index finds what a scan finds", () => {
  fc.assert(
    fc.property(terms, terms, fc.nat(50), (list, others, given) => {
      const index = new TermIndex(list.slice(0, given + 1));
      for (const term of list.slice(given + 1)) index.append(term);
      for (const other of others.slice(0, 100)) {
        expect(index.same(other)).toBe(list.findIndex(({ key }) => key === other.key));
        expect(index.overlapping(other)).toBe(
          list.findIndex(({ structure }) => !disjoint(structure, other.structure)),
        );
      }
      for (const [position, term] of list.entries()) expect(index.same(term)).toBe(position);
    }),
    { numRuns: 10 },
  );
});
