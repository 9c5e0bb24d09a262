import { beforeEach, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";
import {
  DAY,
  deliveryOf,
  eventJson,
  type HandClock,
  handClock,
  hyrox,
  logger,
  MINUTE,
  never,
  pace,
} from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { cellsOf, type StateTable } from "../../../test/support/state-table.ts";
import { deliveryIdOf, dropDeliveries, releaseDeliveries } from "../store/dead-deliveries.ts";
import { acceptance, pack } from "./accept.ts";
import { translator } from "./translate.ts";

/**
 * - `waiting`     kept and answered with 200, not worked on yet
 * - `failing`     it failed as nobody foresaw, and is tried again after a pause
 * - `translated`  its facts are in the outbox
 * - `dead`        a dead letter: kept with its reason until a person has looked
 * - `dropped`     a person decided that it is not wanted
 * - `worn`        translated, and its body is deleted: the digest stays
 * - `discarded`   dropped, and its body is deleted
 */
type State = "waiting" | "failing" | "translated" | "dead" | "dropped" | "worn" | "discarded";

/**
 * - `comes again`  Vivenu sends the same bytes once more
 * - `works`        the translator's turn, and nothing is wrong with it
 * - `is broken`    the translator's turn, and what is wrong is in the delivery itself
 * - `fails`        the translator's turn, and it throws what nobody foresaw
 * - `outage`       the translator's turn, and PostgreSQL cannot do its work
 * - `retry`, `drop`  what a person does with `set-aside`
 * - `a week`       passes
 */
type Input =
  | "comes again"
  | "works"
  | "is broken"
  | "fails"
  | "outage"
  | "retry"
  | "drop"
  | "a week";

const table: StateTable<State, Input, State> = {
  waiting: {
    "comes again": "waiting",
    works: "translated",
    "is broken": "dead",
    fails: "failing",
    outage: "waiting",
    retry: "waiting",
    drop: "dropped",
    "a week": "waiting",
  },
  failing: {
    "comes again": "failing",
    works: "translated",
    "is broken": "dead",
    fails: "failing",
    outage: "failing",
    retry: "waiting",
    drop: "dropped",
    "a week": "failing",
  },
  translated: {
    "comes again": "translated",
    works: "translated",
    "is broken": "translated",
    fails: "translated",
    outage: "translated",
    retry: "translated",
    drop: "translated",
    "a week": "worn",
  },
  dead: {
    "comes again": "dead",
    works: "dead",
    "is broken": "dead",
    fails: "dead",
    outage: "dead",
    retry: "waiting",
    drop: "dropped",
    "a week": "dead",
  },
  dropped: {
    "comes again": "dropped",
    works: "dropped",
    "is broken": "dropped",
    fails: "dropped",
    outage: "dropped",
    retry: "waiting",
    drop: "dropped",
    "a week": "discarded",
  },
  worn: {
    "comes again": "worn",
    works: "worn",
    "is broken": "worn",
    fails: "worn",
    outage: "worn",
    retry: "worn",
    drop: "worn",
    "a week": "worn",
  },
  discarded: {
    "comes again": "discarded",
    works: "discarded",
    "is broken": "discarded",
    fails: "discarded",
    outage: "discarded",
    retry: "discarded",
    drop: "discarded",
    "a week": "discarded",
  },
};

const database = emptiedDatabase();
let clock: HandClock;
beforeEach(async () => {
  clock = handClock();
  await database.sql`truncate inbox, event_seen, count_hint, outbox restart identity`;
});

const ID = "delivery-1";
const BODY = Buffer.from(
  deliveryOf("event.updated", {
    event: eventJson({ name: "HYROX now", updatedAt: "2026-11-18T11:00:00.000Z" }),
  }),
);

async function deliver() {
  const accept = acceptance({ sql: database.sql, pace, withinMs: 8_000 });
  const from = { account: "DACH", type: "event.updated", receivedAt: clock.now(), eventIds: [] };
  return accept({ ...from, body: await pack(BODY) }, never);
}

/** All that is due, as a translator does that has just been started. */
async function translate() {
  clock.forward(MINUTE);
  const step = translator({ sql: database.sql, filter: hyrox, pace, clock, logger });
  while ((await step()) === "more");
}

const isKept = (body: Buffer) => database.sql`
  update inbox set body = ${gzipSync(body)} where body is not null
`;

/** What is kept of the event is not what the program expects. */
async function whileSpoilt(work: () => Promise<void>) {
  const { sql } = database;
  await sql`
    insert into event_seen
      (account, event_id, version_at, observed_at, digest, recorded, description)
    values ('DACH', ${eventJson()._id}, '2026-11-18T12:00:00Z', '2026-11-18T12:00:00Z', 'x', false, 'null')
    on conflict (account, event_id) do update set
      version_at = excluded.version_at, recorded = false, digest = 'x', description = 'null'
  `;
  await work();
  await sql`truncate event_seen`;
}

async function whileAway(work: () => Promise<void>) {
  const { sql } = database;
  await sql`alter table event_seen rename to event_seen_away`;
  try {
    await work().catch(() => {});
  } finally {
    await sql`alter table event_seen_away rename to event_seen`;
  }
}

const give: Record<Input, () => Promise<unknown>> = {
  "comes again": async () => expect(await deliver()).toBe(false),
  works: translate,
  "is broken": async () => {
    await isKept(Buffer.from("no JSON"));
    await translate();
    await isKept(BODY);
  },
  fails: () => whileSpoilt(translate),
  outage: () => whileAway(translate),
  retry: () => releaseDeliveries(database.sql, [ID]),
  drop: () => dropDeliveries(database.sql, [ID], clock.now()),
  "a week": async () => {
    clock.forward(7 * DAY);
    // So that nothing but time passes: what is due is not worked on.
    await whileAway(translate);
  },
};

const comesTo: Record<State, Input[]> = {
  waiting: [],
  failing: ["fails"],
  translated: ["works"],
  dead: ["is broken"],
  dropped: ["drop"],
  worn: ["works", "a week"],
  discarded: ["drop", "a week"],
};

async function stateNow(): Promise<State> {
  const [row] = await database.sql<
    { translated: boolean; refused: boolean; dropped: boolean; failures: number; body: boolean }[]
  >`
    select
      translated_at is not null as translated, refused_at is not null as refused,
      dropped_at is not null as dropped, failures, body is not null as body
    from inbox where delivery_id = ${deliveryIdOf(ID) ?? null}
  `;
  if (!row) throw new Error("the delivery is lost");
  if (row.translated) return row.body ? "translated" : "worn";
  if (row.dropped) return row.body ? "dropped" : "discarded";
  if (row.refused) return "dead";
  return row.failures > 0 ? "failing" : "waiting";
}

test.each(cellsOf(table))(
  "a delivery that is $state: $input",
  async ({ state, input, expected }) => {
    expect(await deliver()).toBe(true);
    for (const one of comesTo[state]) await give[one]();
    expect(await stateNow()).toBe(state);
    await give[input]();
    expect(await stateNow()).toBe(expected);
  },
);
