import { expect, test } from "bun:test";
import { eventRow, lastPage, pace, testApi } from "../../../test/support/test-api.ts";
import type { Pace } from "../../projections/queries/row-types.ts";

const usual = (pointsAhead: number): Partial<Pace> => ({
  usual: {
    ...{ shareOfSellingTime: 50, percentSold: 50, usualPercentSold: 50, comparables: [] },
    pointsAhead,
  },
  usualUnknown: null,
});
const unknown: Partial<Pace> = { last24Hours: null, last7Days: null, unknown: "notCounted" };

const paces = new Map<string, Pace>([
  ["a", pace({ last24Hours: 3, last7Days: 30, ...usual(-2.5) })],
  ["b", pace({ last24Hours: 40, last7Days: 30, ...usual(12) })],
  ["c", pace(unknown)],
  ["d", pace({ last24Hours: -1, last7Days: 100 })],
  ["e", pace(unknown)],
]);
const events = [...paces.keys()].map((eventId) => eventRow({ eventId }));

interface Page {
  events: { eventId: string }[];
  nextCursor: string | null;
}

function stage() {
  let now = Date.parse("2026-02-12T10:59:00Z");
  const hours: unknown[] = [];
  const { read, get } = testApi({
    lists: {
      // As PostgreSQL answers more events than it reads together: in two pages.
      events: async ({ after, limit }) => {
        const from = after ? events.findIndex(({ eventId }) => eventId === after.ids[0]) + 1 : 0;
        const rows = events.slice(from, from + Math.min(limit, 3));
        const id = rows.at(-1)?.eventId ?? "";
        const next = from + rows.length < events.length ? { key: id, ids: [id] } : null;
        return { ...lastPage, at: new Date(now), rows, next };
      },
      ticketTypes: async () => ({ rows: [], ...lastPage }),
    },
    async readPaces(rows, { at }) {
      hours.push(at?.toISOString());
      return new Map(rows.map(({ eventId }) => [eventId, paces.get(eventId) ?? pace()]));
    },
  });
  async function walk(query: string) {
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Page = await read<Page>(
        `/api/events?${query}${cursor === "" ? "" : `&cursor=${cursor}`}`,
      );
      ids.push(...page.events.map(({ eventId }) => eventId));
      cursor = page.nextCursor;
      now += 5 * 60_000;
    }
    return ids.join("");
  }
  return { walk, get, hours };
}

test.each([
  ["last24Hours", "dabce"],
  ["-last24Hours", "badec"],
  ["last7Days", "abdce"],
  ["-last7Days", "dbaec"],
  ["vsUsual", "abcde"],
  ["-vsusual", "baedc"],
])(
  "events by %s: those that are not known come last, those of one pace by their ids",
  async (sort, order) => {
    const { walk } = stage();
    for (const limit of [1, 2, 5, 200])
      expect(await walk(`sort=${sort}&limit=${limit}`)).toBe(order);
  },
);

test.each([
  ["vsUsualMin=0", "b"],
  ["vsUsualMax=-2.5", "a"],
  ["vsUsualMin=-100", "ab"],
  ["vsUsualMin=-100&vsUsualMax=100&sort=-vsUsual", "ba"],
  ["vsUsualMin=12.5", ""],
])(
  "events by how far they are ahead of usual, %s: what is not known is none",
  async (query, ids) => {
    const { walk } = stage();
    const sorted = query.includes("sort=") ? query : `${query}&sort=eventId`;
    for (const limit of [1, 2, 5, 200]) expect(await walk(`${sorted}&limit=${limit}`)).toBe(ids);
  },
);

test("a page of a wanted pace ends with its own last event, whatever comes or goes while it is read", async () => {
  const wanted = ["a", "b", "c", "d", "e"];
  for (const [becomes, expected] of [
    // Before the page's last event one comes, or one goes.
    [["0", ...wanted], "abcde"],
    [wanted.slice(1), "abcde"],
  ] as const) {
    let listed: readonly string[] = wanted;
    let reads = 0;
    const { read } = testApi({
      lists: {
        async events({ after, limit }) {
          reads += 1;
          // The second read is the one that asks where the page ends.
          if (reads === 2) listed = becomes;
          const behind = listed.filter((id) => !after || id > (after.ids[0] ?? ""));
          const ids = behind.slice(0, limit);
          const last = ids.at(-1) ?? "";
          const next = ids.length < behind.length ? { key: last, ids: [last] } : null;
          return { ...lastPage, rows: ids.map((eventId) => eventRow({ eventId })), next };
        },
        ticketTypes: async () => ({ rows: [], ...lastPage }),
      },
      readPaces: async (rows) => new Map(rows.map((row) => [row.eventId, pace(usual(1))])),
    });
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const goesOn = cursor === "" ? "" : `&cursor=${cursor}`;
      const page: Page = await read<Page>(`/api/events?sort=eventId&vsUsualMin=0&limit=2${goesOn}`);
      seen.push(...page.events.map(({ eventId }) => eventId));
      cursor = page.nextCursor;
    }
    const stayed = seen.filter((id) => becomes.includes(id) && wanted.includes(id));
    const those = [...expected].filter((id) => becomes.includes(id));
    expect(stayed).toEqual(those);
  }
});

test("a range of paces that holds nothing, or goes with what rows alone can tell, is refused", async () => {
  const { get } = stage();
  for (const query of [
    "vsUsualMin=5&vsUsualMax=4",
    "vsUsualMin=ahead",
    "vsUsualMin=0&updatedSince=2026-02-12T10:00:00Z",
  ])
    expect([query, (await get(`/api/events?${query}`)).status]).toEqual([query, 400]);
});

test("all pages of a walk are of the hour that its first page was read in", async () => {
  const { walk, hours } = stage();
  await walk("sort=-last24Hours&limit=2");
  expect(new Set(hours)).toEqual(new Set(["2026-02-12T10:59:00.000Z"]));
});

test("a file is sorted by pace as well, and a cursor of one sort is none of another", async () => {
  const { get } = stage();
  const csv = await (await get("/api/events?sort=-last7Days&format=csv&fields=eventId")).text();
  expect(csv).toBe("eventId\r\nd\r\nb\r\na\r\ne\r\nc\r\n");
  const page = await get("/api/events?sort=-last7Days&limit=1");
  const { nextCursor } = (await page.json()) as Page;
  const answer = await get(`/api/events?sort=-last24Hours&limit=1&cursor=${nextCursor}`);
  expect(answer.status).toBe(400);
});
