import { describe, expect, test } from "bun:test";
import { eventRow, salesRow, testApi } from "../../../test/support/test-api.ts";
import type { SalesRow } from "../../projections/queries/row-types.ts";

const hours = Array.from({ length: 50 }, (_, index) => {
  const hour = new Date(Date.UTC(2026, 1, 3, index)).toISOString();
  return salesRow({ hour, date: hour.slice(0, 10), newSales: index });
});

interface Page {
  sales: SalesRow[];
  nextCursor: string | null;
}

const api = (sales: SalesRow[] = hours) => testApi({ events: [eventRow()], sales });

describe("GET /api/events/{eventId}/sales", () => {
  test("names everything as the sheet does, in camel case", async () => {
    expect(await api([salesRow()]).read("/api/events/e1/sales")).toEqual({
      eventId: "e1",
      timezone: "Europe/Berlin",
      sales: [
        {
          hour: null,
          date: "2026-02-03",
          ticketTypeId: null,
          ticketName: null,
          newSales: 40,
          replacements: 1,
          totalSold: 701,
        },
      ],
      nextCursor: null,
    });
  });

  test("asks for the days of the event unless told otherwise", async () => {
    const asked: unknown[] = [];
    const { get } = testApi({
      readSales: async (...wanted) => {
        asked.push(wanted);
        return undefined;
      },
    });
    await get("/api/events/e1/sales");
    await get("/api/events/e1/sales?by=hour&per=ticketType");
    expect(asked).toEqual([
      ["e1", { by: "day", per: "event" }],
      ["e1", { by: "hour", per: "ticketType" }],
    ]);
  });

  test.each([1, 7, 50, 1000])(
    "reads every hour once and in order in pages of %d",
    async (limit) => {
      const { read } = api(hours.toReversed());
      const path = `/api/events/e1/sales?by=hour&limit=${limit}`;
      const pages = [await read<Page>(path)];
      for (let next = pages[0]?.nextCursor; next; next = pages.at(-1)?.nextCursor)
        pages.push(await read<Page>(`${path}&cursor=${next}`));
      expect(pages.flatMap(({ sales }) => sales)).toEqual(hours);
    },
  );

  test("keeps ticket types of one day apart over pages", async () => {
    const both = ["men", "women"].map((ticketTypeId) => salesRow({ ticketTypeId }));
    const { read } = api(both);
    const path = "/api/events/e1/sales?per=ticketType&limit=1";
    const first = await read<Page>(path);
    const second = await read<Page>(`${path}&cursor=${first.nextCursor}`);
    expect([...first.sales, ...second.sales]).toEqual(both);
    expect(second.nextCursor).toBeNull();
  });

  test("a cursor goes on in the same view of the same event and is refused elsewhere", async () => {
    const { get, read } = api(hours);
    const { nextCursor } = await read<Page>("/api/events/e1/sales?by=hour&limit=1");
    const statusOf = async (path: string) => (await get(`${path}&cursor=${nextCursor}`)).status;
    expect(await statusOf("/api/events/e1/sales?limit=2&by=hour&format=csv")).toBe(200);
    for (const path of [
      ...["/api/events/e1/sales?by=day", "/api/events/e2/sales?by=hour"],
      ...[
        "/api/events/e1/sales?by=hour&per=ticketType",
        "/api/events/e1/sales?by=hour&from=2026-02-04",
      ],
      "/api/events/e1/sales?by=hour&as_of=2026-02-12T10:00:00Z",
    ])
      expect([path, await statusOf(path)]).toEqual([path, 400]);
    const answer = await get(`/api/events/e1/sales?by=day&cursor=${nextCursor}`);
    expect(await answer.json()).toMatchObject({
      errors: [{ name: "cursor", reason: expect.stringContaining("is of another query") }],
    });
  });

  test("from and to are days of the event, both with it", async () => {
    const { read } = api();
    const days = async (query: string) => [
      ...new Set(
        (await read<Page>(`/api/events/e1/sales?by=hour&${query}`)).sales.map(({ date }) => date),
      ),
    ];
    expect(await days("from=2026-02-04")).toEqual(["2026-02-04", "2026-02-05"]);
    expect(await days("to=2026-02-04")).toEqual(["2026-02-03", "2026-02-04"]);
    expect(await days("from=2026-02-04&to=2026-02-04")).toEqual(["2026-02-04"]);
  });

  test("is 404 where there is no such event", async () => {
    const answer = await api().get("/api/events/e9/sales");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ detail: "There is no such event: e9." });
  });

  test.each([
    ["by=week", "Query parameter by: must be one of day, hour."],
    ["per=region", "Query parameter per: must be one of event, ticketType."],
    ["from=2026-02-30", "Query parameter from: must be a day like 2026-02-12."],
    ["to=2026-02-12T11:00:00Z", "Query parameter to: must be a day like 2026-02-12."],
    ["from=2026-02-12&to=2026-02-11", "Query parameter to: must not be before from."],
    [
      "since=2026-02-12",
      "Not a parameter here: since. Known: by, per, from, to, as_of, limit, cursor, format, delimiter, decimal.",
    ],
  ])("refuses %s", async (query, detail) => {
    const answer = await api().get(`/api/events/e1/sales?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail });
  });
});
