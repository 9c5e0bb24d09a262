import { expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { slipsBetween } from "./unknown-names.ts";

/** As the distance is defined, without a thought of what it costs. */
function slips(one: string, other: string): number {
  if (one === "" || other === "") return one.length + other.length;
  const [a, b] = [one.slice(0, -1), other.slice(0, -1)];
  const isSame = one.at(-1) === other.at(-1);
  const isSwapped = one.at(-1) === other.at(-2) && one.at(-2) === other.at(-1);
  return Math.min(
    slips(a, other) + 1,
    slips(one, b) + 1,
    slips(a, b) + (isSame ? 0 : 1),
    ...(isSwapped && a && b ? [slips(a.slice(0, -1), b.slice(0, -1)) + 1] : []),
  );
}

const words = fc.string({ unit: fc.constantFrom("A", "P", "I"), maxLength: 6 });

test("the slips between two names are as many as the definition has, up to the most that are asked for", () => {
  fc.assert(
    fc.property(words, words, fc.integer({ min: 0, max: 3 }), (one, other, most) => {
      const found = slipsBetween(one, other, most);
      const wanted = slips(one, other);
      if (wanted <= most) expect(found).toBe(wanted);
      else expect(found).toBeGreaterThan(most);
    }),
    { numRuns: 500 },
  );
});
