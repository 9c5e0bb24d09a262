import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  EVENT_ID,
  eventOf,
  HOUR,
  MINUTE,
  NOON,
  pace,
  SECOND,
} from "../../../test/support/intake.ts";
import { cellsOf, type StateTable } from "../../../test/support/state-table.ts";
import { recordEvent } from "../events/record-event.ts";
import {
  dropHint,
  markEvents,
  postponeHint,
  readDueHints,
  serveHint,
} from "../store/recount-requests.ts";

/**
 * A recount request, which the code calls a hint:
 *
 * - `none`     nothing has happened to the event
 * - `waiting`  something may have changed what it sold; a burst is waited out, or its last count was just now
 * - `due`      it is to be counted
 * - `served`   a count covers all that happened
 */
type State = "none" | "waiting" | "due" | "served";

/**
 * - `mark`     a webhook says that something happened
 * - `covered`  the event is counted, up to after what happened
 * - `missed`   the event is counted, up to before what happened
 * - `failed`   it cannot be counted now
 * - `gone`     its account does not have it any more
 */
type Input = "mark" | "covered" | "missed" | "failed" | "gone";

const table: StateTable<State, Input, State> = {
  none: { mark: "waiting", covered: "none", missed: "none", failed: "none", gone: "none" },
  waiting: {
    mark: "waiting",
    covered: "served",
    missed: "waiting",
    failed: "waiting",
    gone: "none",
  },
  // A burst that does not end puts nothing off: one that is due stays so.
  due: { mark: "due", covered: "served", missed: "waiting", failed: "waiting", gone: "none" },
  served: { mark: "waiting", covered: "served", missed: "waiting", failed: "served", gone: "none" },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
  await database.sql.begin((tx) =>
    recordEvent(tx, { account: "DACH", source: "poll", event: eventOf(), observedAt: NOON }),
  );
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  await database.sql`truncate count_hint`;
});

const hint = { account: "DACH", eventId: EVENT_ID };
const NOW = new Date(NOON.getTime() + HOUR);
const ago = (ms: number) => new Date(NOW.getTime() - ms);

const mark = (at: Date) => markEvents(database.sql, [{ ...hint, at }], { pace });
const serve = (until: Date) => serveHint(database.sql, hint, { startedAt: NOW, until }, pace);

const bring: Record<State, () => Promise<unknown>> = {
  none: async () => {},
  waiting: async () => mark(ago(10 * SECOND)),
  due: async () => mark(ago(MINUTE)),
  served: async () => {
    await mark(ago(MINUTE));
    await serve(NOW);
  },
};

const give: Record<Input, () => Promise<unknown>> = {
  mark: async () => mark(NOW),
  covered: async () => serve(NOW),
  missed: async () => serve(ago(2 * MINUTE)),
  failed: async () => postponeHint(database.sql, hint, new Date(NOW.getTime() + MINUTE)),
  gone: async () => dropHint(database.sql, hint),
};

async function stateNow(): Promise<State> {
  const [row] = await database.sql<{ done: boolean }[]>`select done from count_hint`;
  if (!row) return "none";
  if (row.done) return "served";
  return (await readDueHints(database.sql, NOW, 1)).length > 0 ? "due" : "waiting";
}

test.each(cellsOf(table))(
  "a recount request that is $state: $input",
  async ({ state, input, expected }) => {
    await bring[state]();
    expect(await stateNow()).toBe(state);
    await give[input]();
    expect(await stateNow()).toBe(expected);
  },
);
