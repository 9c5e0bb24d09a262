import { expect, test } from "bun:test";
import { constants, getPriority } from "node:os";
import { giveWay } from "./give-way.ts";

/** A process that runs until its input ends. */
function idleProcess(code = "") {
  const program = `${code}; console.log("ready"); for await (const _ of console);`;
  const child = Bun.spawn([process.execPath, "-e", program], {
    stdin: "pipe",
    stdout: "pipe",
    cwd: import.meta.dir,
  });
  return {
    pid: child.pid,
    async ready() {
      for await (const _ of child.stdout) return;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
    },
  };
}

test("another process stands behind this one, as far as it was told", async () => {
  await using child = idleProcess();
  const own = getPriority();
  giveWay(7, child.pid);
  expect(getPriority(child.pid)).toBe(Math.max(own, 7));
  expect(getPriority()).toBe(own);
  giveWay(3, child.pid);
  expect(getPriority(child.pid)).toBe(Math.max(own, 7));
});

test("a process may stand behind all others by itself", async () => {
  await using child = idleProcess(`(await import("./give-way.ts")).giveWay(10)`);
  await child.ready();
  expect(getPriority(child.pid)).toBe(Math.max(getPriority(), 10));
});

test("a process that has ended already is no fault", async () => {
  const child = idleProcess();
  await child[Symbol.asyncDispose]();
  expect(() => giveWay(constants.priority.PRIORITY_LOW, child.pid)).not.toThrow();
});
