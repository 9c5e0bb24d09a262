import { expect, test } from "bun:test";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import { licenceFaults, shippedPackages } from "./licences.ts";

test("each package that an image holds has a licence that asks for no more than to be named", async () => {
  const shipped = await shippedPackages(join(import.meta.dir, ".."));
  const names = shipped.map(({ name }) => name);
  for (const name of Object.keys(manifest.dependencies)) expect(names).toContain(name);
  // What these need is looked at as well, and what only tests need is not.
  expect(names).toContain("gaxios");
  expect(names).not.toContain("axe-core");
  expect(licenceFaults(shipped)).toEqual([]);
});

test.each([
  ["GPL-3.0-only", false],
  ["", false],
  ["MIT AND GPL-2.0", false],
  ["(GPL-2.0 OR MIT)", true],
  ["MIT AND Apache-2.0", true],
  ["SEE LICENSE IN LICENSE.md", false],
])("%p is one of them: %p", (licence, isOne) => {
  const faults = licenceFaults([{ name: "one", version: "1.0.0", licence }]);
  expect(faults.length === 0).toBe(isOne);
});
