import { describe, expect, test } from "bun:test";
import { eventRow, testApi } from "../../../test/support/test-api.ts";
import type { LevelRow, LevelsWanted } from "../../projections/queries/row-types.ts";

const level: LevelRow = {
  at: "2026-02-12T11:00:04.000Z",
  basis: "count",
  ticketTypeId: null,
  ticketName: null,
  sold: 701,
  reserved: 3,
  capacity: 1200,
  available: 496,
  percentSold: 58.42,
};

describe("GET /api/events/{eventId}/levels", () => {
  test("answers what was read, and since when it was counted", async () => {
    const { read } = testApi({ events: [eventRow()], levels: [level] });
    expect(await read("/api/events/e1/levels")).toEqual({
      eventId: "e1",
      timezone: "Europe/Berlin",
      countedFrom: "2026-02-12T11:00:00.000Z",
      levels: [level],
      nextCursor: null,
    });
  });

  test("a cursor goes on in the same view of the same event and is refused elsewhere", async () => {
    const asked: LevelsWanted[] = [];
    const { get, read } = testApi({
      async readLevels(_eventId, wanted) {
        asked.push(wanted);
        return {
          timezone: null,
          countedFrom: level.at,
          rows: [level],
          next: [1_768_000_000_000, ""],
        };
      },
    });
    const { nextCursor } = await read<{ nextCursor: string }>("/api/events/e1/levels?by=day");
    expect((await get(`/api/events/e1/levels?by=day&limit=5&cursor=${nextCursor}`)).status).toBe(
      200,
    );
    expect(asked.at(-1)).toMatchObject({ by: "day", limit: 5, after: [1_768_000_000_000, ""] });
    for (const path of ["/api/events/e1/levels?by=hour", "/api/events/e2/levels?by=day"])
      expect(await (await get(`${path}&cursor=${nextCursor}`)).json()).toMatchObject({
        ...{ status: 400, type: expect.stringContaining("parameters") },
        errors: [{ name: "cursor", reason: expect.stringContaining("is of another query") }],
      });
  });

  test("is 404 where there is no such event, or nobody could have its id", async () => {
    const { get } = testApi({ events: [eventRow()] });
    expect((await get("/api/events/e9/levels")).status).toBe(404);
    expect((await get(`/api/events/${"e".repeat(5_000)}/levels`)).status).toBe(404);
  });

  test.each(["by=week", "per=region", "from=2026-02-30", "from=2026-02-12&to=2026-02-11", "foo=1"])(
    "refuses %s",
    async (query) => {
      const { get } = testApi({ events: [eventRow()] });
      expect((await get(`/api/events/e1/levels?${query}`)).status).toBe(400);
    },
  );
});
