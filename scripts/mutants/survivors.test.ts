import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import survivors from "./survivors.json";

test("every change that is said to change nothing is of a line that is there", () => {
  const root = join(import.meta.dir, "../..");
  const gone = survivors.filter(({ file, line, before }) => {
    const text = readFileSync(join(root, file), "utf8");
    return !text.includes(line) || !text.includes(before);
  });
  expect(gone.map(({ file, line }) => `${file}: ${line}`)).toEqual([]);
});
