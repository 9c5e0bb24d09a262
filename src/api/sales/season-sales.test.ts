import { describe, expect, test } from "bun:test";
import { eventRow, testApi } from "../../../test/support/test-api.ts";
import type { SeasonSalesRow, SeasonSalesWanted } from "../../projections/queries/row-types.ts";

const row: SeasonSalesRow = {
  eventId: "e1",
  eventName: "HYROX Testhausen",
  region: "DACH",
  timezone: "Europe/Berlin",
  hour: null,
  date: "2026-02-03",
  day: null,
  newSales: 40,
  replacements: 1,
  totalSold: 701,
  percentSold: 58.42,
};

function api() {
  const asked: SeasonSalesWanted[] = [];
  const made = testApi({
    events: ["e1", "e2", "e3"].map((eventId) => eventRow({ eventId })),
    async readSeasonSales(wanted) {
      asked.push(wanted);
      const leftOut = [{ eventId: "e2", reason: "notCounted" as const }];
      return { rows: [row], leftOut, next: [1_768_000_000_000, "e1", "2026-02-03"] };
    },
  });
  return { ...made, asked };
}

interface Answer {
  sales: SeasonSalesRow[];
  leftOut: object[];
  nextCursor: string;
}

describe("GET /api/sales", () => {
  test("answers what was read, and which events have no rows", async () => {
    const { read } = api();
    const { sales, leftOut } = await read<Answer>("/api/sales");
    expect({ sales, leftOut }).toEqual({
      sales: [row],
      leftOut: [{ eventId: "e2", reason: "notCounted" }],
    });
  });

  test("takes several values with commas between them, in whatever case", async () => {
    const { get, asked } = api();
    await get("/api/sales?eventId=e1,e2,e3&region=dach,France&by=toRace&maxDay=30");
    expect(asked).toMatchObject([
      {
        ...{ eventIds: ["e1", "e2", "e3"], regions: ["DACH", "FRANCE"], by: "toRace", maxDay: 30 },
        ...{ limit: 1_000, after: undefined },
      },
    ]);
  });

  test("a cursor goes on in the same view and is refused in another", async () => {
    const { get, read, asked } = api();
    const { nextCursor } = await read<Answer>("/api/sales?region=DACH");
    expect((await get(`/api/sales?limit=5&region=dach&cursor=${nextCursor}`)).status).toBe(200);
    expect(asked.at(-1)?.after).toEqual([1_768_000_000_000, "e1", "2026-02-03"]);
    const other = await get(`/api/sales?region=FRANCE&cursor=${nextCursor}`);
    expect(other.status).toBe(400);
    expect(await other.json()).toMatchObject({
      detail: expect.stringContaining("cursor: is of another query"),
      errors: [{ name: "cursor" }],
    });
  });

  test.each([
    ["by=week", "by: must be one of day, hour, sinceLaunch, toRace"],
    ["region=MARS", "region: must be one of DACH, FRANCE"],
    ["status=ON_SALE,GONE", "status: must be one of"],
    ["class=vip", "class: must be one of race, charity"],
    ["eventId=e1,,e2", "eventId: must not be empty"],
    [
      `eventId=${Array.from({ length: 201 }, (_, n) => n)}`,
      "eventId: must be 200 ids at most, with commas between them",
    ],
    ["from=2026-02-12&to=2026-02-11", "to: must not be before from"],
    ["by=toRace&minDay=5&maxDay=4", "maxDay: must not be less than minDay"],
    ["minDay=5", "by: must be sinceLaunch or toRace for minDay and maxDay"],
    ["by=toRace&minDay=4001", "minDay: must be within 4000 days"],
    ["by=toRace&minDay=1.5", "minDay: must be a whole number"],
    ["limit=10001", "limit: must be a whole number from 1 to 10000"],
    ["cursor=W10", "cursor: is not a nextCursor of this list"],
  ])("refuses %s", async (query, detail) => {
    const answer = await api().get(`/api/sales?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining(detail) });
  });
});
