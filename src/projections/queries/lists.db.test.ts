import { describe, expect, test } from "bun:test";
import { freshDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept, emptyRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool, Sql } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { projectionsFor } from "../derived/projections.ts";
import { projections } from "../tables/log-projections.ts";
import { keepShown } from "../tables/shown-rows.ts";
import {
  eventPageIn,
  keptIn,
  readEventPage,
  readTicketTypePage,
  ticketTypePageIn,
} from "./lists.ts";
import type { EventRow, Page, Place, TicketTypeRow } from "./row-types.ts";
import { readRows } from "./rows.ts";
import { readEventRows, readUnshown } from "./shown.ts";
import { readUnderShops } from "./under-shops.ts";
import type { EventsWanted, TicketTypesWanted } from "./wanted.ts";

const policy = { policy: defaultPolicy };
const day = (n: number) => `2026-02-0${n}T10:00:00.000Z`;

// Few values, so that dates, names and instants meet.
const moment = fc.option(fc.integer({ min: 1, max: 6 }).map(day));
const eventId = fc.constantFrom("e1", "e2", "e3", "E4");
const sold = fc.integer({ min: 0, max: 5 });
const fact: fc.Arbitrary<NewFact> = fc.oneof(
  fc
    .record({
      ...{ eventId, account: fc.constantFrom("DACH", "ITALY"), updatedAt: moment },
      ...{ sellStart: moment, sellEnd: moment, visibleAfter: moment, hideInListing: fc.boolean() },
      start: fc.constantFrom(day(3), day(5)),
      end: fc.constantFrom(day(5), day(6)),
      eventType: fc.constantFrom("SINGLE", "SINGLE", "GROUP"),
      ticketTypes: fc
        .uniqueArray(fc.constantFrom("t1", "t2", "t3"), { minLength: 1 })
        .chain((ids) =>
          fc.tuple(
            ...ids.map((ticketTypeId) =>
              fc
                .record({ active: fc.boolean(), amount: fc.constantFrom(0, 5) })
                .map((more) => ticketType({ ticketTypeId, name: "HYROX MEN", ...more })),
            ),
          ),
        ),
      underShops: fc
        .record({ active: fc.boolean(), sellStart: moment, sellEnd: moment })
        .map((more) => [underShop(more)]),
    })
    .map(eventUpdated),
  fc
    .record({ eventId, t1: sold, t4: sold, countedAt: fc.constantFrom(day(1), day(2)) })
    .map(({ t1, t4, ...count }) =>
      salesCounted({
        ...count,
        ticketTypes: [
          typeCount({ ticketTypeId: "t1", sold: t1 }),
          typeCount({ ticketTypeId: "t4", sold: t4 }),
        ],
      }),
    ),
);
const clock = fc
  .tuple(fc.integer({ min: 1, max: 6 }).map(day), fc.constantFrom(-1, 0, 1))
  .map(([at, ms]) => new Date(Date.parse(at) + ms));

async function walk<Row>(read: (after: Place | undefined) => Promise<Page<Row, Place>>) {
  const rows: Row[] = [];
  let after: Place | undefined;
  for (;;) {
    const page = await read(after);
    rows.push(...page.rows);
    if (page.next === null) return rows;
    after = page.next;
  }
}

/** Every list of it, read page by page, and one by one. */
async function readKept(sql: Pool, now: Date) {
  const options = { ...policy, now };
  const wanted = { limit: 2 };
  const events = await walk<EventRow>((after) => readEventPage(sql, { ...wanted, after }, options));
  return {
    events,
    ticketTypes: await walk<TicketTypeRow>((after) =>
      readTicketTypePage(sql, { ...wanted, after }, options),
    ),
    ones: await Promise.all(events.map(({ eventId }) => readEventRows(sql, eventId, options))),
  };
}

const order = <Row>(rows: readonly Row[], keyOf: (row: Row) => string) =>
  rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

describe("the rows that are kept for readers", () => {
  test("are at any time those that are made anew, for every list, filter and event, derived or not yet", async () => {
    const { sql } = await reusedDatabase();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fact, { minLength: 1, maxLength: 8 }),
        fc.array(eventId),
        clock,
        async (facts, derivedLast, now) => {
          await emptyRows(sql);
          for (const one of facts) await applyKept(sql, [one]);
          // Of these nothing was made yet, as after an upgrade.
          await sql`
            update event_shown set document = null, account = null, start_at = null, digest = null
            where event_id = any(${derivedLast}::text[])
          `;
          await sql`delete from ticket_type_shown where event_id = any(${derivedLast}::text[])`;
          const anew = await readRows(sql, { ...policy, now });
          const kept = await readKept(sql, now);
          const startOf = new Map(anew.events.map((row) => [row.eventId, row.eventDate]));
          const events = order(anew.events, (row) => row.eventDate + row.eventId);
          expect(kept.events).toEqual(events);
          expect(kept.ticketTypes).toEqual(
            order(anew.ticketTypes, (row) =>
              [startOf.get(row.eventId), row.eventId, row.ticketTypeId].join(" "),
            ),
          );
          for (const { events: ones, hasUnderShops } of kept.ones)
            for (const { eventId } of hasUnderShops === false ? ones : [])
              expect(await readUnderShops(sql, { eventId })).toEqual([]);
          expect(kept.ones.map(({ hasUnderShops: _, ...rows }) => rows)).toEqual(
            await Promise.all(
              events.map(({ eventId }) => readRows(sql, { ...policy, now, eventId })),
            ),
          );
          for (const { status, region } of events) {
            const wanted = { limit: 10, statuses: [status], regions: [region] };
            expect((await readEventPage(sql, wanted, { ...policy, now })).rows).toEqual(
              events.filter((row) => row.status === status && row.region === region),
            );
          }
        },
      ),
      { numRuns: runs(8) },
    );
  });
});

test("what a program remembers of rows changes none, whoever writes beside it and whatever is rolled back", async () => {
  const { sql } = await reusedDatabase();
  const now = new Date(day(3));
  const write = fc.record({ one: fact, by: fc.constantFrom(0, 1), isTriedBefore: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(write, { minLength: 2, maxLength: 8 }), async (writes) => {
      await emptyRows(sql);
      const programs = [projectionsFor(policy), projectionsFor(policy)];
      const apply = (tx: Sql, program: number, one: NewFact) =>
        Promise.all(programs[program]?.map((rows) => rows.apply(tx, [asRead(one)])) ?? []);
      for (const { one, by, isTriedBefore } of writes) {
        if (isTriedBefore)
          await sql.begin((tx) => apply(tx, by, one).then(giveUp)).catch(isGivenUp);
        await sql.begin((tx) => apply(tx, by, one));
      }
      const { events, ticketTypes } = await readKept(sql, now);
      const anew = await readRows(sql, { ...policy, now });
      expect(order(events, (row) => row.eventId)).toEqual(order(anew.events, (row) => row.eventId));
      const keyOf = (row: TicketTypeRow) => `${row.eventId} ${row.ticketTypeId}`;
      expect(order(ticketTypes, keyOf)).toEqual(order(anew.ticketTypes, keyOf));
    }),
    { numRuns: runs(8) },
  );
});

const GIVEN_UP = new Error("given up");
const giveUp = () => {
  throw GIVEN_UP;
};
const isGivenUp = (error: unknown) => expect(error).toBe(GIVEN_UP);

const berlin = { ticketTypes: [ticketType(), ticketType({ ticketTypeId: "women" })] };

describe("an event of which no rows can be made", () => {
  test("says so in its row, and takes no other's with it; whoever asks for it alone is told", async () => {
    const { sql } = await reusedDatabase();
    const options = { ...policy, now: new Date(day(3)) };
    await applyKept(sql, [
      eventUpdated({ eventId: "e1", ...berlin }),
      eventUpdated({ eventId: "e2", ...berlin }),
    ]);
    // As no program of ours leaves it.
    await sql`update event set categories = '7' where event_id = 'e1'`;
    await keepShown(sql, ["e1", "e2"], policy);
    const { events, ticketTypes } = await readKept(sql, options.now);
    expect(events.map((row) => row.eventId)).toEqual(["e2"]);
    expect(ticketTypes.map((row) => row.eventId)).toEqual(["e2", "e2"]);
    await expect(readEventRows(sql, "e1", options)).rejects.toThrow(TypeError);
    expect([...(await readUnshown(sql))]).toEqual([
      { eventId: "e1", reason: "TypeError", account: "DACH" },
    ]);
    await sql`update event set categories = '[]' where event_id = 'e1'`;
    expect((await readEventRows(sql, "e1", options)).events).toHaveLength(1);
    await keepShown(sql, ["e1"], policy);
    expect((await readKept(sql, options.now)).events).toHaveLength(2);
    expect(await readUnshown(sql)).toHaveLength(0);
  });
});

const applyAlone = async (tx: Sql, one: NewFact) => {
  for (const projection of projections) await projection.apply(tx, [asRead(one)]);
};

test("two transactions that change one event at a time leave rows of both, whichever comes first", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  const described = eventUpdated({
    eventId: "e1",
    ticketTypes: [ticketType({ amount: 10 }), ticketType({ ticketTypeId: "women", amount: 5 })],
  });
  const counted = salesCounted({ eventId: "e1", ticketTypes: [typeCount({ sold: 7 })] });
  for (const [first, second] of [
    [described, counted],
    [counted, described],
  ] as const) {
    await emptyRows(sql);
    const [isFirst, isSecond] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const one = sql.begin(async (tx) => {
      await applyAlone(tx, first);
      isFirst.resolve();
      await isSecond.promise;
      await keepShown(tx, ["e1"], policy);
    });
    const other = sql.begin(async (tx) => {
      await isFirst.promise;
      await applyAlone(tx, second);
      isSecond.resolve();
      await keepShown(tx, ["e1"], policy);
    });
    await Promise.all([one, other]);
    const { events } = await readKept(sql, new Date(day(3)));
    expect(events).toMatchObject([{ totalCapacity: 15, totalSold: 7 }]);
  }
});

test("rows that say the same are not written again, and a ticket type's change writes its event's", async () => {
  const { sql } = await reusedDatabase();
  await applyKept(sql, [eventUpdated({ eventId: "e1", ...berlin })]);
  const written = async () => {
    const rows = await sql<{ id: string; writtenBy: string }[]>`
      select event_id as id, xmin::text as written_by from event_shown
      union all select ticket_type_id, xmin::text from ticket_type_shown order by 1
    `;
    return Object.fromEntries(rows.map(({ id, writtenBy }) => [id, writtenBy]));
  };
  const before = await written();
  await keepShown(sql, ["e1"], policy);
  expect(await written()).toEqual(before);
  // Of no class that the event's totals hold, so that nothing of its own row changes.
  const count = (replaced: number, countedAt: string) =>
    salesCounted({
      ...{ eventId: "e1", countedAt },
      ticketTypes: [typeCount({ replaced }), typeCount({ ticketTypeId: "women" })],
    });
  await applyKept(sql, [count(0, day(1))]);
  const counted = await written();
  await applyKept(sql, [count(3, day(1).replace("10:00", "10:01"))]);
  const after = await written();
  expect(after.women).toBe(counted.women ?? "");
  expect(after.men).not.toBe(counted.men ?? "");
  expect(after.e1).not.toBe(counted.e1 ?? "");
});

describe("a page of a list reads its index and no more", () => {
  const key = Date.UTC(2026, 2, 1);
  const after = { key, ids: ["e500"] };
  const afterType = { key, ids: ["e500", "t1"] };
  const now = new Date(day(3));
  const events = (wanted: Partial<EventsWanted>) => (sql: Pool) =>
    eventPageIn(sql, { limit: 50, ...wanted }, keptIn(sql, now));
  const types = (wanted: Partial<TicketTypesWanted>) => (sql: Pool) =>
    ticketTypePageIn(sql, { limit: 200, ...wanted }, keptIn(sql, now));
  const soldDown = { by: "sold", isDescending: true } as const;
  const pages = {
    "events by date": ["event_shown_by_date", events({})],
    "events by date, further on": ["event_shown_by_date", events({ after })],
    "events of an account": [
      "event_shown_of_account_by_date",
      events({ after, regions: ["FRANCE"] }),
    ],
    "events of a status": ["event_shown_by_date", events({ after, statuses: ["ON_SALE"] })],
    "ticket types by date": ["ticket_type_shown_by_date", types({})],
    "ticket types by date, further on": ["ticket_type_shown_by_date", types({ after: afterType })],
    "ticket types of an account": [
      "ticket_type_shown_of_account_by_date",
      types({ after: afterType, regions: ["FRANCE"] }),
    ],
    "the most sold ticket types": ["ticket_type_shown_by_sold", types({ sort: soldDown })],
    "the most sold ticket types, further on": [
      "ticket_type_shown_by_sold",
      types({ sort: soldDown, after: { key: 50, ids: ["e500", "t1"] } }),
    ],
    "ticket types of a status": [
      "ticket_type_shown_by_date",
      types({ after: afterType, statuses: ["ON_SALE"] }),
    ],
  } as const;

  test("whatever it is of", async () => {
    await using database = await freshDatabase();
    const { sql } = database;
    await sql`
      insert into event_shown (event_id, account, start_at, turns_at, statuses, document)
      select 'e' || n, case when n % 20 = 0 then 'FRANCE' else 'DACH' end,
        timestamptz '2026-01-01' + n * interval '50 minutes',
        array[timestamptz '2026-02-01'], array['ANNOUNCED', 'ON_SALE'], '{}'
      from generate_series(1, 4000) n
    `;
    await sql`
      insert into ticket_type_shown
        (event_id, ticket_type_id, account, start_at, place, document, digest, sold)
      select event_id, 't' || n, account, start_at, n, '{}', '', case when n > 1 then n * 20 end
      from event_shown, generate_series(1, 4) n
    `;
    await sql`analyze event_shown, ticket_type_shown`;
    for (const [name, [index, page]] of Object.entries(pages)) {
      const [plan] = await sql`explain (analyze, format json) ${page(sql).keyed}`;
      const text = JSON.stringify(plan);
      // The events of a status are looked up among all of them, once.
      const scans = name === "ticket types of a status" ? 1 : 0;
      expect([name, text.includes(`"${index}"`), text.split("Seq Scan").length - 1]).toEqual([
        name,
        true,
        scans,
      ]);
      expect([name, text.includes('"Sort Method"')]).toEqual([name, false]);
    }
  });
});
