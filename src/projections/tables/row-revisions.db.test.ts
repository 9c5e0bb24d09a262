import { describe, expect, test } from "bun:test";
import { freshDatabase } from "../../../test/support/database.ts";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { readEventPage, readTicketTypePage } from "../queries/lists.ts";
import { carryRevisions } from "./row-revisions.ts";
import { keepShown } from "./shown-rows.ts";

const settings = { policy: defaultPolicy };
const HOUR_MS = 3_600_000;

/** Sales end long after whenever the tests run, for the database tells changes by its own clock. */
const described = (eventId: string, more: Parameters<typeof eventUpdated>[0] = {}) =>
  eventUpdated({
    ...{ eventId, sellEnd: "2098-05-01T10:00:00.000Z" },
    ...{ start: "2098-06-06T06:00:00.000Z", end: "2098-06-07T20:00:00.000Z" },
    ticketTypes: [
      ticketType({ ticketTypeId: "men", amount: 10 }),
      ticketType({ ticketTypeId: "women", name: "HYROX WOMEN", amount: 10 }),
    ],
    ...more,
  });

interface Told {
  events: string[];
  removed: string[];
  types: string[];
  removedTypes: string[];
}

const counted = (eventId: string, countedAt: string, women: number) =>
  salesCounted({
    ...{ eventId, countedAt },
    ticketTypes: [
      typeCount({ ticketTypeId: "men" }),
      typeCount({ ticketTypeId: "women", sold: women }),
    ],
  });

const nothing: Told = { events: [], removed: [], types: [], removedTypes: [] };

/** As if all that was written had been an hour ago. */
async function age(sql: Pool) {
  await sql`
    update event_revision set changed_at = changed_at - interval '1 hour',
      turns_changed_at = turns_changed_at - interval '1 hour'
  `;
  await sql`update ticket_type_revision set changed_at = changed_at - interval '1 hour'`;
}

const idOf = (one: { eventId: string; ticketTypeId: string }) =>
  `${one.eventId} ${one.ticketTypeId}`;

async function changedSince(sql: Pool, since: { at: Date; position?: string }) {
  const options = { ...settings, now: new Date() };
  const events = await readEventPage(sql, { limit: 50, since }, options);
  const types = await readTicketTypePage(sql, { limit: 50, since }, options);
  const told: Told = {
    events: events.rows.map(({ eventId }) => eventId).sort(),
    removed: events.removed,
    types: types.rows.map(idOf).sort(),
    removedTypes: types.removed.map(idOf).sort(),
  };
  return told;
}

/**
 * The position that an answer names while nobody else writes. A transaction of another test on the same server
 * keeps an answer's own position behind, and then a client is told once more what it knows.
 */
async function positionOf(sql: Pool) {
  const [row] = await sql<{ position: string }[]>`select pg_current_xact_id()::text as position`;
  if (!row) throw new Error("PostgreSQL names no transaction");
  return row.position;
}

/** What a client is told that has read everything and asks again and again, by a position and by an instant. */
async function follower(sql: Pool) {
  let position = await positionOf(sql);
  await age(sql);
  return async () => {
    const at = new Date(Date.now() - HOUR_MS / 2);
    const told = await changedSince(sql, { at });
    expect(await changedSince(sql, { at, position })).toEqual(told);
    position = await positionOf(sql);
    await age(sql);
    return told;
  };
}

/** Two events, of which a client has read everything. */
async function followed() {
  const { sql } = await reusedDatabase();
  for (const eventId of ["berlin", "hamburg"])
    await applyKept(sql, [described(eventId), counted(eventId, "2026-03-01T02:00:00.000Z", 2)]);
  const ask = await follower(sql);
  expect(await ask()).toEqual(nothing);
  return { sql, ask };
}

describe("who asks what changed since an answer", () => {
  test("is told that an event is gone that cannot be shown any more, with its ticket types, and once that it is there again", async () => {
    const { sql, ask } = await followed();
    await sql`update event set categories = '7' where event_id = 'berlin'`;
    await keepShown(sql, ["berlin"], settings);
    const types = ["berlin men", "berlin women"];
    const isGone = { ...nothing, removed: ["berlin"], removedTypes: types };
    expect(await ask()).toEqual(isGone);
    expect(await ask()).toEqual(nothing);
    await sql`update event set categories = '[]' where event_id = 'berlin'`;
    await keepShown(sql, ["berlin"], settings);
    expect(await ask()).toEqual({ ...nothing, events: ["berlin"], types });
    expect(await ask()).toEqual(nothing);
  });

  test("is told of the one ticket type that says another thing, and not of what was written along with it", async () => {
    const { sql, ask } = await followed();
    await applyKept(sql, [counted("berlin", "2026-03-02T02:00:00.000Z", 3)]);
    const changed = await ask();
    expect(changed).toEqual({ ...nothing, events: ["berlin"], types: ["berlin women"] });
    // As an older program kept them, whose digests were others: they are written anew, and say the same.
    await sql`update event_shown set digest = 'another' where event_id = 'berlin'`;
    await sql`update ticket_type_shown set digest = 'another' where event_id = 'berlin'`;
    await keepShown(sql, ["berlin"], settings);
    expect(await ask()).toEqual(nothing);
  });

  test("is told of all ticket types of an event whose sale ends at another time, and of no other event's", async () => {
    const { sql, ask } = await followed();
    await applyKept(sql, [
      described("berlin", {
        ...{ updatedAt: "2026-03-20T10:00:00.000Z", observedAt: "2026-03-20T10:00:00.000Z" },
        sellEnd: "2098-03-31T10:00:00.000Z",
      }),
    ]);
    const types = ["berlin men", "berlin women"];
    expect(await ask()).toEqual({ ...nothing, events: ["berlin"], types });
    expect(await ask()).toEqual(nothing);
  });
});

describe("what a replay swaps in", () => {
  /** What a row says; null where nothing of it can be shown, undefined where there is none. */
  type Says = string | null | undefined;
  const was = ["kept", "kept"];
  const isNew = ["now", "now"];
  const pair = (says: string, turns = says): [string, string] => [says, turns];
  const unshown: [null, null] = [null, null];
  /** What an event says and how it turns, before and after; whether either counts as changed now. */
  const events: Record<string, [[Says, Says] | undefined, [Says, Says] | undefined, string[]]> = {
    "came, and none of it can be shown": [undefined, unshown, isNew],
    came: [undefined, pair("a"), isNew],
    "cannot be shown any more": [pair("a"), unshown, isNew],
    "is gone": [pair("a"), undefined, isNew],
    "is shown again": [unshown, pair("a"), isNew],
    "says another thing": [pair("a"), pair("b", "a"), ["now", "kept"]],
    "says the same": [pair("a"), pair("a"), was],
    "still cannot be shown": [unshown, unshown, was],
    "turns at another time": [pair("a"), pair("a", "b"), isNew],
    "was gone before": [unshown, undefined, was],
  };
  const types: Record<string, [Says, Says, string]> = {
    "berlin came": [undefined, "a", "now"],
    "berlin came and went": [undefined, null, "now"],
    "berlin men": ["a", "a", "kept"],
    "berlin relay": [null, undefined, "kept"],
    "berlin women": ["a", "b", "now"],
    "hamburg came": ["a", "a", "kept"],
    "hamburg men": ["a", "b", "now"],
    "hamburg relay": ["a", undefined, "now"],
    "hamburg women": [null, "a", "now"],
  };

  /** The two tables in a schema, in which each row changed in a transaction of its own, long ago. */
  async function fill(sql: Pool, schema: string, side: 0 | 1) {
    await sql.unsafe(`create schema ${schema}`);
    for (const table of ["event_revision", "ticket_type_revision"])
      await sql.unsafe(`create table ${schema}.${table} (like public.${table} including all)`);
    let written = side === 0 ? 100 : 200;
    const next = () => {
      written += 1;
      return { position: `${written}`, at: new Date(Date.UTC(2026, 0, 1, 0, written)) };
    };
    for (const [eventId, one] of Object.entries(events)) {
      const said = one[side];
      if (said === undefined) continue;
      const [first, second] = [next(), next()];
      await sql`
        insert into ${sql(`${schema}.event_revision`)} values (
          ${eventId}, ${said[0] ?? null}, ${said[1] ?? null},
          ${first.position}, ${first.at}, ${second.position}, ${second.at}
        )
      `;
    }
    for (const [id, one] of Object.entries(types)) {
      const [said, eventId = "", ticketTypeId = ""] = [one[side], ...id.split(/ (.*)/)];
      if (said === undefined) continue;
      const { position, at } = next();
      await sql`
        insert into ${sql(`${schema}.ticket_type_revision`)}
        values (${eventId}, ${ticketTypeId}, ${said}, ${position}, ${at})
      `;
    }
  }

  type Moment = [position: string | undefined, at: Date | undefined];
  interface Revision {
    id: string;
    changedIn: string;
    changedAt: Date;
    turnsIn?: string;
    turnsAt?: Date;
  }

  const readAll = async (sql: Pool, schema: string) => [
    ...(await sql<Revision[]>`
      select event_id as id, changed_in::text, changed_at,
        turns_changed_in::text as turns_in, turns_changed_at as turns_at
      from ${sql(`${schema}.event_revision`)} order by 1
    `),
    ...(await sql<Revision[]>`
      select event_id || ' ' || ticket_type_id as id, changed_in::text, changed_at
      from ${sql(`${schema}.ticket_type_revision`)} order by 1
    `),
  ];

  test("is news where it says another thing than before, or where there was nothing or is nothing any more, and else as old as it was", async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await fill(sql, "shown", 0);
    await fill(sql, "rebuilt", 1);
    const before = new Map((await readAll(sql, "shown")).map((row) => [row.id, row] as const));
    const swap = await sql.begin(async (tx) => {
      await carryRevisions(tx, "shown", "rebuilt");
      const [at] = await tx<{ position: string; since: Date }[]>`
        select pg_current_xact_id()::text as position, now() as since
      `;
      if (!at) throw new Error("there is no transaction");
      return at;
    });
    const after = (await readAll(sql, "rebuilt")).map((row) => {
      const old = before.get(row.id);
      const ageOf = ([position, at]: Moment, [oldPosition, oldAt]: Moment): string => {
        if (position === swap.position && at && at >= swap.since) return "now";
        const isKept = position === oldPosition && at?.getTime() === oldAt?.getTime();
        return isKept ? "kept" : `${position} of ${at?.toISOString()}`;
      };
      const own = ageOf([row.changedIn, row.changedAt], [old?.changedIn, old?.changedAt]);
      if (row.turnsIn === undefined) return [row.id, own] as const;
      const turning = ageOf([row.turnsIn, row.turnsAt], [old?.turnsIn, old?.turnsAt]);
      return [row.id, [own, turning]] as const;
    });
    const wanted = [
      ...Object.entries(events).map(([id, [, , ages]]) => [id, ages] as const),
      ...Object.entries(types).map(([id, [, , age]]) => [id, age] as const),
    ];
    expect(Object.fromEntries(after)).toEqual(Object.fromEntries(wanted));
  });
});
