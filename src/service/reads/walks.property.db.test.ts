import { beforeAll, expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../../../test/support/facts.ts";
import { fc } from "../../../test/support/fast-check.ts";
import { applyKept } from "../../../test/support/given.ts";
import { reusedDatabase } from "../../../test/support/reused-database.ts";
import { runs } from "../../../test/support/runs.ts";
import { SEED } from "../../../test/support/seed.ts";
import { testApi } from "../../../test/support/test-api.ts";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { paceSorts } from "../../api/events/events-by-pace.ts";
import { loadConfig } from "../../config/config.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { eventSorts, ticketTypeSorts } from "../../projections/queries/row-types.ts";
import { eventFaults } from "../status/event-faults.ts";
import { failingLoops } from "../status/failing.ts";
import { buildReads } from "./reads.ts";

const DAY_MS = 24 * 3_600_000;
const START = Date.UTC(2026, 5, 1, 10);
let nowMs = START;
const clock = { now: () => new Date(nowMs), pause: async () => {} };
const config = loadConfig(usableEnvironment);

let sql: Pool;
let api: ReturnType<typeof testApi>;

beforeAll(async () => {
  ({ sql } = await reusedDatabase());
  const { logger } = recordingLog();
  const of = { config, sql, clock, logger, version: "1.2.3" };
  const reads = buildReads({ ...of, faults: eventFaults(of), failing: failingLoops(sql) });
  api = testApi({ ...reads, clock });
  for (let n = 0; n < 24; n += 1) await applyKept(sql, factsOf({ event: n, kind: "update", n }));
});

interface Mutation {
  event: number;
  kind: "insert" | "update" | "delete" | "count";
  /** What its values are made of: few, so that many rows share one. */
  n: number;
}

const instant = (ms: number) => new Date(ms).toISOString();
let inserted = 0;

/** Each a minute after the one before, so that it is the newest of its event. */
function factsOf({ event, kind, n }: Mutation): NewFact[] {
  nowMs += 60_000;
  const isNew = kind === "insert";
  if (isNew) inserted += 1;
  const eventId = isNew ? `new${inserted}` : `e${event}`;
  const at = instant(nowMs);
  const counted = salesCounted({
    ...{ eventId, countedAt: at },
    ticketTypes: ["men", "women"].map((ticketTypeId) =>
      typeCount({
        ...{ ticketTypeId, sold: 10 * (n % 5), newSales: { [at.slice(0, 13)]: n % 4 } },
        value: { EUR: { tickets: 10, paid: 1_000 * (n % 5), list: 9_000 } },
      }),
    ),
  });
  if (kind === "delete") return [eventDeleted({ eventId, observedAt: at })];
  if (kind === "count") return [counted];
  const types = [
    ticketType({ amount: 50 + (n % 3), priceMinor: 9_000 + (n % 4) }),
    ticketType({ ticketTypeId: "women", name: `HYROX WOMEN ${n % 3}`, active: n % 2 === 0 }),
    ticketType({ ticketTypeId: `t${n % 3}`, name: "SPECTATOR" }),
  ];
  const described = eventUpdated({
    ...{ eventId, name: `HYROX ${"ABC"[n % 3]}`, updatedAt: at, observedAt: at },
    sellStart: n % 5 === 0 ? null : instant(START + ((n % 7) - 3) * DAY_MS),
    ...{ start: instant(START + (20 + (n % 4)) * DAY_MS), end: instant(START + 90 * DAY_MS) },
    ticketTypes: types,
  });
  return n % 3 === 0 ? [described] : [described, counted];
}

type Row = Record<string, unknown>;
interface View {
  path: string;
  list: string;
  keyOf: (row: Row) => unknown;
  idOf: (row: Row) => string;
}

const idOf = ({ eventId, ticketTypeId = "", id = "" }: Row) => `${eventId} ${ticketTypeId} ${id}`;

/** Where a row stands in it is what it is sorted by. */
const views: View[] = [
  ...[...Object.keys(eventSorts), ...Object.keys(paceSorts)].map((by) => ({
    ...{ path: `/api/events?sort=${by}`, list: "events", idOf },
    keyOf: (row: Row) => (by in paceSorts ? row.pace : row[by]),
  })),
  ...Object.keys(ticketTypeSorts).map((by) => ({
    ...{ path: `/api/ticket-types?sort=${by}`, list: "ticketTypes", idOf },
    keyOf: (row: Row) => row[by],
  })),
].flatMap((view) => [view, { ...view, path: view.path.replace("sort=", "sort=-") }]);
views.push(
  { path: "/api/changes?", list: "changes", idOf, keyOf: ({ changedAt }) => changedAt },
  {
    ...{ path: "/api/launches?from=2026-01-01T00:00:00Z", list: "launches", idOf },
    keyOf: ({ salesLaunchDate }) => salesLaunchDate,
  },
);

const mutation = fc.record({
  event: fc.nat(23),
  kind: fc.constantFrom<Mutation["kind"]>("insert", "update", "update", "count", "delete"),
  n: fc.nat(99),
});

/** What the list holds, and where in it each stands. */
async function placesIn({ path, list, idOf: id, keyOf }: View, filter: string) {
  const places = new Map<string, string>();
  for (let cursor: unknown = ""; cursor !== null; ) {
    const more = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = await api.read<Row>(`${path}${filter}&limit=200${more}`);
    // The cast: each of these lists is one of rows.
    for (const row of page[list] as Row[]) places.set(id(row), JSON.stringify(keyOf(row)));
    cursor = page.nextCursor;
  }
  return places;
}

interface Walk {
  view: View;
  /** What happens behind each page. */
  mutations: readonly Mutation[][];
  limit: number;
  isCurrent: boolean;
}

/** What one walk left out though it stood where it was all the time, and what it had twice though it did. */
async function walk({ view, mutations, limit, isCurrent }: Walk) {
  const isList = view.list === "events" || view.list === "ticketTypes";
  const filter = isList && isCurrent ? "&current=true" : "";
  const snapshots = [await placesIn(view, filter)];
  const walked: string[] = [];
  const between = [...mutations];
  for (let cursor: unknown = ""; cursor !== null; ) {
    const more = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = await api.read<Row>(`${view.path}${filter}&limit=${limit}${more}`);
    // The cast: each of these lists is one of rows.
    walked.push(...(page[view.list] as Row[]).map(view.idOf));
    cursor = page.nextCursor;
    const some = between.shift() ?? [];
    for (const one of some) await applyKept(sql, factsOf(one));
    if (some.length > 0) snapshots.push(await placesIn(view, filter));
  }
  const times = Map.groupBy(walked, (id) => id);
  const [first = new Map<string, string>()] = snapshots;
  const stayed = [...first].filter(([id, place]) =>
    snapshots.every((snapshot) => snapshot.get(id) === place),
  );
  const isSomewhereElse = new Set(
    snapshots.flatMap((snapshot) =>
      [...snapshot].flatMap(([id, place]) =>
        snapshots.some((other) => (other.get(id) ?? place) !== place) ? id : [],
      ),
    ),
  );
  const missing = stayed.filter(([id]) => !times.has(id)).map(([id]) => id);
  const twice = [...times].filter(([id, all]) => all.length > 1 && !isSomewhereElse.has(id));
  return { view: view.path, missing, twice };
}

const nothingWrong = ({ path }: View) => ({ view: path, missing: [], twice: [] });

test("who walks through a list while rows come, change and go has nothing twice and misses nothing that stayed", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...views),
      fc.array(fc.array(mutation, { maxLength: 2 }), { minLength: 3, maxLength: 6 }),
      fc.integer({ min: 3, max: 9 }),
      fc.boolean(),
      async (view, mutations, limit, isCurrent) => {
        const walked = await walk({ view, mutations, limit, isCurrent });
        expect(walked).toEqual(nothingWrong(view));
      },
    ),
    { numRuns: runs(10) },
  );
}, 600_000);

const CHANGES = 1_000;

/** A minute and more for all of them: each run takes some, and `nightly` all, by `PROPERTY_RUNS`. */
const ONE_OF = runs(1) < 5 ? 20 : 1;

test("the same by every column and both ways, while a thousand things happen", async () => {
  const happening = fc.sample(mutation, CHANGES);
  const each = Math.ceil(CHANGES / views.length);
  for (const [index, view] of views.entries()) {
    if (index % ONE_OF !== Math.abs(SEED) % ONE_OF) continue;
    const mine = happening.slice(index * each, (index + 1) * each);
    const mutations = [0, 1, 2].map((page) => mine.filter((_, n) => n % 3 === page));
    const walked = await walk({ view, mutations, limit: 9, isCurrent: index % 2 === 0 });
    expect({ SEED, ...walked }).toEqual({ SEED, ...nothingWrong(view) });
  }
}, 600_000);
