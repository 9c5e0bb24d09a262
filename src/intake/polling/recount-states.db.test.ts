import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import type { TestDatabase } from "../../../test/support/database.ts";
import {
  EVENT_ID,
  eventOf,
  HOUR,
  MINUTE,
  NOON,
  pace,
  SECOND,
} from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { cellsOf, type StateTable } from "../../../test/support/state-table.ts";
import { recordEvent } from "../events/record-event.ts";
import {
  dropRecount,
  postponeRecount,
  readDueRecounts,
  requestRecounts,
  serveRecount,
} from "../store/recount-requests.ts";

/**
 * A recount request (the table `count_hint`):
 *
 * - `none`     nothing has happened to the event
 * - `waiting`  something may have changed what it sold; a burst is waited out, or its last count was just now
 * - `due`      it is to be counted
 * - `served`   a count covers all that happened
 */
type State = "none" | "waiting" | "due" | "served";

/**
 * - `requested` a webhook says that something happened
 * - `covered`  the event is counted, up to after what happened
 * - `missed`   the event is counted, up to before what happened
 * - `failed`   it cannot be counted now
 * - `gone`     its account does not have it any more
 */
type Input = "requested" | "covered" | "missed" | "failed" | "gone";

const table: StateTable<State, Input, State> = {
  none: { requested: "waiting", covered: "none", missed: "none", failed: "none", gone: "none" },
  waiting: {
    requested: "waiting",
    covered: "served",
    missed: "waiting",
    failed: "waiting",
    gone: "none",
  },
  // A burst that does not end puts nothing off: one that is due stays so.
  due: { requested: "due", covered: "served", missed: "waiting", failed: "waiting", gone: "none" },
  served: {
    requested: "waiting",
    covered: "served",
    missed: "waiting",
    failed: "served",
    gone: "none",
  },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await reusedDatabase();
  await database.sql.begin((tx) =>
    recordEvent(tx, { account: "DACH", source: "poll", event: eventOf(), observedAt: NOON }),
  );
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await database.sql`truncate count_hint`;
});

const event = { account: "DACH", eventId: EVENT_ID };
const NOW = new Date(NOON.getTime() + HOUR);
const ago = (ms: number) => new Date(NOW.getTime() - ms);

const request = (at: Date) => requestRecounts(database.sql, [{ ...event, at }], { pace });
const serve = (until: Date) => serveRecount(database.sql, event, { startedAt: NOW, until }, pace);

const given: Record<State, () => Promise<unknown>> = {
  none: async () => {},
  waiting: async () => request(ago(10 * SECOND)),
  due: async () => request(ago(MINUTE)),
  served: async () => {
    await request(ago(MINUTE));
    await serve(NOW);
  },
};

const when: Record<Input, () => Promise<unknown>> = {
  requested: async () => request(NOW),
  covered: async () => serve(NOW),
  missed: async () => serve(ago(2 * MINUTE)),
  failed: async () => postponeRecount(database.sql, event, new Date(NOW.getTime() + MINUTE)),
  gone: async () => dropRecount(database.sql, event),
};

async function stateNow(): Promise<State> {
  const [row] = await database.sql<{ done: boolean }[]>`select done from count_hint`;
  if (!row) return "none";
  if (row.done) return "served";
  return (await readDueRecounts(database.sql, NOW, 1)).length > 0 ? "due" : "waiting";
}

test.each(cellsOf(table))(
  "a recount request that is $state: $input",
  async ({ state, input, expected }) => {
    await given[state]();
    expect(await stateNow()).toBe(state);
    await when[input]();
    expect(await stateNow()).toBe(expected);
  },
);
