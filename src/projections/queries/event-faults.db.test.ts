import { expect, test } from "bun:test";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { applyEach, changesUnder, readAllRows } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import type { Pool } from "../../database/connect.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { defaultSoldOutPolicy } from "../../rules/sold-out.ts";
import { withDerived } from "../derived/projections.ts";
import { countLeft } from "../derived/refill-derived.ts";
import { projections } from "../tables/log-projections.ts";
import { readNewestChanges } from "./change-list.ts";
import { readRows } from "./rows.ts";
import { salesByDayReader } from "./sales-by-day.ts";

const EVENTS = ["berlin", "hamburg", "paris"];

/** Three events that each sold out by and by, and whose sale was put off once. */
async function fill(sql: Pool) {
  for (const eventId of EVENTS) {
    const described = { eventId, ticketTypes: [ticketType({ amount: 10 })] };
    await applyEach(sql, [
      eventUpdated({ ...described, updatedAt: "2026-02-01T10:00:00.000Z" }),
      eventUpdated({
        ...described,
        ...{ updatedAt: "2026-02-05T10:00:00.000Z", observedAt: "2026-02-05T10:00:01.000Z" },
        sellStart: "2026-02-13T11:00:00.000Z",
      }),
      salesCounted({ eventId, countedAt: "2026-03-01T10:00:00.000Z", ticketTypes: [count(1)] }),
      salesCounted({ eventId, countedAt: "2026-03-02T10:00:00.000Z", ticketTypes: [count(10)] }),
    ]);
  }
}

const count = (sold: number) => typeCount({ sold, newSales: { "2026-03-01T09": sold } });

function listening() {
  const failing = new Set<string>();
  return { failing, onFault: (eventId: string) => void failing.add(eventId) };
}

/** What is kept of an event is not what the program expects, whatever made it so. */
async function spoil(sql: Pool, eventId: string) {
  const kept = await sql`
    select version_at, content from event_head_version where event_id = ${eventId}
  `;
  await sql`update event_head_version set content = '{}' where event_id = ${eventId}`;
  return async () => {
    for (const { versionAt, content } of kept)
      await sql`
        update event_head_version set content = ${content}
        where event_id = ${eventId} and version_at = ${versionAt}
      `;
  };
}

const eventsOf = (rows: { eventId: string }[]) => [...new Set(rows.map(({ eventId }) => eventId))];

const earlier = { policy: defaultPolicy };
/** Under which everything is made anew. */
const settings = { policy: defaultPolicy, soldOut: { ...defaultSoldOutPolicy, reopenPlaces: 3 } };

test("an event whose changes cannot be worked out keeps those it has, and takes nobody else's with it", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  const before = await changesUnder(sql, earlier);
  expect(eventsOf(before).sort()).toEqual(EVENTS);
  const { failing, onFault } = listening();
  const mend = await spoil(sql, "hamburg");
  expect(await changesUnder(sql, { ...settings, onFault })).toEqual(before);
  expect([...failing]).toEqual(["hamburg"]);
  expect(await countLeft(sql, settings)).toBe(1);
  await mend();
  failing.clear();
  expect(await changesUnder(sql, { ...settings, onFault })).toEqual(before);
  expect([...failing]).toEqual([]);
  expect(await countLeft(sql, settings)).toBe(0);
});

test("a fact of an event whose changes cannot be worked out is applied all the same", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  const before = await changesUnder(sql, earlier);
  const { failing, onFault } = listening();
  await spoil(sql, "hamburg");
  const late = EVENTS.map((eventId) =>
    asRead(
      salesCounted({ eventId, countedAt: "2026-03-01T11:00:00.000Z", ticketTypes: [count(9)] }),
    ),
  );
  await sql.begin((tx) => withDerived(projections, { ...earlier, onFault }).apply(tx, late));
  expect([...failing]).toEqual(["hamburg"]);
  const now = await readNewestChanges(sql, { limit: 100 });
  const ofHamburg = (rows: typeof before) => rows.filter(({ eventId }) => eventId === "hamburg");
  expect(ofHamburg(now)).toEqual(ofHamburg(before));
  const nearly = now.filter(({ changeType }) => changeType === "nearlySoldOut");
  expect(eventsOf(nearly).sort()).toEqual(["berlin", "paris"]);
  const [{ counts } = { counts: 0 }] = await sql<{ counts: number }[]>`
    select count(*)::int as counts from event_count where event_id = 'hamburg'
  `;
  expect(counts).toBe(3);
});

test("an event whose days cannot be worked out takes nobody else's with it", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  const { failing, onFault } = listening();
  const { events, ticketTypes } = await readAllRows(sql);
  const strange = events.map((event) =>
    event.eventId === "hamburg" ? { ...event, eventDate: "no date" } : event,
  );
  const read = salesByDayReader(sql, onFault);
  const now = new Date("2026-04-01T00:00:00Z");
  const options = { countedClasses: defaultPolicy.countedClasses, days: 10, now };
  const days = await read({ ...options, rows: { events: strange, ticketTypes } });
  expect([...new Set(eventsOf(days))].sort()).toEqual(["berlin", "paris"]);
  expect([...failing]).toEqual(["hamburg"]);
  failing.clear();
  const all = await read({ ...options, rows: { events, ticketTypes } });
  expect([...new Set(eventsOf(all))].sort()).toEqual(EVENTS);
  expect([...failing]).toEqual([]);
});

test("an event whose rows cannot be worked out is left out of all others', and is no empty answer by itself", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  await sql`update event set categories = '5' where event_id = 'hamburg'`;
  const { failing, onFault } = listening();
  const options = { now: new Date("2026-04-01T00:00:00Z"), policy: defaultPolicy, onFault };
  const rows = await readRows(sql, options);
  expect(eventsOf(rows.events).sort()).toEqual(["berlin", "paris"]);
  expect(eventsOf(rows.ticketTypes).sort()).toEqual(["berlin", "paris"]);
  expect(rows.unshown).toEqual(["hamburg"]);
  expect([...failing]).toEqual(["hamburg"]);
  expect((await readRows(sql, { ...options, eventId: "berlin" })).events).toHaveLength(1);
  await expect(readRows(sql, { ...options, eventId: "hamburg" })).rejects.toThrow();
});

test("an outage is nobody's own fault: it is told to whoever reads", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  await fill(sql);
  const { failing, onFault } = listening();
  const read = salesByDayReader(sql, onFault);
  const rows = await readAllRows(sql);
  await sql`alter table sales_hour rename to elsewhere`;
  const now = new Date("2026-04-01T00:00:00Z");
  const days = read({ rows, countedClasses: defaultPolicy.countedClasses, days: 10, now });
  await expect(days).rejects.toThrow("sales_hour");
  await sql`alter table elsewhere rename to sales_hour`;
  expect([...failing]).toEqual([]);
});
