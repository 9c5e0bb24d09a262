import { createHash } from "node:crypto";
import { type ApiOptions, api } from "../../src/api/app.ts";
import type { ReadLists, Rows } from "../../src/api/events/row-reads.ts";
import type { Status } from "../../src/api/operation/status.ts";
import type { KeyRing } from "../../src/api/request/callers.ts";
import type { ReadNamed } from "../../src/api/request/named.ts";
import { createLogger } from "../../src/lib/logger.ts";
import type {
  ChangeRow,
  ForecastPage,
  LevelRow,
  Pace,
  SalesRow,
} from "../../src/projections/queries/row-types.ts";
import type { EventRow, TicketTypeRow } from "../../src/projections/queries/rows.ts";
import { ROWS_AT as now } from "./rows.ts";

export { eventRow, ticketTypeRow } from "./rows.ts";

export const KEY = "test-key-one";
export const OTHER_KEY = "test-key-two";

export const pace = (more: Partial<Pace> = {}): Pace => ({
  until: now,
  unknown: null,
  hourSoFar: 1,
  lastHour: 2,
  last24Hours: 30,
  last7Days: 140,
  previous7Days: 90,
  perDay: 20,
  daysToRace: 212,
  neededPerDay: 2.35,
  usual: null,
  usualUnknown: "tooFewComparables",
  ...more,
});

export const changeRow = (row: Partial<ChangeRow> = {}): ChangeRow => ({
  id: "c1",
  eventId: "e1",
  eventName: "HYROX Testhausen",
  region: "DACH",
  timezone: "Europe/Berlin",
  changeType: "soldOut",
  ...{ subjectId: null, subjectName: null, fieldName: "available", kind: "places" },
  field: "available",
  previousValue: { value: 12, isInstant: false },
  newValue: { value: 0, isInstant: false },
  ...{ currency: null, isFirstCount: false },
  changedAt: now,
  source: "poll",
  severity: "high",
  ...row,
});

export const salesRow = (row: Partial<SalesRow> = {}): SalesRow => ({
  hour: null,
  date: "2026-02-03",
  ticketTypeId: null,
  ticketName: null,
  newSales: 40,
  replacements: 1,
  totalSold: 701,
  ...row,
});

export const status: Status = {
  status: "ok",
  version: "1.2.3",
  versions: {
    ...{ service: "1.2.3", schema: "0081_webhook_outcomes.sql", zones: "2026f" },
    ...{ schemaOfService: "0081_webhook_outcomes.sql", runtime: "Bun 1.4.5" },
  },
  now,
  problems: [],
  notes: [],
  sentences: [],
  summary: { events: {}, notCounted: 0, totalCapacity: 0, totalSold: 0, totalAvailable: 0 },
  webhooks: { lastHour: {}, lastDay: {}, ofNobody: { lastHour: {}, lastDay: {} } },
  accounts: [
    {
      region: "DACH",
      lastPollAt: now,
      lastPollComplete: true,
      lastPoll: null,
      webhooks: { lastHour: {}, lastDay: {} },
      lastWebhookAt: null,
      failures: [],
    },
  ],
  log: [
    {
      flowType: "vivenu.event.0",
      checkpoint: now,
      newestSeen: now,
      readAt: now,
      lagSeconds: 0.4,
      heldSince: null,
    },
  ],
  inbox: { waiting: 0, oldestWaitingAt: null, failing: 0, refused: 0 },
  outbox: { waiting: 1, oldestWaitingAt: now, failing: 0, refused: 0 },
  setAside: 0,
  toRemake: 0,
  typesInDoubt: [],
  zones: { version: "2026f", package: "a package", runtimeDiffers: [], unknown: [] },
  sheet: null,
};

export type Line = Record<string, unknown> & { event: string; level: string };

/** Keys without a restriction, by what they are. */
export const ringOf = (...keys: string[]): KeyRing => ({
  read: async () =>
    keys.map((key) => ({
      ...{ name: "default", isAdmin: false },
      digest: createHash("sha256").update(key).digest(),
    })),
});

export interface TestApi extends Partial<ApiOptions> {
  events?: EventRow[];
  ticketTypes?: TicketTypeRow[];
  changes?: ChangeRow[];
  /** Of every event there is. */
  levels?: LevelRow[];
  sales?: SalesRow[];
}

/** What a list's last page says beside its rows. */
export const lastPage = {
  ...{ next: null, removed: [], at: new Date(now), position: "700", database: "1" },
};

/** What every page of these lists says of it. */
export const nextUpdatedSince = `${now}~1~700`;

/** Of lists that fit on a page; what else is asked of them PostgreSQL answers. */
const firstPages = (read: () => Promise<Rows>): ReadLists => ({
  async events({ regions, statuses }) {
    const isWanted = (row: EventRow) =>
      (regions?.includes(row.region) ?? true) && (statuses?.includes(row.status) ?? true);
    return { rows: (await read()).events.filter(isWanted), ...lastPage };
  },
  async ticketTypes({ regions, eventIds }) {
    const isWanted = (row: TicketTypeRow) =>
      (regions?.includes(row.region) ?? true) && (eventIds?.includes(row.eventId) ?? true);
    return { rows: (await read()).ticketTypes.filter(isWanted), ...lastPage };
  },
});

/** What the lists have. */
const namedOf = (lists: ReadLists): ReadNamed => ({
  async events(ids, asOf) {
    const { rows } = await lists.events({ ids, asOf, limit: ids.length });
    return rows.filter(({ eventId }) => ids.includes(eventId));
  },
  async ticketTypes(ids, asOf) {
    const { rows } = await lists.ticketTypes({ ids, asOf, limit: 1_000 });
    return rows.filter(({ ticketTypeId }) => ids.includes(ticketTypeId));
  },
});

/** Of an event without anything to forecast it by. */
export const noForecast: ForecastPage = {
  ...{ history: "stored", at: new Date(now), sold: null, capacity: null, timezone: null },
  forecast: { known: false, reason: "notCounted", stretch: null, comparables: 0, wave: null },
  ...{ comparables: [], trial: null },
};

/** The API over rows held in memory, and what it logged. `get` sends the key. */
export function testApi({
  events = [],
  ticketTypes = [],
  changes = [],
  sales = [],
  levels = [],
  ...options
}: TestApi = {}) {
  const lines: Line[] = [];
  const readRows = options.readRows ?? (async () => ({ events, ticketTypes }));
  const lists = options.lists ?? firstPages(() => readRows({ eventId: "" }));
  const app = api({
    version: "1.2.3",
    clock: { now: () => new Date(now), pause: () => new Promise(() => {}) },
    logger: createLogger("debug", { write: (line) => lines.push(JSON.parse(line)) }),
    keys: ringOf(KEY, OTHER_KEY),
    limits: { perKey: 100_000, failedPerAddress: 100, trustedProxies: 0 },
    sealSecret: "the service's own",
    regions: ["DACH", "FRANCE"],
    bounds: { atWork: 8, waiting: 64 },
    readRows,
    lists,
    named: namedOf(lists),
    readPaces: async (rows) => new Map(rows.map((row) => [row.eventId, pace()])),
    readSellOuts: async () => new Map(),
    readAccounts: async () => [],
    readCurves: async () => new Map(),
    readChanges: async () => ({ rows: changes, next: null }),
    readSales: async (eventId) => {
      const event = events.find((one) => one.eventId === eventId);
      return event && { timezone: event.timezone, sales };
    },
    readLaunches: async () => ({ rows: [], next: null }),
    readLevels: async (eventId) => {
      const event = events.find((one) => one.eventId === eventId);
      return event && { timezone: event.timezone, countedFrom: now, rows: levels, next: null };
    },
    readForecast: async (eventId) => {
      const event = events.find((one) => one.eventId === eventId);
      return event && { ...noForecast, timezone: event.timezone };
    },
    readUnderShops: async () => [],
    readBacktest: async () => ({ history: "stored", pastEvents: 0, trials: null }),
    readSummary: async () => [],
    readSeasonSales: async () => ({ rows: [], leftOut: [], next: null }),
    readStatus: async () => status,
    checkReady: async () => {},
    ...options,
  });
  const get = (path: string, headers: Record<string, string> = {}) =>
    app.request(path, { headers: { "x-api-key": KEY, ...headers } });
  const read = async <Body = Record<string, unknown>>(path: string): Promise<Body> =>
    (await get(path)).json() as Promise<Body>;
  return { app, get, read, lines };
}
