import { describe, expect, test } from "bun:test";
import { parse as parseCsv } from "csv-parse/sync";
import { unzipSync } from "fflate";
import {
  changeRow,
  eventRow,
  lastPage,
  nextUpdatedSince,
  salesRow,
  testApi,
  ticketTypeRow,
} from "../../../test/support/test-api.ts";
import type { EventRow, Place } from "../../projections/queries/row-types.ts";

const names = [
  '=HYPERLINK("https://x")',
  "+1",
  'A "quoted", name',
  "Zürich\r\nzwei",
  "HYROX 東京 🏃",
  "Lyon\nune ligne",
  "Lille\rune autre",
  "Wave_x0031_",
];
const season = names.map((eventName, index) =>
  eventRow({
    ...{ eventId: `e${index}`, eventName, childEventIds: index === 2 ? ["a", "b"] : [] },
    ...{ percentSold: 94.46 + index, totalSold: index === 1 ? null : 100 * index },
  }),
);

/** Answers two rows a page, whatever is asked for. */
function pagedApi(rows: EventRow[] = season) {
  const limits: number[] = [];
  const events = async (wanted: { limit: number; after?: Place | undefined }) => {
    limits.push(wanted.limit);
    const from = Number(wanted.after?.key ?? 0);
    const next: Place | null = from + 2 < rows.length ? { key: from + 2, ids: ["x"] } : null;
    return { ...lastPage, rows: rows.slice(from, from + 2), next };
  };
  const ticketTypes = async () => ({ ...lastPage, rows: [ticketTypeRow()] });
  return { ...testApi({ lists: { events, ticketTypes } }), limits };
}

const parse = (text: string): string[][] => parseCsv(text, { record_delimiter: "\r\n" });

/** As readers do that find out by themselves where lines end: Python's, LibreOffice's, Google's. */
const parseAnyLines = (text: string) =>
  parse(
    text.replaceAll(/"(?:[^"]|"")*"|\r\n?|\n/g, (found) => (found[0] === '"' ? found : "\r\n")),
  );

const asRows = ([columns = [], ...lines]: string[][]) =>
  lines.map((line) => Object.fromEntries(columns.map((name, at) => [name, line[at] ?? ""])));

describe("a list as CSV", () => {
  test("holds every row, page after page, with the numbers and instants of its JSON", async () => {
    const { get, read } = pagedApi();
    const answer = await get("/api/events?format=csv&limit=1");
    expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="events.csv"');
    const text = await answer.text();
    const rows = asRows(parse(text));
    expect(asRows(parseAnyLines(text))).toEqual(rows);
    expect(rows.map(({ eventId }) => eventId)).toEqual(season.map(({ eventId }) => eventId));
    const { events } = await read<{ events: EventRow[] }>("/api/events?limit=2");
    for (const [index, event] of events.entries())
      for (const name of [
        "percentSold",
        "totalSold",
        "eventDate",
        "salesEndDate",
        "limited",
      ] as const)
        expect([name, rows[index]?.[name]]).toEqual([name, String(event[name] ?? "")]);
    expect(rows[0]).toMatchObject({ percentSold: "94.46", eventDate: "2026-09-12T06:00:00.000Z" });
    expect(rows[2]).toMatchObject({ childEventIds: "a b" });
  });

  test("runs no name as a formula, and keeps every other text as it is", async () => {
    const { get } = pagedApi();
    const rows = asRows(parse(await (await get("/api/events?format=csv")).text()));
    expect(rows.map(({ eventName }) => eventName)).toEqual([
      ...names.slice(0, 2).map((name) => `'${name}`),
      ...names.slice(2),
    ]);
  });

  test("has what is nested in columns of its own, and only the fields that are asked for", async () => {
    const { get } = pagedApi();
    const [columns = []] = parse(await (await get("/api/events?format=csv")).text());
    expect(columns).toContain("pace.last24Hours");
    expect(columns).toContain("pace.usual.pointsAhead");
    const some = await (await get("/api/events?format=csv&fields=totalSold,eventId")).text();
    expect(some.split("\r\n").slice(0, 3)).toEqual(["eventId,totalSold", "e0,0", "e1,"]);
  });

  test("is separated as people's spreadsheets want it", async () => {
    const { get } = pagedApi();
    const path = "/api/events?format=csv&fields=eventId,percentSold";
    const german = await (await get(`${path}&delimiter=semicolon&decimal=comma`)).text();
    expect(german.split("\r\n").slice(0, 2)).toEqual(["eventId;percentSold", "e0;94,46"]);
    expect(await (await get(`${path}&delimiter=;&decimal=comma`)).text()).toBe(german);
    expect(await (await get(`${path}&delimiter=tab`)).text()).toContain("e0\t94.46\r\n");
    expect((await get(`${path}&delimiter=|`)).status).toBe(400);
    const both = await get(`${path}&decimal=comma`);
    expect(both.status).toBe(400);
    expect(await both.json()).toMatchObject({ errors: [{ name: "decimal" }] });
  });

  test("is refused for what changed since: what went would be in no row of it", async () => {
    const { get } = pagedApi();
    for (const form of ["csv", "xlsx"]) {
      const path = `/api/events?format=${form}&updatedSince=${nextUpdatedSince}`;
      const answer = await get(path);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ name: "updatedSince" }] });
    }
  });

  test("of nothing has its names all the same", async () => {
    const { get } = pagedApi([]);
    expect(await (await get("/api/events?format=csv&fields=eventId")).text()).toBe("eventId\r\n");
  });

  test("is what `Accept` would rather have, unless the address says otherwise", async () => {
    const { get } = pagedApi();
    const formOf = async (accept: string, query = "") =>
      (await get(`/api/events?${query}`, { accept })).headers.get("content-type")?.split(";")[0];
    expect(await formOf("text/csv")).toBe("text/csv");
    expect(await formOf("text/csv, application/json;q=0.5")).toBe("text/csv");
    expect(await formOf("application/json, text/csv;q=0.9")).toBe("application/json");
    expect(await formOf("*/*")).toBe("application/json");
    expect(await formOf("text/*")).toBe("text/csv");
    expect(await formOf("application/json;q=0, */*")).toBe("text/csv");
    expect(await formOf("text/csv", "format=json")).toBe("application/json");
    expect((await get("/api/events", { accept: "image/png" })).status).toBe(406);
  });

  test("whose first page cannot be read is an error and no file", async () => {
    const fails = async () => Promise.reject(new Error("a defect"));
    const { get } = testApi({ lists: { events: fails, ticketTypes: fails } });
    const answer = await get("/api/events?format=csv");
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      500,
      "application/problem+json",
    ]);
  });

  test("whose later page cannot be read breaks off, and does not pass for the whole", async () => {
    const { app, lines } = testApi({
      keys: undefined,
      lists: {
        async events({ after }) {
          if (after) throw new Error("a defect");
          return { ...lastPage, rows: season.slice(0, 2), next: { key: 2, ids: ["x"] } };
        },
        ticketTypes: async () => ({ ...lastPage, rows: [] }),
      },
    });
    await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch });
    const read = async () => (await fetch(`${server.url}api/events?format=csv`)).text();
    expect(await read().catch(() => "broken off")).toBe("broken off");
    expect(lines.find(({ event }) => event === "file.broken_off")).toMatchObject({
      file: "events",
    });
  });

  test("is there for ticket types as well", async () => {
    const { get } = pagedApi();
    const [row] = asRows(parse(await (await get("/api/ticket-types?format=csv")).text()));
    expect(row).toMatchObject({ ticketTypeId: "t1", price: "109.9", active: "true", sold: "412" });
  });
});

test("a list as a workbook has numbers as numbers, instants as Excel's, texts as texts", async () => {
  const { get } = pagedApi();
  const fields = "eventId,eventName,eventDate,percentSold,totalSold";
  const answer = await get(`/api/events?format=xlsx&fields=${fields}`);
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="events.xlsx"');
  const parts = unzipSync(new Uint8Array(await answer.arrayBuffer()));
  const sheet = new TextDecoder().decode(parts["xl/worksheets/sheet1.xml"]);
  // 2026-09-12T06:00Z: 46277 days and a quarter since Excel's beginning.
  expect(sheet).toMatch(/<c r="C2"[^>]*><v>46277\.25<\/v>/);
  expect(sheet).toMatch(/<c r="E3"[^>]*><v>94\.46|<c r="E2"[^>]*><v>94\.46/);
  expect(sheet).not.toContain("<f>");
  // Readers would take `_x0031_` for a 1.
  const texts = new TextDecoder().decode(parts["xl/sharedStrings.xml"]);
  expect(texts).toContain(">Wave_x005F_x0031_<");
});

describe("every list", () => {
  const lists: [path: string, file: string][] = [
    ["/api/events", "events.csv"],
    ["/api/ticket-types", "ticket-types.csv"],
    ["/api/sales", "sales.csv"],
    ["/api/events/e1/sales", "sales.csv"],
    ["/api/events/e1/levels", "levels.csv"],
    ["/api/launches", "launches.csv"],
    ["/api/changes", "changes.csv"],
  ];

  test.each(lists)("is there as CSV and as a workbook: %s", async (path, file) => {
    const { get } = testApi({ events: [eventRow()], ticketTypes: [ticketTypeRow()] });
    const csv = await get(`${path}?format=csv`);
    expect([csv.status, csv.headers.get("content-disposition")]).toEqual([
      200,
      `attachment; filename="${file}"`,
    ]);
    const [columns = []] = parse(await csv.text());
    expect(columns.length).toBeGreaterThan(3);
    const workbook = await get(`${path}?format=xlsx`);
    expect(unzipSync(new Uint8Array(await workbook.arrayBuffer()))).toHaveProperty([
      "xl/workbook.xml",
    ]);
  });

  test.each(lists)("has instants as a spreadsheet's in a workbook: %s", async (path) => {
    const at = "2026-02-03T11:00:00.000Z";
    const moved = { value: at, isInstant: true };
    const { get } = testApi({
      ...{ events: [eventRow({ salesLaunchDate: at })], ticketTypes: [ticketTypeRow()] },
      sales: [salesRow({ hour: at })],
      changes: [changeRow({ kind: "instant", previousValue: moved, newValue: moved })],
      levels: [
        {
          ...{ at, basis: "count", ticketTypeId: null, ticketName: null, sold: 1, reserved: 0 },
          ...{ capacity: 2, available: 1, percentSold: 50 },
        },
      ],
      async readSeasonSales() {
        const row = {
          ...{ eventId: "e1", eventName: "HYROX", region: "DACH", timezone: null, hour: at },
          ...{ date: "2026-02-03", day: 0, newSales: 1, replacements: 0, totalSold: 1 },
          percentSold: 50,
        };
        return { rows: [row], leftOut: [], next: null };
      },
    });
    const answer = await get(`${path}?format=xlsx`);
    const parts = unzipSync(new Uint8Array(await answer.arrayBuffer()));
    const texts = new TextDecoder().decode(parts["xl/sharedStrings.xml"]);
    const sheet = new TextDecoder().decode(parts["xl/worksheets/sheet1.xml"]);
    // `previousValue` and `newValue` hold whatever a field holds: as in JSON, a text.
    if (path !== "/api/changes") expect(texts).not.toMatch(/>\d{4}-\d\d-\d\dT[\d:.]+Z</);
    // 2026-02-03T11:00Z: 46056 days and 11 hours since Excel's beginning.
    const count = { "/api/launches": 0, "/api/changes": 2, "/api/ticket-types": 0 }[path] ?? 1;
    expect([...sheet.matchAll(/<v>46056\.458\d*<\/v>/g)].length).toBe(count);
  });

  test("is named here, if it is paged", async () => {
    const { read } = testApi();
    const { paths } = await read<{
      paths: Record<string, { get: { parameters?: { name: string }[] } }>;
    }>("/openapi.json");
    const named = (path: string, name: string) =>
      paths[path]?.get.parameters?.some((one) => one.name === name) ?? false;
    const paged = Object.keys(paths).filter((path) => named(path, "cursor"));
    expect(paged.filter((path) => !named(path, "format"))).toEqual([]);
  });
});

test("workbooks are made one at a time, and hold up nobody who asks for anything else", async () => {
  let [making, most] = [0, 0];
  const goOn = Promise.withResolvers<void>();
  const { get } = testApi({
    lists: {
      async events({ limit }) {
        if (limit === 1) return { ...lastPage, rows: season };
        making += 1;
        most = Math.max(most, making);
        await goOn.promise;
        making -= 1;
        return { ...lastPage, rows: season };
      },
      ticketTypes: async () => ({ ...lastPage, rows: [] }),
    },
    downloads: {
      names: ["events.csv"],
      async read() {
        expect(making).toBe(0);
        return { contentType: "text/csv", body: new Uint8Array() };
      },
    },
  });
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  const asked = [
    ...Array.from({ length: 3 }, () => get("/api/events?format=xlsx")),
    get("/api/events", { accept: type }),
    get("/api/downloads/events.csv"),
  ];
  expect((await get("/api/events?limit=1")).status).toBe(200);
  goOn.resolve();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(5).fill(200));
  expect(most).toBe(1);
});
