import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sign } from "../src/vivenu/signature.ts";
import frankfurt from "./fixtures/vivenu/frankfurt-2025.json";
import paris from "./fixtures/vivenu/paris-2025.json";
import { raiseStage, type Stage, until } from "./support/stage.ts";

interface EventJson {
  eventId: string;
  eventName: string;
  region: string;
  salesLaunchDate: string | null;
  currency: string | null;
  totalCapacity: number;
  totalSold: number | null;
  totalAvailable: number | null;
  reserved: number | null;
  heldForUnderShops: number | null;
  oversoldPlaces: number | null;
  percentSold: number | null;
}

interface TypeJson {
  eventId: string;
  ticketTypeId: string;
  ticketName: string;
  class: string;
  capacity: number;
  sold: number;
  available: number;
}

interface ChangeJson {
  changeType: string;
}

interface SalesJson {
  totalSold: number | null;
}

let stage: Stage;
let service: Awaited<ReturnType<Stage["start"]>>;
let events: EventJson[];

/** All forty events of the played Vivenu, the two real ones with all their tickets, polled once. */
beforeAll(async () => {
  stage = await raiseStage({ season: "thin" });
  service = await stage.start();
  await until(
    async () => (await stage.readJson<{ problems: string[] }>("/status")).problems.length === 0,
    {
      withinMs: 90_000,
      what: "every account polled and nothing wrong",
    },
  );
  events = await settledEvents();
  await sheetSettles();
});

/** The rows of all that was polled: what the last counts showed of an event's currency follows them. */
async function settledEvents() {
  let last = "";
  let found: EventJson[] = [];
  await until(
    async () => {
      const status = await stage.readJson<{ outbox: { waiting: number } }>("/status");
      found = await readEvents();
      const before = last;
      last = JSON.stringify(withoutPace(found));
      await Bun.sleep(1_000);
      return status.outbox.waiting === 0 && last === before;
    },
    { withinMs: 30_000, what: "rows that stay as they are" },
  );
  return found;
}

afterAll(async () => {
  await service.stop();
  await stage[Symbol.asyncDispose]();
});

test("the API has the whole season", () => {
  expect(events).toHaveLength(40);
  expect(events.every(({ totalSold }) => totalSold !== null)).toBe(true);
});

test("of every event capacity, sold and available add up, and Paris says that it is oversold", () => {
  const sums = events.map((event) => ({
    eventName: event.eventName,
    capacity:
      (event.totalSold ?? 0) +
      (event.reserved ?? 0) +
      (event.heldForUnderShops ?? 0) +
      (event.totalAvailable ?? 0) -
      (event.oversoldPlaces ?? 0),
  }));
  expect(sums).toEqual(
    events.map(({ eventName, totalCapacity }) => ({ eventName, capacity: totalCapacity })),
  );
  const paris2025 = events.find(({ eventName }) => eventName === paris.event);
  expect(paris2025).toMatchObject({ reserved: 0, heldForUnderShops: 0, oversoldPlaces: 571 });
});

describe.each([
  { fixture: frankfurt, totals: [9429, 9020, 493, 95.66] },
  { fixture: paris, totals: [13310, 12572, 1309, 94.46] },
])("$fixture.event", ({ fixture, totals }) => {
  const found = () => events.find(({ eventName }) => eventName === fixture.event);

  test("has the same totals in the API and in the sheet", async () => {
    const event = found();
    expect([
      event?.totalCapacity,
      event?.totalSold,
      event?.totalAvailable,
      event?.percentSold,
    ]).toEqual([...totals]);
    const row = (await stage.readTab("Events")).find((row) => row["Event ID"] === event?.eventId);
    const [capacity = 0, sold = 0, available = 0, percent = 0] = totals;
    expect(row).toMatchObject({
      Region: fixture.region,
      "Total Capacity": capacity,
      "Total Sold": sold,
      "Total Available": available,
    });
    expect(Number(row?.["Percent Sold"])).toBeCloseTo(percent / 100, 6);
  });

  test("has the real event's capacity and sold count for each ticket type, in API and sheet", async () => {
    const ticketTypes = await readTypes(found()?.eventId ?? "");
    const rows = await stage.readTab("Ticket Types");
    for (const { name, capacity, sold } of fixture.ticketTypes) {
      const type = ticketTypes.find(({ ticketName }) => ticketName === name);
      expect({ name, capacity: type?.capacity, sold: type?.sold }).toEqual({
        name,
        capacity,
        sold,
      });
      expect(rows.find((row) => row["Ticket Type ID"] === type?.ticketTypeId)).toMatchObject({
        "Ticket Name": name,
        Capacity: capacity,
        Sold: sold,
        Available: type?.available,
      });
    }
  });
});

test.each([
  ["Auckland", "NZD"],
  ["Stockholm", "SEK"],
  ["Copenhagen", "DKK"],
  ["Oslo", "NOK"],
  ["Sydney", "AUD"],
])(
  "%s is sold in its country's currency, whatever its account's owner has: %s",
  async (city, code) => {
    const event = events.find(({ eventName }) => eventName.includes(city));
    expect(event?.currency).toBe(code);
    const rows = (await stage.readTab("Ticket Types")).filter(
      (row) => row["Event ID"] === event?.eventId,
    );
    expect(new Set(rows.map((row) => row.Currency))).toEqual(new Set([code]));
  },
);

test("what changed and what sold out, and the sales of each hour, lead to what the events show", async () => {
  const sold = new Set((await readChanges()).map(({ changeType }) => changeType));
  expect([...sold]).toEqual(expect.arrayContaining(["soldOut", "nearlySoldOut"]));
  const shown = await readEvents();
  const curves = await readSales(shown);
  expect(curves.flat().length).toBeGreaterThan(100);
  expect(curves.map((sales) => sales.at(-1)?.totalSold ?? 0)).toEqual(
    shown.map(({ totalSold }) => totalSold ?? 0),
  );
});

test("a changed launch shows in the API within 2 s and in the sheet within 15 s", async () => {
  const event = announced();
  const read = () => stage.readJson<EventJson>(`/api/events/${event.eventId}`);
  let quickestMs = Number.POSITIVE_INFINITY;
  // A machine that stalls is not the service: the quickest of some changes counts.
  for (let minute = 30; minute < 34 && quickestMs >= 2_000; minute += 1) {
    const launch = `2031-03-01T09:${minute}:00.000Z`;
    await patchPlayedEvent(event.eventId, { sellStart: launch });
    const changedAt = performance.now();
    await until(async () => (await read()).salesLaunchDate === launch, {
      withinMs: 10_000,
      what: "the new launch in the API",
    });
    quickestMs = Math.min(quickestMs, performance.now() - changedAt);
  }
  expect(quickestMs).toBeLessThan(2_000);
  await until(
    async () => {
      const row = (await stage.readTab("Events")).find((r) => r["Event ID"] === event.eventId);
      // 1 March 2031 in days since 30 December 1899, as the sheet counts them.
      return Math.floor(Number(row?.["Sales Launch Date"])) === 47_908;
    },
    { withinMs: 15_000, what: "the new launch in the sheet" },
  );
});

test("the same delivery ten times changes nothing more", async () => {
  const { body, headers, region } = await signedChange({ name: "HYROX ten times" });
  const send = () => post(`/webhooks/vivenu/${region}`, body, headers);
  expect((await send()).status).toBe(200);
  const renamed = async () =>
    (await readEvents()).find(({ eventName }) => eventName === "HYROX ten times");
  const first = await until(renamed, { withinMs: 10_000, what: "the new name" });
  const before = await footprint();
  const answers = await Promise.all(Array.from({ length: 9 }, send));
  expect(answers.map(({ status }) => status)).toEqual(Array(9).fill(200));
  expect(await footprint()).toEqual(before);
  expect(await renamed()).toEqual(first);
});

test("a wrong signature gets 401 and leaves no trace but a metric", async () => {
  const { body, region } = await signedChange({ name: "HYROX forged" });
  const before = await footprint();
  const headers = { "x-vivenu-signature": sign(body, "another key") };
  expect((await post(`/webhooks/vivenu/${region}`, body, headers)).status).toBe(401);
  expect((await post("/webhook/event-updated", body, headers)).status).toBe(401);
  expect(await footprint()).toEqual(before);
  const metrics = await (await stage.get("/metrics")).text();
  const unsigned = metrics.matchAll(/webhooks_total\{[^}]*outcome="unsigned"[^}]*\} (\d+)/g);
  expect([...unsigned].reduce((sum, [, count]) => sum + Number(count), 0)).toBe(2);
});

test("a sale through Vivenu leads to a recount without a poll", async () => {
  const event = announced();
  const [type] = await readTypes(event.eventId);
  await postPlayed(`/sandbox/events/${event.eventId}/sales`, {
    ticketTypeId: type?.ticketTypeId,
    count: 3,
  });
  const due = await until(
    async () => {
      const marks = await stage.own.sql`
        select not_before - hinted_at as wait from count_hint
        where event_id = ${event.eventId} and not done
      `;
      return marks.length > 0 && marks;
    },
    { withinMs: 5_000, what: "the event marked" },
  );
  expect(due).toHaveLength(1);
});

test("no name, e-mail address, barcode or ticket secret is anywhere", async () => {
  const secrets = await personalTexts();
  expect(secrets.length).toBeGreaterThan(2_000);
  const everywhere = [
    await dump(stage.own.sql, "public"),
    await dump(stage.outside.sql, "datacore"),
    await dump(stage.outside.sql, "sheets"),
    stage.logged.join("\n"),
  ].join("\n");
  expect(everywhere).toContain("HYROX Frankfurt 2025");
  // Words first: looking for thousands of texts in megabytes one by one takes minutes.
  const words = new Set(everywhere.split(/[^\p{L}\p{N}@._+-]+/u));
  const found = secrets
    .filter((secret) => secret.split(" ").every((word) => words.has(word)))
    .filter((secret) => everywhere.includes(secret));
  expect(found).toEqual([]);
});

test("rows made anew from the log alone are the same rows", async () => {
  const before = await currentRows();
  await service.stop();
  const tables = await stage.own.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name in (
      'reader_position', 'applied_fact', 'event', 'event_version', 'event_head_version', 'event_deletion', 'ticket_type',
      'ticket_type_version', 'under_shop', 'under_shop_version', 'event_count', 'event_change', 'change_fold', 'derived_event',
      'derived_touch', 'named_set',
      'ticket_type_count', 'ticket_type_sales', 'sales_hour', 'poll'
    )
  `;
  expect(tables).toHaveLength(20);
  for (const { name } of tables) await stage.own.sql`truncate ${stage.own.sql(name)}`;
  service = await stage.start();
  // The events alone are asked for until they are there: all rows, again and again, would hold them up.
  await until(
    async () =>
      JSON.stringify(withoutPace(await readEvents())) === JSON.stringify(before[0]) &&
      JSON.stringify(await currentRows()) === JSON.stringify(before),
    { withinMs: 120_000, what: "the rows as they were" },
  );
});

const announced = () => {
  const event = events.find(({ eventName }) => eventName.includes("Bordeaux"));
  if (!event) throw new Error("the season has no HYROX Bordeaux");
  return event;
};

/** What moves with the hour says nothing of the facts. */
const withoutPace = (of: EventJson[]) => of.map((event) => ({ ...event, pace: undefined }));

async function currentRows() {
  const events = await readEvents();
  const shown = withoutPace(events);
  const types = await stage.readJson<{ ticketTypes: TypeJson[] }>("/api/ticket-types?limit=1000");
  return [shown, types.ticketTypes, await readChanges(), await readSales(shown)];
}

const readChanges = async () =>
  (await stage.readJson<{ changes: ChangeJson[] }>("/api/changes?limit=1000")).changes;

/** Hour by hour. */
const readSales = (of: EventJson[]) =>
  Promise.all(
    of.map(
      async ({ eventId }) =>
        (
          await stage.readJson<{ sales: SalesJson[] }>(
            `/api/events/${eventId}/sales?by=hour&limit=10000`,
          )
        ).sales,
    ),
  );

const readEvents = async () =>
  (await stage.readJson<{ events: EventJson[] }>("/api/events?limit=200")).events;

const readTypes = async (eventId: string) =>
  (await stage.readJson<{ ticketTypes: TypeJson[] }>(`/api/events/${eventId}/ticket-types`))
    .ticketTypes;

/**
 * Waits until the sheet says what the API says. Numbers come with an event's count, and the currency that its tickets
 * were sold in may come behind it.
 */
const sheetSettles = () =>
  until(
    async () => {
      const of = new Map(events.map((event) => [event.eventId, event]));
      const rows = await stage.readTab("Events").catch(() => []);
      const types = await stage.readTab("Ticket Types").catch(() => []);
      const isSettled = rows.every(
        (row) => row["Total Sold"] === of.get(String(row["Event ID"]))?.totalSold,
      );
      const areTypesSettled = types.every(
        (row) =>
          row.Sold !== null && row.Currency === (of.get(String(row["Event ID"]))?.currency ?? ""),
      );
      return rows.length === events.length && isSettled && types.length > 0 && areTypesSettled;
    },
    { withinMs: 30_000, what: "the sheet as the rows" },
  );

async function patchPlayedEvent(eventId: string, patch: object) {
  const response = await fetch(`${stage.vivenu.url}/sandbox/events/${eventId}`, {
    method: "PATCH",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(patch),
  });
  expect(response.status).toBe(200);
}

async function postPlayed(path: string, body: object) {
  const response = await fetch(`${stage.vivenu.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
}

const post = (path: string, body: Uint8Array, headers: Record<string, string>) =>
  fetch(`${stage.url}${path}`, { method: "POST", body, headers });

/** An event as the played Vivenu has it, with a change, as its webhook would bring it. */
async function signedChange(change: object) {
  const [account] = stage.vivenu.accounts;
  if (!account) throw new Error("the played Vivenu has no accounts");
  const { region, apiKey, hmacKey, sellerId } = account;
  const answer = await fetch(`${stage.vivenu.url}/api/events?top=1&skip=0`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  const { rows } = (await answer.json()) as { rows: object[] };
  const event = { ...rows[0], ...change, updatedAt: new Date().toISOString() };
  const delivery = {
    ...{ id: crypto.randomUUID(), sellerId, type: "event.updated", mode: "dev" },
    data: { event },
  };
  const body = new TextEncoder().encode(JSON.stringify(delivery));
  return { region, body, headers: { "x-vivenu-signature": sign(body, hmacKey) } };
}

/** How many rows of each kind a delivery could leave. */
async function footprint() {
  const [counts] = await stage.own.sql`
    select
      (select count(*) from inbox) as inbox,
      (select count(*) from outbox) as outbox,
      (select count(*) from event_version) as versions,
      (select count(*) from applied_fact) as facts
  `;
  return counts;
}

/** What the played Vivenu says of ticket holders, from the tickets of two events. */
async function personalTexts(): Promise<string[]> {
  const texts = new Set<string>();
  for (const { region, apiKey } of stage.vivenu.accounts) {
    const event = events.find((event) => event.region === region && (event.totalSold ?? 0) > 0);
    if (!event) continue;
    const answer = await fetch(
      `${stage.vivenu.url}/api/tickets?event=${event.eventId}&top=100&skip=0`,
      { headers: { authorization: `Bearer ${apiKey}` } },
    );
    const { rows } = (await answer.json()) as { rows: Record<string, unknown>[] };
    for (const row of rows)
      for (const field of [
        "name",
        "lastname",
        "email",
        "barcode",
        "secret",
        "street",
        "customerId",
      ])
        if (typeof row[field] === "string" && row[field].length > 3) texts.add(row[field]);
  }
  return [...texts];
}

/** A whole schema as text; what is compressed is read as it was. */
async function dump(sql: Stage["own"]["sql"], schema: string): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = ${schema}
  `;
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await sql`select * from ${sql(schema)}.${sql(name)}`;
    for (const row of rows) texts.push(readable(row));
  }
  return texts.join("\n");
}

const readable = (row: Record<string, unknown>) =>
  JSON.stringify(row, (_key, value) =>
    value?.type === "Buffer" ? textOf(Buffer.from(value.data)) : value,
  );

function textOf(bytes: Buffer): string {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return Buffer.from(isGzip ? Bun.gunzipSync(new Uint8Array(bytes)) : bytes).toString("utf8");
}
