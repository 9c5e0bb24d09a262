import { beforeAll, describe, expect, test } from "bun:test";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { keepRows } from "../../../test/support/shown-rows.ts";
import { eventRow, lastPage, testApi, ticketTypeRow } from "../../../test/support/test-api.ts";
import { readEventPage, readTicketTypePage } from "../../projections/queries/lists.ts";
import { eventSorts, ticketTypeSorts } from "../../projections/queries/row-types.ts";
import type { EventRow, TicketTypeRow } from "../../projections/queries/rows.ts";
import { readEventRows } from "../../projections/queries/shown.ts";
import { defaultPolicy } from "../../rules/capacity.ts";

const of = <Value>(values: readonly Value[], index: number): Value => {
  const value = values[index % values.length];
  if (value === undefined) throw new Error("there are no values");
  return value;
};

const places = [
  ["HYROX München", "Messe München, München, DE"],
  ["HYROX Łódź", "Expo, Łódź, PL"],
  ["HYROX Paris", null],
  ["HYROX Málaga", "FYCMA, Málaga, ES"],
] as const;

/** Of a currency without minor units, with a hundredth and with a thousandth: 900 yen are less than 1 dinar. */
const currencies = ["JPY", "EUR", "KWD", null, "USD"] as const;

function worth(index: number) {
  const currency = of(currencies, index);
  const paid = of([900, 900, 1_100, 20_000_000_000, null], index * 7 + (index >> 3));
  const value = currency === null || paid === null ? null : { paid, list: paid, tickets: 9 };
  return { currency, value };
}

/** Few values, so that many rows have the same; some have none. */
const events: EventRow[] = Array.from({ length: 60 }, (_, index) => {
  const [eventName, location] = of(places, index);
  return eventRow({
    eventId: `e${(index * 37) % 60}`,
    ...{ eventName, location, region: of(["DACH", "FRANCE"], index) },
    eventType: of(["SINGLE", "RECURRENCE", "SINGLE"], index),
    eventDate: `2026-09-${String(10 + (index % 9))}T22:30:00.000Z`,
    status: of(["ON_SALE", "SOLD_OUT", "CANCELLED", "ENDED", "PAUSED"], index),
    presale: index % 4 === 0,
    salesLaunchDate: index % 5 === 0 ? null : `2026-0${1 + (index % 7)}-03T11:00:00.000Z`,
    totalSold: of([null, 0, 5, 70, 1_000_000], index),
    percentSold: of([null, 0, 94.46, 80, 104.2], index),
    countComplete: of([null, true, false], index),
    availableToBuy: of([0, 3, 0], index),
    ...worth(index),
  });
});

const types: TicketTypeRow[] = events.flatMap((event, index) =>
  ["race", "charity", "addon"].map((name, at) =>
    ticketTypeRow({
      ...{ eventId: event.eventId, eventName: event.eventName, region: event.region },
      ...{ eventDate: event.eventDate, ticketTypeId: `${event.eventId}-${at}` },
      ...{ ticketName: of(["HYROX MEN", "Ｃharity", "Größe M"], at), class: name },
      ...{ inTotals: at < 2, active: (index + at) % 3 > 0, removed: index % 11 === 0 },
      ...{ price: of([null, 109.9, 15, 0], index + at), sold: of([null, 7, 8], index) },
      ...worth(index * 3 + at),
      ...{ percentSold: of([null, 70, 80], index) },
    }),
  ),
);

type Row = EventRow | TicketTypeRow;

interface Page {
  events?: EventRow[];
  ticketTypes?: TicketTypeRow[];
  nextCursor: string | null;
}

let api: ReturnType<typeof testApi>;

beforeAll(async () => {
  const { sql } = await reusedDatabase();
  await keepRows(sql, { events, ticketTypes: types });
  const options = { now: new Date("2026-02-12T11:00:00Z"), policy: defaultPolicy };
  api = testApi({
    readRows: ({ eventId }) => readEventRows(sql, eventId, options),
    lists: {
      events: (wanted) => readEventPage(sql, wanted, options),
      ticketTypes: (wanted) => readTicketTypePage(sql, wanted, options),
    },
  });
});

async function walk(path: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const more = cursor === "" ? "" : `&cursor=${cursor}`;
    const page: Page = await api.read<Page>(`${path}${more}`);
    rows.push(...(page.events ?? page.ticketTypes ?? []));
    cursor = page.nextCursor;
  }
  return rows;
}

const idOf = (row: Row) => ("ticketTypeId" in row ? row.ticketTypeId : row.eventId);
const idsOf = (rows: readonly Row[]) => rows.map(idOf).toSorted();

describe("a list's filters", () => {
  const statusOf = new Map(events.map(({ eventId, status }) => [eventId, status]));
  const isGone = ({ eventId }: { eventId: string }) => statusOf.get(eventId) === "CANCELLED";
  const typesOf = (event: EventRow) =>
    types.filter((type) => type.eventId === event.eventId && !type.removed);
  const between = (row: { percentSold: number | null }, min: number, max: number) =>
    row.percentSold !== null && row.percentSold >= min && row.percentSold <= max;

  test.each<[string, (event: EventRow) => boolean]>([
    ["region=dach,FRANCE", () => true],
    ["region=france", ({ region }) => region === "FRANCE"],
    ["status=sold_out,ENDED", ({ status }) => ["SOLD_OUT", "ENDED"].includes(status)],
    ["eventType=recurrence", ({ eventType }) => eventType === "RECURRENCE"],
    ["eventType=GROUP", () => false],
    ["q=munchen", ({ eventName }) => eventName.includes("München")],
    ["q=MÜNCHEN%20messe", ({ eventName }) => eventName.includes("München")],
    ["q=lodz", ({ eventName }) => eventName.includes("Łódź")],
    ["q=ALAG%20es", ({ eventName }) => eventName.includes("Málaga")],
    ["q=paris%20de", () => false],
    ["q=100%25_", () => false],
    // By the event's own calendar it is the next day.
    ["from=2026-09-18", ({ eventDate }) => eventDate >= "2026-09-17"],
    ["to=2026-09-12", ({ eventDate }) => eventDate < "2026-09-12"],
    ["from=2026-09-12&to=2026-09-12", ({ eventDate }) => eventDate.startsWith("2026-09-11")],
    ["percentSoldMin=80", (event) => between(event, 80, Number.POSITIVE_INFINITY)],
    ["percentSoldMin=80&percentSoldMax=94.46", (event) => between(event, 80, 94.46)],
    ["percentSoldMax=0", (event) => between(event, 0, 0)],
    ["current=true", (event) => !isGone(event)],
    ["current=false", () => true],
    ["ids=e1,e59,e60", ({ eventId }) => ["e1", "e59"].includes(eventId)],
    ["ids=%00", () => false],
    [
      "class=charity&active=true",
      (event) => typesOf(event).some((type) => type.class === "charity" && type.active),
    ],
    ["inTotals=false", (event) => typesOf(event).some((type) => !type.inTotals)],
    [
      "region=DACH&status=ON_SALE,PAUSED&percentSoldMin=1",
      (event) =>
        event.region === "DACH" &&
        ["ON_SALE", "PAUSED"].includes(event.status) &&
        between(event, 1, 1_000),
    ],
  ])("of events: %s", async (query, fits) => {
    const wanted = events.filter(fits);
    for (const sort of ["eventDate", "-totalSold"])
      expect(idsOf(await walk(`/api/events?limit=7&sort=${sort}&${query}`))).toEqual(idsOf(wanted));
  });

  test.each<[string, (type: TicketTypeRow) => boolean]>([
    ["region=france", ({ region }) => region === "FRANCE"],
    ["class=race,addon", (type) => type.class !== "charity"],
    ["inTotals=true&active=false", ({ inTotals, active }) => inTotals && !active],
    ["status=paused", ({ eventId }) => statusOf.get(eventId) === "PAUSED"],
    ["eventType=recurrence&class=race", (type) => types.indexOf(type) % 9 === 3],
    ["q=grosse", ({ ticketName }) => ticketName === "Größe M"],
    [
      "q=munchen%20charity",
      (type) => type.eventName.includes("München") && type.class === "charity",
    ],
    ["to=2026-09-12", ({ eventDate }) => eventDate < "2026-09-12"],
    ["percentSoldMin=70&percentSoldMax=79", (type) => between(type, 70, 79)],
    ["current=true", (type) => !type.removed && !isGone(type)],
    ["ids=e7-0,e8-2,e99-9", (type) => ["e7-0", "e8-2"].includes(type.ticketTypeId)],
    ["eventId=e7,e8", ({ eventId }) => ["e7", "e8"].includes(eventId)],
  ])("of ticket types: %s", async (query, fits) => {
    const wanted = types.filter(fits);
    for (const sort of ["eventDate", "-sold"])
      expect(idsOf(await walk(`/api/ticket-types?limit=50&sort=${sort}&${query}`))).toEqual(
        idsOf(wanted),
      );
  });

  test("of one event leave out ticket types alone", async () => {
    const answer = await api.read<EventRow & { ticketTypes: TicketTypeRow[] }>(
      "/api/events/e2?class=charity,addon&inTotals=true&current=true",
    );
    const { ticketTypes, ...shown } = answer;
    const event: EventRow = { ...shown, ...{ pace: undefined, underShops: undefined } };
    expect([event]).toEqual(events.filter(({ eventId }) => eventId === "e2"));
    expect(ticketTypes.map(idOf)).toEqual(["e2-1"]);
  });
});

/** What people see in a column, as it is sorted: texts without case and accents, nothing as null. */
const plain = (value: unknown) =>
  typeof value === "string"
    ? value
        .normalize("NFKD")
        .replace(/\p{M}/gu, "")
        .replaceAll(/ł/gi, "l")
        .replaceAll("ß", "ss")
        .toUpperCase()
    : value;

/** Money by its currency first: no amount of one is compared with another's. */
function keyOf(row: Row, name: string) {
  const value: unknown = Object.entries(row).find(([key]) => key === name)?.[1];
  if (name !== "value" && name !== "price") return plain(value);
  const amount = name === "value" ? row.value?.paid : value;
  if (typeof amount !== "number" || row.currency === null) return null;
  return `${row.currency} ${String(amount.toFixed(3)).padStart(30, "0")}`;
}

describe("a list's order", () => {
  const sorts = [
    ...Object.keys(eventSorts).map((name) => ["events", name] as const),
    ...Object.keys(ticketTypeSorts).map((name) => ["ticket-types", name] as const),
  ];

  test.each(sorts)(
    "of %s by %s, both ways, has every row once and what is empty last",
    async (list, name) => {
      for (const sort of [name, `-${name}`]) {
        const rows = await walk(`/api/${list}?limit=${list === "events" ? 7 : 50}&sort=${sort}`);
        expect(idsOf(rows)).toEqual(idsOf(list === "events" ? events : types));
        const keys = rows.map((row) => keyOf(row, name));
        const there = keys.filter((key) => key !== null);
        expect(keys.slice(there.length).every((key) => key === null)).toBe(true);
        const way = sort.startsWith("-") ? -1 : 1;
        const sorted = there.toSorted((a, b) => {
          const [one, other] = typeof a === "boolean" ? [Number(a), Number(b)] : [a, b];
          if (one === other) return 0;
          // The casts: both are texts or both are numbers.
          return (one as number) < (other as number) ? -way : way;
        });
        expect(there).toEqual(sorted);
      }
    },
  );
});

describe("a cursor", () => {
  const cursorOf = async (query: string) =>
    (await api.read<Page>(`/api/events?limit=5${query}`)).nextCursor;

  test.each([
    ["another sort", "", "&sort=-eventDate", "is of a list sorted by eventDate; send that sort"],
    ["another sort", "&sort=-totalSold", "", "is of a list sorted by -totalSold; send that sort"],
    ["other filters", "&region=DACH", "", "is of a list with other filters; send the same"],
    ["other filters", "&q=paris", "&q=lodz", "is of a list with other filters; send the same"],
  ])("of %s is refused by name", async (_, made, used, reason) => {
    const cursor = await cursorOf(made);
    const answer = await api.get(`/api/events?limit=5&cursor=${cursor}${used}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      detail: expect.stringContaining(`Query parameter cursor: ${reason}`),
    });
  });

  test("goes on where the filters are said in another order or case, and pages are of another size", async () => {
    const cursor = await cursorOf("&status=ON_SALE,ENDED&region=FRANCE");
    const rest = await api.get(
      `/api/events?region=france&status=ended,on_sale&limit=2&fields=eventId&cursor=${cursor}`,
    );
    expect(rest.status).toBe(200);
  });

  test("of another list, or made up, is refused", async () => {
    const made = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    const other = (await api.read<Page>("/api/ticket-types?limit=5")).nextCursor;
    for (const cursor of [
      other,
      made("events", "eventDate", "x", "soon", ["e1"]),
      made("events", "eventDate", "x", 1e300, ["e1"]),
      made("events", "totalSold", "x", 1.5, ["e1"]),
      made("events", "eventName", "x", "a\u0000", ["e1"]),
      made("events", "secret", "x", 1, ["e1"]),
      made("events", "eventDate", "x", 1, ["e1", "e2"]),
      ...[900, "EUR", "EURO 900", "EUR nine", "EUR 900 1"].map((key) =>
        made("events", "value", "x", key, ["e1"], "2026-02-12T11:00:00.000Z~1~700"),
      ),
    ]) {
      const answer = await api.get(`/api/events?limit=5&cursor=${cursor}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain("is not a nextCursor of this list");
    }
  });
});

test("fields are those of the answer and no others, in its own order", async () => {
  const { events: some } = await api.read<Page>("/api/events?limit=1&fields=totalSold,eventid");
  expect(Object.keys(some?.[0] ?? {})).toEqual(["eventId", "totalSold"]);
  const one = await api.read("/api/events/e1?fields=eventName,ticketTypes");
  expect(Object.keys(one)).toEqual(["eventName", "ticketTypes"]);
  const types = await api.read<Page>("/api/events/e1/ticket-types?fields=sold");
  expect(Object.keys(types.ticketTypes?.[0] ?? {})).toEqual(["sold"]);
});

test("several values are taken with commas between them, or the parameter again for each", async () => {
  const asked: unknown[] = [];
  const { get } = testApi({
    lists: {
      async events({ regions }) {
        asked.push(regions);
        return { ...lastPage, rows: [] };
      },
      ticketTypes: async () => ({ ...lastPage, rows: [] }),
    },
  });
  for (const query of [
    "region=DACH,FRANCE",
    "region=dach&region=FRANCE",
    "region=DACH&region=DACH,france",
  ])
    expect((await get(`/api/events?${query}`)).status).toBe(200);
  expect(asked).toEqual([
    ["DACH", "FRANCE"],
    ["DACH", "FRANCE"],
    ["DACH", "FRANCE"],
  ]);
});
