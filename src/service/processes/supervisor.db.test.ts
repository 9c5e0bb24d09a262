import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { failingLoops } from "../status/failing.ts";
import { type Child, supervisor } from "./supervisor.ts";

test("a part that cannot be started is told of and tried again, and takes nothing else with it", async () => {
  const { sql } = await reusedDatabase();
  const failing = failingLoops(sql);
  const { logger } = recordingLog();
  const stop = new AbortController();
  const end = Promise.withResolvers<string>();
  const running = Promise.withResolvers<void>();
  const child: Child = {
    ...{ pid: 1, ended: end.promise, send: () => {} },
    kill: (signal) => end.resolve(signal),
  };
  let tries = 0;
  const { ended } = supervisor(
    {
      ...{ name: "worker", failing, logger },
      clock: { now: () => new Date("2026-02-12T11:00:00.000Z"), pause: async () => {} },
      start() {
        tries += 1;
        if (tries === 1) throw Object.assign(new Error("spawn"), { code: "EAGAIN" });
        running.resolve();
        return child;
      },
    },
    stop.signal,
  );
  await Promise.race([ended, running.promise]);
  expect(await failing.read()).toEqual([
    {
      ...{ loop: "worker", account: null },
      message:
        "it ended (it could not be started: Error (EAGAIN)) at 2026-02-12T11:00:00.000Z; it is started again 1 s later. Webhooks are taken meanwhile.",
    },
  ]);
  stop.abort();
  await ended;
  expect(tries).toBe(2);
});

test("a part that somebody else killed is told with what that means as a rule", async () => {
  const { sql } = await reusedDatabase();
  const failing = failingLoops(sql);
  const stop = new AbortController();
  const told = Promise.withResolvers<void>();
  const { ended } = supervisor(
    {
      ...{ name: "reads", failing, logger: recordingLog().logger },
      clock: {
        now: () => new Date("2026-02-12T11:00:00.000Z"),
        pause: async () => {
          told.resolve();
          stop.abort();
        },
      },
      start: () => ({ pid: 1, ended: Promise.resolve("SIGKILL"), send: () => {}, kill: () => {} }),
    },
    stop.signal,
  );
  await Promise.all([ended, told.promise]);
  expect(failing.here()).toMatchObject([
    {
      loop: "reads",
      message: expect.stringContaining(
        "it ended (SIGKILL: somebody else killed it, as a rule the system for want of memory) at",
      ),
    },
  ]);
});
