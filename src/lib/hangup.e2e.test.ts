import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

const module = join(import.meta.dir, "hangup.ts");
const program = `console.log((await import(${JSON.stringify(module)})).isHangupIgnored())`;

async function saidAfter(before: string) {
  const child = Bun.spawn(["sh", "-c", `${before}exec "$0" -e "$1"`, process.execPath, program], {
    stdout: "pipe",
  });
  return (await new Response(child.stdout).text()).trim();
}

test("a process that was started to outlive its terminal knows it where the system says so", async () => {
  const isSaid = existsSync("/proc/self/status");
  expect(await saidAfter("trap '' HUP; ")).toBe(String(isSaid));
  expect(await saidAfter("trap - HUP; trap '' INT; ")).toBe("false");
});
