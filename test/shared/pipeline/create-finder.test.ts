import fc from "fast-check";
import { expect, test } from "vitest";
import { createFinder } from "../../../shared/pipeline/create-finder.ts";

const names = fc.uniqueArray(
  fc.integer({ min: 0, max: 80 }).map((number) => `s-${number}`),
  { maxLength: 80 },
);

test("finds what a search of the whole list finds, whatever lists came before", () => {
  fc.assert(
    fc.property(fc.array(names, { minLength: 1, maxLength: 6 }), fc.infiniteStream(fc.nat()), (lists, at) => {
      const find = createFinder<{ name: string }>(({ name }) => name);
      const all = lists.map((list) => list.map((name) => ({ name })));
      for (let times = 0; times < 100; times += 1) {
        const list = all[at.next().value % all.length] ?? [];
        const name = `s-${at.next().value % 82}`;
        expect(find(list, name)).toBe(list.find((member) => member.name === name));
      }
    }),
  );
});
