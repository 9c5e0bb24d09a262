import { expect, test } from "bun:test";
import { recordingLog } from "../../test/fixtures/vivenu/scripted.ts";
import { freshDatabase } from "../../test/support/database.ts";
import { until } from "../../test/support/stage.ts";
import { systemClock } from "../lib/clock.ts";
import { type Lease, whileHolding } from "./lease.ts";
import { leases, lockLease } from "./lease-names.ts";

test.each(leases)(
  "who has the row of the lease %s keeps its holder from writing, also the first there is",
  async (name) => {
    await using database = await freshDatabase();
    const stop = new AbortController();
    const turn = Promise.withResolvers<Lease>();
    const steps: string[] = [];
    let holding: Promise<void> | undefined;
    await database.sql.begin(async (tx) => {
      await lockLease(tx, name);
      holding = whileHolding(
        {
          ...{ url: database.url, name, clock: systemClock, logger: recordingLog().logger },
          ...{ signal: stop.signal, heartbeatMs: 20, silentMs: 30_000 },
        },
        async (lease) => {
          steps.push("held");
          turn.resolve(lease);
        },
      );
      const waiting = () => database.sql`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'
          and application_name = ${`vivenu-event-monitor lease ${name}`}
      `;
      await until(async () => (await waiting()).length === 1, {
        ...{ withinMs: 20_000, what: "the first holder waits" },
      });
      steps.push("let go");
    });
    const lease = await turn.promise;
    expect(steps).toEqual(["let go", "held"]);
    await database.sql.begin(async (tx) => {
      await lockLease(tx, name);
      const write = database.sql.begin(async (other) => {
        await other`set local lock_timeout = '50ms'`;
        await lease.check(other);
      });
      await expect(write).rejects.toThrow("lock timeout");
    });
    stop.abort();
    await holding;
  },
);
