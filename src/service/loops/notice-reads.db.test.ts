import { expect, test } from "bun:test";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { applyKept } from "../../../test/support/given.ts";
import { DAY, HOUR, handClock, logger, MINUTE } from "../../../test/support/intake.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { loadConfig } from "../../config/config.ts";
import { type EventUpdated, flowTypes, type NewFact } from "../../contracts/index.ts";
import { saveAccountReading } from "../../intake/store/account-reading.ts";
import { digestTitle } from "../../notify/digest/digest-text.ts";
import { moveCheckpoint } from "../../projections/consumer/checkpoint.ts";
import { NEW_SALE } from "../../projections/tables/hours.ts";
import { failingLoops } from "../status/failing.ts";
import { noticeReads } from "./notice-reads.ts";

const config = loadConfig({
  DATABASE_URL: "postgres://localhost/none",
  BACKEND_API_KEY: "a-key-for-tests-of-notices",
  FLOWCORE_TENANT: "t",
  FLOWCORE_DATA_CORE: "d",
  FLOWCORE_API_KEY: "fc_a_b",
  DACH_API: "key",
});

test("of an account that is taken away nobody is told that its key is refused, as its last poll said", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const clock = handClock();
  for (const account of ["DACH", "NORWAY"])
    await sql`
      insert into poll values (
        ${account}, ${`poll of ${account}`}, ${clock.now()}, ${clock.now()}, false, 0, 0, 0, 1,
        ${JSON.stringify([{ eventId: null, kind: "key_refused", reason: "so" }])}::text::jsonb
      )
    `;
  const context = { sql, clock, logger, config, failing: failingLoops(sql), version: "0" };
  const { look } = noticeReads(context, async () => []);
  expect([...(await look.refusedKeys())]).toEqual(["DACH"]);
});

test("numbers are as old as what was read of tickets: one event that cannot be read ages no other, and an account that is taken away is none", async () => {
  await using database = await reusedDatabase();
  const { sql } = database;
  const clock = handClock();
  for (const account of ["DACH", "NORWAY"]) {
    await sql`
      insert into poll values (
        ${account}, ${`poll of ${account}`}, ${clock.now()}, ${clock.now()}, false, 0, 0, 0, 1, '[]'
      )
    `;
    await saveAccountReading(sql, account, { ticketsUntil: clock.now() });
  }
  const context = { sql, clock, logger, config, failing: failingLoops(sql), version: "0" };
  const { look } = noticeReads(context, async () => []);
  expect(await look.lastReadings()).toEqual([{ region: "DACH", readUntil: clock.now() }]);
});

const NOW = new Date("2026-11-18T06:30:20.000Z");
const at = (ms: number) => new Date(NOW.getTime() + ms).toISOString();
const hourOf = (ms: number) => at(ms).slice(0, 13);

function told(eventId: string, sales: Record<string, number>, more: Partial<EventUpdated> = {}) {
  const sold = Object.values(sales).reduce((sum, one) => sum + one, 0);
  const ticketTypes = [typeCount({ sold, newSales: sales })];
  const described: Partial<EventUpdated> = {
    ...{ eventId, name: `HYROX ${eventId}`, ticketTypes: [ticketType({ amount: 3_000 })] },
    ...{ updatedAt: at(-60 * DAY), observedAt: at(-60 * DAY), sellStart: at(-50 * DAY) },
    ...{ sellEnd: at(50 * DAY), start: at(60 * DAY), end: at(61 * DAY), ...more },
  };
  return [
    eventUpdated(described),
    salesCounted({ eventId, countedAt: at(-10 * MINUTE), ticketTypes }),
  ];
}

async function digestStage(facts: NewFact[]) {
  const { sql } = await reusedDatabase();
  const clock = handClock(NOW);
  await applyKept(sql, facts);
  await saveAccountReading(sql, "DACH", { ticketsUntil: NOW, eventsUntil: NOW });
  for (const flowType of flowTypes)
    await moveCheckpoint(sql, { flowType, checkpoint: NOW, newestSeen: NOW, readAt: NOW });
  const context = { sql, clock, logger, config, failing: failingLoops(sql), version: "0" };
  const { readDigest, look } = noticeReads(context, async () => []);
  const read = (last?: Date) => readDigest({ day: "2026-11-18", now: NOW, last });
  return { sql, clock, look, read };
}

test("a digest sums up every event that sold something, more than a thousand on sale and those that are not", async () => {
  const ids = Array.from({ length: 1_003 }, (_, n) => `e${String(n).padStart(4, "0")}`);
  const shop = underShop({ sellStart: at(-DAY), sellEnd: at(DAY) });
  const { sql, look, read } = await digestStage([
    ...ids.flatMap((id) => told(id, { [hourOf(-3 * HOUR)]: 1, [hourOf(-30 * HOUR)]: 2 })),
    ...told("last", { [hourOf(-23 * HOUR)]: 500, [hourOf(-8 * DAY)]: 9, [hourOf(0)]: 1 }),
    ...told("presale", { [hourOf(-HOUR)]: 7 }, { sellStart: at(DAY), underShops: [shop] }),
    ...told("closed", { [hourOf(-HOUR)]: 30 }, { sellEnd: at(-30 * MINUTE) }),
    ...told("closed long ago", { [hourOf(-40 * HOUR)]: 30 }, { sellEnd: at(-39 * HOUR) }),
  ]);
  const digest = await read();
  const [counted] = await sql<{ day: number; week: number }[]>`
    select
      sum(tickets) filter (where hour >= '2026-11-17T06:00Z' and hour < '2026-11-18T06:00Z')::int as day,
      sum(tickets) filter (where hour >= '2026-11-11T06:00Z' and hour < '2026-11-18T06:00Z'
        and event_id <> 'closed long ago')::int as week
    from sales_hour where kind = ${NEW_SALE}
  `;
  expect(digest.soldInDay).toBe(1_003 + 500 + 7 + 30);
  expect(digest.soldInDay).toBe(counted?.day ?? 0);
  expect(digest.soldPerDay).toBe(Math.round((counted?.week ?? 0) / 7));
  expect(digest.events.slice(0, 3).map(({ name, soldInDay }) => [name, soldInDay])).toEqual([
    ["HYROX last", 500],
    ["HYROX closed", 30],
    ["HYROX presale", 7],
  ]);
  expect(digest.moreEvents).toBe(1_003 + 3 - 20);
  expect(digest.oldNumbers).toEqual([]);
  expect(digestTitle(digest)).toBe("HYROX on 2026-11-18: 1,540 sold in 24 hours");
  expect(digest.launches.map(({ name }) => name)).toEqual(["HYROX presale"]);

  expect(await look.nextLaunch(NOW)).toBeNull();
  expect(await look.nextLaunch(new Date(at(DAY - 4 * MINUTE)))).toEqual(new Date(at(DAY)));
  expect(await look.nextLaunch(new Date(at(DAY)))).toBeNull();

  // Forecasts are looked at of all that are on sale, some at a time.
  const turns: string[][] = [];
  for (let n = 0; n < 7; n += 1)
    turns.push((await look.someOnSale()).map(({ eventId }) => eventId));
  expect(new Set(turns.slice(0, 6).flat()).size).toBe(1_004);
  expect(turns.at(-1)).toEqual(turns[0] ?? []);
}, 60_000);

test("what changed since the last digest is in the next one, whenever that is, and what no change says as well", async () => {
  const name = (eventName: string, ms: number) =>
    told("renamed", {}, { name: eventName, updatedAt: at(ms), observedAt: at(ms) })[0];
  const opened = { sellStart: at(-2 * HOUR) };
  const facts = [
    ...told("renamed", { [hourOf(-2 * HOUR)]: 1 }),
    name("ABGESAGT HYROX Rom", -30 * HOUR),
    ...told("opened", {}, opened),
    ...told("gone", {}),
    eventDeleted({ eventId: "gone", observedAt: at(-HOUR) }),
  ].filter((fact) => fact !== undefined);
  const { read, sql } = await digestStage(facts);
  const inDay = [
    "Cancelled: HYROX gone (DACH) · Vivenu does not have it any more",
    "Sales opened: HYROX opened (DACH) · 2026-11-18 05:30 Europe/Berlin",
  ];
  expect((await read()).changes).toEqual(inDay);
  expect((await read(new Date(at(-47 * HOUR)))).changes).toEqual([
    inDay[0] ?? "",
    "Cancelled: ABGESAGT HYROX Rom (DACH) · HYROX renamed → ABGESAGT HYROX Rom",
    inDay[1] ?? "",
  ]);
  await sql`update reader_position set read_at = ${at(-5 * HOUR)} where flow_type = 'vivenu.sales.0'`;
  expect((await read()).oldNumbers).toEqual([
    "All numbers are of 2026-11-18 01:30 UTC: what was recorded since is not in them.",
  ]);
});
