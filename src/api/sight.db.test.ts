import { describe, expect, test } from "bun:test";
import { eventUpdated, salesCounted, ticketType, typeCount } from "../../test/support/facts.ts";
import { applyKept } from "../../test/support/given.ts";
import { reusedDatabase } from "../../test/support/reused-database.ts";
import {
  changeRow,
  eventRow,
  lastPage,
  noForecast,
  pace,
  testApi,
  status as wholeStatus,
} from "../../test/support/test-api.ts";
import { readChanges } from "../projections/queries/change-list.ts";
import { readEventLevels } from "../projections/queries/event-levels.ts";
import { readLaunches } from "../projections/queries/launches.ts";
import { readEventPage, readTicketTypePage, tablesNow } from "../projections/queries/lists.ts";
import { namedIn } from "../projections/queries/named-ids.ts";
import { revisionReader } from "../projections/queries/rows-revision.ts";
import { readSalesCurve } from "../projections/queries/sales-curve.ts";
import { readSeasonSales } from "../projections/queries/season-sales.ts";
import { readEventRows } from "../projections/queries/shown.ts";
import { readSummary } from "../projections/queries/summary.ts";
import { defaultPolicy } from "../rules/capacity.ts";
import { rowsSeen } from "../service/reads/rows-seen.ts";
import type { SheetRows } from "../sheets/layout/sheet-rows.ts";
import { keptRoutes } from "./kept.ts";
import { Status } from "./operation/status.ts";
import { sentencesIn } from "./operation/status-sentences.ts";
import type { ApiKey } from "./request/callers.ts";
import { narrowedRoutes } from "./sight.ts";

const NOW = new Date("2026-04-01T10:00:00.000Z");
const { countedClasses } = defaultPolicy;

const usual = {
  ...{ shareOfSellingTime: 50, percentSold: 50, usualPercentSold: 44.5, pointsAhead: 5.5 },
};

/** Two events of each account: everything of them has their letters in it, which no id of a request has. */
const season = [
  ["DACH", "wwww"],
  ["DACH", "xxxx"],
  ["FRANCE", "yyyy"],
  ["FRANCE", "zzzz"],
] as const;

const keys: Record<string, ApiKey> = {
  all: { name: "all", isAdmin: false, digest: digestOf("all") },
  dach: { name: "dach", isAdmin: false, accounts: ["DACH"], digest: digestOf("dach") },
  event: { name: "event", isAdmin: false, events: ["zzzz"], digest: digestOf("event") },
  nothing: { name: "nothing", isAdmin: false, accounts: ["ITALY"], digest: digestOf("nothing") },
};

function digestOf(key: string) {
  return new Bun.CryptoHasher("sha256").update(key).digest();
}

async function stage() {
  const { sql } = await reusedDatabase();
  for (const [account, eventId] of season)
    await applyKept(sql, [
      eventUpdated({
        ...{ eventId, account, name: `HYROX ${eventId}`, sellStart: "2026-03-31T10:00:00.000Z" },
        ticketTypes: [ticketType({ ticketTypeId: `type-${eventId}`, amount: 10 })],
      }),
      salesCounted({
        ...{ eventId, account, countedAt: "2026-04-01T09:00:00.000Z" },
        ticketTypes: [typeCount({ ticketTypeId: `type-${eventId}`, sold: 10 })],
      }),
    ]);
  const rowsNow = { policy: defaultPolicy, now: NOW };
  const readRows = ({ eventId }: { eventId: string }) => readEventRows(sql, eventId, rowsNow);
  const { app } = testApi({
    clock: { now: () => NOW, pause: async () => {} },
    keys: { read: async () => Object.values(keys) },
    readRows,
    named: namedIn(sql),
    lists: {
      events: (wanted) => readEventPage(sql, wanted, rowsNow),
      ticketTypes: (wanted) => readTicketTypePage(sql, wanted, rowsNow),
    },
    readChanges: (wanted) => readChanges(sql, wanted),
    async readSales(eventId, wanted) {
      const { events, ticketTypes } = await readRows({ eventId });
      const [event] = events;
      if (!event) return undefined;
      const options = { rows: { event, ticketTypes }, countedClasses, ...wanted };
      return { timezone: event.timezone, sales: await readSalesCurve(sql, options) };
    },
    readSeasonSales: (wanted) => readSeasonSales(sql, wanted, { ...rowsNow, countedClasses }),
    readLaunches: async (wanted) =>
      readLaunches(sql, wanted, await tablesNow(sql, rowsNow), { countedClasses }),
    readSummary: async (wanted) => readSummary(sql, wanted, await tablesNow(sql, rowsNow)),
    async readLevels(eventId, wanted) {
      const { events, ticketTypes } = await readRows({ eventId });
      const [event] = events;
      return event && readEventLevels(sql, wanted, { ...rowsNow, rows: { event, ticketTypes } });
    },
    async readForecast(eventId) {
      const { events } = await readRows({ eventId });
      const comparables = season.map(([, id]) => id).filter((id) => id !== eventId);
      return events[0] && { ...noForecast, timezone: events[0].timezone, comparables };
    },
    readPaces: async (events) =>
      new Map(
        events.map(({ eventId }) => [
          eventId,
          pace({ usual: { ...usual, comparables: season.map(([, id]) => id) } }),
        ]),
      ),
    readStatus: async () => ({
      ...wholeStatus,
      ...sentencesIn(
        [
          { account: null, text: "PostgreSQL takes no writes." },
          { account: "FRANCE", text: "DACH: so zzzz is called, and yyyy cannot be read." },
          { account: "DACH", text: "the key of DACH is refused, and wwww not read." },
        ],
        [
          { account: null, text: "wwww and yyyy have no timezone." },
          { account: "DACH", text: "xxxx is in doubt." },
        ],
      ),
      accounts: ["DACH", "FRANCE"].map((region) => ({
        ...{ region, lastPollAt: null, lastPollComplete: null, lastWebhookAt: null, failures: [] },
        ...{ lastPoll: null, webhooks: { lastHour: {}, lastDay: {} } },
      })),
      typesInDoubt: season.map(([region, eventId]) => ({
        ...{ region, eventId, eventName: eventId, ticketTypeId: "t", ticketName: "t" },
        ...{ class: "other", reason: "" },
      })),
    }),
    metrics: async () => ({ contentType: "text/plain", body: "wwww xxxx yyyy zzzz" }),
    downloads: {
      names: ["events.csv"],
      read: async (_name, sees = () => true) => {
        const rows: SheetRows = rowsSeen(
          {
            ...{ unshown: ["yyyy"], days: { unreadable: ["zzzz"] } },
            ...{ events: season.map(([region, eventId]) => eventRow({ region, eventId })) },
            ...{
              ticketTypes: [],
              changes: season.map(([region, eventId]) => ({ ...changeRow({ region, eventId }) })),
            },
            status: [{ item: "yyyy", value: null, at: null }],
          },
          sees,
        );
        return { contentType: "text/csv", body: Buffer.from(JSON.stringify(rows)) };
      },
    },
    keeping: { readRevision: revisionReader(sql), salt: "" },
  });
  const get = (key: string, path: string, more: Record<string, string> = {}) =>
    app.request(path, { headers: { "x-api-key": key, ...more } });
  /** The events of which an answer says anything. */
  const told = async (key: string, path: string) => {
    const answer = await get(key, path);
    const text = await answer.text();
    const seen = season.map(([, eventId]) => eventId).filter((eventId) => text.includes(eventId));
    return [answer.status, seen.join(" ")];
  };
  return { app, get, told };
}

const lists = [
  ...["/api/events", "/api/ticket-types", "/api/sales?by=day", "/api/changes", "/api/launches"],
  ...["/api/launches.ics", "/api/events?sort=-last7Days"],
  "/api/downloads/events.csv",
  ...["/api/events?limit=1&sort=-eventName", "/api/ticket-types?current=true"],
  "/api/changes?limit=3",
];

describe("a key that is kept to some", () => {
  test.each(lists)("sees of %s its own, and all of that", async (path) => {
    const { get, told } = await stage();
    const whole = path.includes("limit") ? undefined : "wwww xxxx yyyy zzzz";
    const seen = async (key: string) => {
      const [status, events] = await told(key, path);
      expect(status).toBe(200);
      return String(events);
    };
    if (whole && !path.includes("/sales")) {
      expect(await seen("all")).toBe(whole);
      expect(await seen("dach")).toBe("wwww xxxx");
      expect(await seen("event")).toBe("zzzz");
    }
    expect(await seen("dach")).not.toMatch(/yyyy|zzzz/);
    expect(await seen("event")).not.toMatch(/wwww|xxxx|yyyy/);
    expect(await seen("nothing")).toBe("");
    // Cursors are readable: they name no other's either.
    for (const key of ["dach", "event"]) {
      const link = (await get(key, path)).headers.get("link") ?? "";
      const [, cursor = ""] = /cursor=([\w-]+)/.exec(link) ?? [];
      expect(Buffer.from(cursor, "base64url").toString()).not.toMatch(
        key === "dach" ? /yyyy|zzzz/ : /wwww|xxxx|yyyy/,
      );
    }
  });

  test("cannot ask beyond them by any filter, nor learn that there is more", async () => {
    const { get, told } = await stage();
    for (const path of [
      "/api/events/yyyy",
      "/api/events/yyyy/ticket-types",
      "/api/events/yyyy/sales",
      "/api/events/yyyy/levels",
      "/api/events/yyyy/forecast",
      "/api/changes?eventId=yyyy",
      "/api/ticket-types?eventId=yyyy",
      "/api/sales?by=day&eventId=yyyy",
      "/api/ticket-types?eventId=wwww,yyyy",
      "/api/changes?eventId=yyyy,wwww",
      "/api/sales?eventId=wwww,yyyy",
      "/api/changes?ticketTypeId=type-yyyy",
      "/api/events?comparables=wwww,yyyy",
      "/api/events/wwww?comparables=yyyy",
      "/api/events/wwww/forecast?comparables=yyyy",
    ]) {
      const answers = await Promise.all(
        [path, path.replace("yyyy", "nobody")].map(async (asked) => {
          const answer = await get("dach", asked);
          const { status, detail } = (await answer.json()) as Record<string, unknown>;
          return [answer.status, status, String(detail).replace(/yyyy|nobody/, "it")];
        }),
      );
      expect([path, answers[0]]).toEqual([path, [404, 404, expect.any(String)]]);
      expect([path, answers[0]]).toEqual([path, answers[1]]);
      expect((await get("all", path)).status).toBe(200);
    }
    expect(await told("dach", "/api/events?ids=yyyy,wwww")).toEqual([200, "wwww"]);
    expect(await told("dach", "/api/summary?ids=yyyy,wwww")).toEqual([200, "wwww"]);
  });

  test.each([
    ...["/api/events", "/api/ticket-types", "/api/changes", "/api/launches", "/api/launches.ics"],
    ...["/api/sales", "/api/summary"],
  ])("hears of an account that is not its own what it hears of none: %s", async (path) => {
    const { get } = await stage();
    const errorOf = async (key: string, region: string) => {
      const answer = await get(key, `${path}?region=${region}`);
      const { detail = "" } = answer.ok ? {} : ((await answer.json()) as { detail: string });
      return `${answer.status} ${detail}`;
    };
    for (const [key, own] of [
      ["dach", "DACH"],
      ["event", "FRANCE"],
    ] as const) {
      const other = key === "dach" ? "FRANCE" : "DACH";
      const said = `400 Query parameter region: must be one of ${own}, or several of them with commas between them.`;
      expect(await errorOf(key, other)).toBe(said);
      expect(await errorOf(key, "MARS")).toBe(said);
      expect(await errorOf(key, own.toLowerCase())).toBe("200 ");
    }
    expect(await errorOf("all", "MARS")).toContain("must be one of DACH, FRANCE,");
  });

  test("finds its own accounts in the document, and no others", async () => {
    const { get } = await stage();
    const accountsOf = async (key: string) => {
      const { paths } = (await (await get(key, "/openapi.json")).json()) as {
        paths: Record<string, { get: { parameters?: Record<string, unknown>[] } }>;
      };
      const regions = Object.values(paths).flatMap(({ get: one }) =>
        (one?.parameters ?? []).filter(({ name }) => name === "region"),
      );
      expect(regions.length).toBeGreaterThan(5);
      return [...new Set(regions.map((one) => JSON.stringify([one.schema, one.example])))];
    };
    const whole = await accountsOf("all");
    expect(whole.join()).toContain('["DACH","FRANCE"]');
    expect(await accountsOf("dach")).toEqual([
      '[{"type":"array","items":{"type":"string","enum":["DACH"]}},["DACH"]]',
    ]);
    expect(await accountsOf("event")).toEqual([
      '[{"type":"array","items":{"type":"string"}},null]',
    ]);
    expect(await accountsOf("all")).toEqual(whole);
  });

  test("reaches its own rows in other ways than by its accounts", async () => {
    const { get } = await stage();
    for (const path of ["/api/events/wwww", "/api/events/wwww/sales", "/api/changes?eventId=wwww"])
      expect((await get("dach", path)).status).toBe(200);
  });

  test("hears of the service what is its own", async () => {
    const { told, get } = await stage();
    expect(await told("all", "/status")).toEqual([200, "wwww xxxx yyyy zzzz"]);
    expect(await told("dach", "/status")).toEqual([200, "wwww xxxx"]);
    const { summary, webhooks, ...own } = Status.parse(await (await get("dach", "/status")).json());
    expect([summary, webhooks]).toEqual([null, null]);
    expect(JSON.stringify(own)).not.toContain("FRANCE");
    expect(own.problems).toEqual(["the key of DACH is refused, and wwww not read."]);
    expect(own.notes).toEqual(["xxxx is in doubt."]);
    expect(own.sentences.map(({ kind, account }) => [kind, account])).toEqual([
      ["problem", "DACH"],
      ["note", "DACH"],
    ]);
    expect(await told("event", "/status")).toEqual([200, "zzzz"]);
    expect(await told("nothing", "/status")).toEqual([200, ""]);
  });

  test("has the sums of its own, and of what is usual no more than of its own choice", async () => {
    const { get } = await stage();
    const eventsOf = async (key: string, query = "") =>
      ((await (await get(key, `/api/summary${query}`)).json()) as { events: number }).events;
    expect(await Promise.all(Object.keys(keys).map((key) => eventsOf(key)))).toEqual([4, 2, 1, 0]);
    const usualOf = async (key: string, query: string) => {
      const answer = await (await get(key, `/api/events/wwww${query}`)).json();
      return (answer as { pace: { usual: unknown } }).pace.usual;
    };
    expect(await usualOf("all", "")).not.toBeNull();
    expect(await usualOf("dach", "")).toBeNull();
    expect(await usualOf("dach", "?comparables=xxxx")).not.toBeNull();
  });

  test("has a forecast of its own event, and hears not which others' sales it is made by", async () => {
    const { told } = await stage();
    expect(await told("all", "/api/events/wwww/forecast")).toEqual([200, "wwww xxxx yyyy zzzz"]);
    expect(await told("dach", "/api/events/wwww/forecast")).toEqual([200, "wwww"]);
  });

  test("finds shut what is of all events, and says why; what is nowhere is 404", async () => {
    const { app, told, get } = await stage();
    const routes = app.routes.filter(
      ({ method, path }) => method === "GET" && !/\*|health|ready|^\/docs\//.test(path),
    );
    const shut = [...new Set(routes.map(({ path }) => path))].filter((p) => !narrowedRoutes.has(p));
    expect(shut.sort()).toEqual(["/api/regions", "/metrics"]);
    for (const path of ["/api/regions", "/metrics"]) {
      expect(await told("dach", path)).toEqual([403, ""]);
      expect((await told("all", path))[0]).toBe(200);
    }
    expect((await get("dach", "/api/nothing")).status).toBe(404);
    for (const route of keptRoutes.keys()) expect([...narrowedRoutes, ...shut]).toContain(route);
  });

  test.each(["/api/events", "/api/ticket-types"])(
    "is told at no page of %s how much was written of everybody's, nor of what it may not ask",
    async (path) => {
      const { get } = await stage();
      const pageOf = async (key: string) => {
        const answer = await get(key, `${path}?limit=1`);
        const page = (await answer.json()) as { nextCursor: string; nextUpdatedSince: unknown };
        const [since] = JSON.parse(Buffer.from(page.nextCursor, "base64url").toString()).slice(-1);
        return { ...page, position: String(since).split("~").slice(1).join("~") };
      };
      const { position, nextUpdatedSince } = await pageOf("all");
      expect(position).toMatch(/^\d+~\d+$/);
      expect(nextUpdatedSince).toEndWith(position);
      const dach = await pageOf("dach");
      expect([dach.position, dach.nextUpdatedSince]).toEqual(["0~0", null]);
      const next = await get("dach", `${path}?limit=1&cursor=${dach.nextCursor}`);
      expect(await next.json()).toMatchObject({ nextCursor: null, nextUpdatedSince: null });
      const refused = await get("dach", `${path}?updatedSince=2026-03-01T00:00:00Z`);
      expect(await refused.json()).toMatchObject({ errors: [{ name: "updatedSince" }] });
    },
  );

  test("has tags of its own: what another key was answered is nothing of its", async () => {
    const { get } = await stage();
    const [all, dach] = await Promise.all(["all", "dach"].map((key) => get(key, "/api/events")));
    const tag = all?.headers.get("etag") ?? "none";
    expect(dach?.headers.get("etag")).not.toBe(tag);
    expect((await get("dach", "/api/events", { "if-none-match": tag })).status).toBe(200);
    expect((await get("all", "/api/events", { "if-none-match": tag })).status).toBe(304);
  });
});

test("a partner's file is of its own events on every page, however slowly it is taken", async () => {
  const asked: unknown[] = [];
  const { app } = testApi({
    keys: { read: async () => Object.values(keys) },
    lists: {
      async events({ regions, after }) {
        await Bun.sleep(1);
        asked.push(regions);
        const at = Number(after?.key ?? 0);
        const rows = Array.from({ length: 200 }, (_, n) => eventRow({ eventId: `${at}-${n}` }));
        return { ...lastPage, rows, next: at < 9 ? { key: at + 1, ids: ["x"] } : null };
      },
      ticketTypes: async () => ({ ...lastPage, rows: [] }),
    },
  });
  await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
  const answer = await fetch(`${server.url}api/events?format=csv`, {
    headers: { "x-api-key": "dach" },
  });
  let bytes = 0;
  for await (const part of answer.body ?? []) {
    bytes += part.length;
    await Bun.sleep(2);
  }
  expect(bytes).toBeGreaterThan(100_000);
  expect(asked).toEqual(Array.from({ length: 10 }, () => ["DACH"]));
});
