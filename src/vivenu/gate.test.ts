import { expect, test } from "bun:test";
import { gate } from "./gate.ts";

test("so many are inside at once and no more, the others enter in their order, also after one that failed", async () => {
  const through = gate(2);
  const entered: number[] = [];
  const leaving: (() => void)[] = [];
  let inside = 0;
  let most = 0;
  const all = [0, 1, 2, 3, 4, 5].map((n) =>
    through(async () => {
      entered.push(n);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise<void>((leave) => leaving.push(leave));
      inside -= 1;
      if (n === 1) throw new Error("failed inside");
    }).catch(() => {}),
  );
  for (let left = 0; left < all.length; left += 1) {
    while (leaving.length <= left) await Promise.resolve();
    leaving[left]?.();
  }
  await Promise.all(all);
  expect({ entered, most }).toEqual({ entered: [0, 1, 2, 3, 4, 5], most: 2 });
  // Empty again, it lets in as many as before.
  const again = [6, 7, 8].map((n) => through(async () => void entered.push(n)));
  await Promise.all(again);
  expect(entered.slice(-3)).toEqual([6, 7, 8]);
});
