import { expect, test } from "bun:test";
import { adaptivePageSize } from "./page-size.ts";

/** What is asked for, page after page, of a server that bears pages up to `most`. */
function asked(pages: number, { from = 1_000, most = () => Number.POSITIVE_INFINITY } = {}) {
  const size = adaptivePageSize(from);
  const sizes: number[] = [];
  let failed = 0;
  for (let page = 0; page < pages; page += 1) {
    let top = size.now();
    while (top > most()) {
      failed += 1;
      top = Math.floor(top / 2);
    }
    sizes.push(top);
    size.came(top);
  }
  return { sizes, failed, smallest: size.smallest() };
}

test("one failure costs two pages of half the size", () => {
  let failing = true;
  const most = () => {
    const bears = failing ? 500 : 1_000;
    failing = false;
    return bears;
  };
  expect(asked(4, { most }).sizes).toEqual([500, 500, 1_000, 1_000]);
});

test("a size that is too much is tried ever less often", () => {
  const { sizes, failed } = asked(1_000, { most: () => 250 });
  expect(new Set(sizes)).toEqual(new Set([250]));
  expect(failed).toBeLessThan(22);
});

test("from the bottom it takes some pages to be large again, once the server bears it", () => {
  let pages = 0;
  const { sizes, smallest } = asked(18, { most: () => (pages++ < 7 ? 10 : 1_000) });
  expect(smallest).toBeLessThanOrEqual(10);
  expect(sizes.at(-1)).toBe(1_000);
});
