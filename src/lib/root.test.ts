import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "./root.ts";

test("the project is found from wherever its program was built to", async () => {
  const root = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-root-"));
  try {
    const built = join(root, "dist", "chunks");
    await mkdir(built, { recursive: true });
    await writeFile(join(root, "package.json"), "{}");
    expect(projectRoot(built)).toBe(root);
  } finally {
    await rm(root, { recursive: true });
  }
});

test("a program that stands alone says so", () => {
  expect(() => projectRoot("/proc")).toThrow("package.json");
});
