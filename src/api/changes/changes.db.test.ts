import { describe, expect, test } from "bun:test";
import { eventUpdated } from "../../../test/support/facts.ts";
import { applyEach } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { changeRow, eventRow, testApi } from "../../../test/support/test-api.ts";
import type { Pool } from "../../database/connect.ts";
import { readChanges } from "../../projections/queries/change-list.ts";
import { namedIn } from "../../projections/queries/named-ids.ts";
import type { ChangeRow } from "../../projections/queries/row-types.ts";

const types = ["soldOut", "reopened", "event"] as const;

/** Several of one moment, so that pages end within a moment; and two that only their values tell apart. */
const season = Array.from({ length: 131 }, (_, index) =>
  changeRow({
    eventId: `e${index % 7}`,
    region: index % 3 === 0 ? "FRANCE" : "DACH",
    changeType: types[index % 3] ?? "event",
    severity: index % 5 === 0 ? "critical" : "medium",
    changedAt: `2026-02-${String(10 + (index % 9))}T11:00:00.000Z`,
    field: `available of type ${index >> 1}`,
    newValue: { value: index, isInstant: false },
  }),
);

interface Page {
  changes: { changedAt: string; newValue: unknown; region: string; severity: string }[];
  nextCursor: string | null;
}

/** The API over changes as PostgreSQL holds them. */
async function keptApi(changes: readonly ChangeRow[]) {
  const { sql } = await reusedDatabase();
  const events = [...new Set(changes.map(({ eventId }) => eventId))];
  await applyEach(
    sql,
    events.map((eventId) => eventUpdated({ eventId })),
  );
  for (const [sequence, change] of changes.entries()) await keep(sql, change, sequence);
  return testApi({ named: namedIn(sql), readChanges: (wanted) => readChanges(sql, wanted) });
}

const keep = (sql: Pool, change: ChangeRow, sequence: number) => sql`
  insert into event_change (
    event_id, changed_at, sequence, origin_at, account, change_type, severity, field,
    previous_value, new_value, is_instant, source
  ) values (
    ${change.eventId}, ${change.changedAt}, ${sequence}, ${change.changedAt}, ${change.region},
    ${change.changeType}, ${change.severity}, ${change.field},
    ${JSON.stringify(change.previousValue.value)}::text::jsonb,
    ${JSON.stringify(change.newValue.value)}::text::jsonb, false, ${change.source}
  )
`;

async function readAll(path: string, changes: ChangeRow[] = season) {
  const { read } = await keptApi(changes);
  const pages: Page[] = [];
  for (let cursor: string | null = ""; cursor !== null; cursor = pages.at(-1)?.nextCursor ?? null)
    pages.push(await read<Page>(cursor === "" ? path : `${path}&cursor=${cursor}`));
  return pages.flatMap((page) => page.changes);
}

describe("GET /api/changes", () => {
  test("names everything as the sheet does, in camel case", async () => {
    const { read } = testApi({ changes: [changeRow()] });
    expect(await read("/api/changes")).toEqual({
      changes: [
        {
          eventId: "e1",
          eventName: "HYROX Testhausen",
          region: "DACH",
          timezone: "Europe/Berlin",
          id: "c1",
          changeType: "soldOut",
          ...{ ticketTypeId: null, ticketTypeName: null, underShopId: null, underShopName: null },
          field: "available",
          kind: "places",
          ...{ was: { places: 12 }, is: { places: 0 }, currency: null, isFirstCount: false },
          label: "available",
          ...{ previousValue: 12, newValue: 0 },
          changedAt: "2026-02-12T11:00:00.000Z",
          source: "poll",
          severity: "high",
          categoryName: null,
        },
      ],
      nextCursor: null,
    });
  });

  test("names a category apart, for it is no ticket type", async () => {
    const { read } = testApi({
      changes: [
        changeRow({
          ...{ changeType: "category", subjectId: "race", subjectName: "Race" },
          ...{ fieldName: "amount", field: "amount of Race" },
        }),
      ],
    });
    const { changes } = await read<{ changes: object[] }>("/api/changes");
    expect(changes).toMatchObject([
      { ticketTypeId: null, ticketTypeName: null, underShopName: null, categoryName: "Race" },
    ]);
  });

  test.each([1, 10, 100, 131, 1000])("reads every change once in pages of %d", async (limit) => {
    const changes = await readAll(`/api/changes?limit=${limit}`);
    expect(changes).toHaveLength(season.length);
    expect(new Set(changes.map(({ newValue }) => newValue)).size).toBe(season.length);
  });

  test("begins with the newest, a hundred unless told otherwise", async () => {
    const { read } = await keptApi(season);
    const { changes, nextCursor } = await read<Page>("/api/changes");
    expect(changes).toHaveLength(100);
    expect(nextCursor).toMatch(/^[\w-]+$/);
    const times = changes.map(({ changedAt }) => changedAt);
    expect(times).toEqual(times.toSorted().toReversed());
  });

  test("two changes of one field and moment are both there, on whichever page", async () => {
    const twice = [12, 7].map((value) => changeRow({ newValue: { value, isInstant: false } }));
    const changes = await readAll("/api/changes?limit=1", twice);
    expect(new Set(changes.map(({ newValue }) => newValue))).toEqual(new Set([12, 7]));
  });

  test.each<[string, (change: ChangeRow) => boolean]>([
    ["region=france", ({ region }) => region === "FRANCE"],
    ["eventId=e3", ({ eventId }) => eventId === "e3"],
    ["severity=CRITICAL", ({ severity }) => severity === "critical"],
    ["changeType=soldout", ({ changeType }) => changeType === "soldOut"],
    ["until=2026-02-15T11:00:00Z", ({ changedAt }) => changedAt < "2026-02-15T11:00:00.000Z"],
    ["since=2026-02-15T11:00:00Z", ({ changedAt }) => changedAt >= "2026-02-15T11:00:00.000Z"],
    [
      "since=2026-02-15T12:00:00%2B01:00&severity=medium",
      ({ changedAt, severity }) => changedAt >= "2026-02-15T11:00:00.000Z" && severity === "medium",
    ],
  ])("filters by %s, and pages within the filter", async (query, fits) => {
    const changes = await readAll(`/api/changes?limit=7&${query}`);
    const wanted = season.filter(fits).map(({ newValue }) => newValue.value);
    expect(wanted.length).toBeGreaterThan(7);
    expect(new Set(changes.map(({ newValue }) => newValue))).toEqual(new Set(wanted));
    expect(changes).toHaveLength(wanted.length);
  });

  test("reads no more than what is asked for", async () => {
    const asked: unknown[] = [];
    const { get } = testApi({
      events: [eventRow()],
      readChanges: async (wanted) => {
        asked.push(wanted);
        return { rows: [changeRow()], next: null };
      },
    });
    await get("/api/changes?eventId=e1&severity=high");
    await get("/api/changes?limit=7&region=france");
    expect(asked).toEqual([
      { eventIds: ["e1"], severities: ["high"], limit: 100 },
      { limit: 7, regions: ["FRANCE"] },
    ]);
  });

  test("of an event that never changed there are none, and of no event there is no list", async () => {
    const { get, read } = testApi({ events: [eventRow()] });
    expect(await read("/api/changes?eventId=e1")).toEqual({ changes: [], nextCursor: null });
    const answer = await get("/api/changes?eventId=e9");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ detail: "There is no such event: e9." });
  });

  test.each([
    ["since=yesterday", "Query parameter since: must be an instant like 2026-02-12T11:00:00Z."],
    [
      "severity=low",
      "Query parameter severity: must be one of critical, high, medium, or several of them with commas between them.",
    ],
    ["limit=1001", "Query parameter limit: must be a whole number from 1 to 1000."],
    [
      `cursor=${Buffer.from('["event",1,"e1"]').toString("base64url")}`,
      "Query parameter cursor: is not a nextCursor of this list; leave it out to begin anew.",
    ],
  ])("refuses %s", async (query, detail) => {
    const { get } = testApi({ changes: season });
    const answer = await get(`/api/changes?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail });
  });
});
