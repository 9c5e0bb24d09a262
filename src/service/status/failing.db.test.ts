import { expect, test } from "bun:test";
import { freshDatabase } from "../../../test/support/database.ts";
import { stallingProxy } from "../../../test/support/stalling-proxy.ts";
import { connect } from "../../database/connect.ts";
import type { Lease } from "../../database/lease.ts";
import { type FailingLoop, failingLoops } from "./failing.ts";

/** A holder whose way to PostgreSQL can fall silent, and what another replica reads meanwhile. */
async function stage() {
  const database = await freshDatabase();
  const proxy = stallingProxy(database.url);
  const sql = connect(proxy.url, { max: 2, limitMs: 300 });
  await database.sql`insert into lease (name, token) values ('poller', 1)`;
  const held = new AbortController();
  const lease: Lease = {
    name: "poller",
    token: 1n,
    signal: held.signal,
    check: async () => {},
    giveUp: () => {},
  };
  const elsewhere = failingLoops(database.sql);
  return {
    ...{ proxy, lease, here: failingLoops(sql) },
    async becomes(wanted: FailingLoop[]) {
      const until = performance.now() + 8_000;
      let read = await elsewhere.read();
      while (!Bun.deepEquals(read, wanted) && performance.now() < until) {
        await Bun.sleep(20);
        read = await elsewhere.read();
      }
      expect(read).toEqual(wanted);
    },
    async [Symbol.asyncDispose]() {
      held.abort();
      await sql.end({ timeout: 0 });
      await proxy[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

const at = new Date("2026-03-01T10:00:00.000Z");

test("what is over while PostgreSQL is silent is over in /status when it answers again", async () => {
  await using staged = await stage();
  const { here, lease, proxy, becomes } = staged;
  here.note("Vivenu for DACH", "not answered", at, lease);
  await becomes([{ loop: "Vivenu for DACH", message: "not answered", account: null }]);
  proxy.stall();
  here.clear("Vivenu for DACH", lease);
  await Bun.sleep(1_000);
  proxy.recover();
  await becomes([]);
});

test("what begins while PostgreSQL is silent is told when it answers again, in its newest words", async () => {
  await using staged = await stage();
  const { here, lease, proxy, becomes } = staged;
  proxy.stall();
  const of = { loop: "Vivenu for DACH", account: "DACH" };
  for (let n = 0; n < 50; n += 1) here.note(of, `${n} not answered`, at, lease);
  await Bun.sleep(1_000);
  proxy.recover();
  await becomes([{ ...of, message: "49 not answered" }]);
});
