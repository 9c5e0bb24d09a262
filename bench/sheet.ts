import { playSheets } from "../sandbox/sheets/server.ts";
import { connect } from "../src/database/connect.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createLogger } from "../src/lib/logger.ts";
import { wakeSignal } from "../src/lib/loop.ts";
import { googleSpreadsheet } from "../src/sheets/google/google.ts";
import type { SheetRequest, Spreadsheet } from "../src/sheets/google/spreadsheet.ts";
import { layout, type SheetRows, type Tab } from "../src/sheets/layout/layout.ts";
import { createMirror, type Look } from "../src/sheets/sync/mirror.ts";
import { planTabs, requestsOf as requestsOfPlan } from "../src/sheets/sync/plan.ts";
import { raisePostgres } from "./ending.ts";
import { describeMs, say } from "./load.ts";

const OURS = "ours";
const NAIVE = "cleared-and-rewritten";
const EMAIL = "bench@played.example.com";
const TIMEOUT_MS = 120_000;
/** Parts of the syncs whose memory is told. */
const PARTS = 5;

/** Calls, bytes sent, cells written and time of a sync, against clearing the tabs and writing them anew. */
export async function sheetBench(
  events: number,
  ticketTypes: number,
  syncs: number,
): Promise<void> {
  const server = await raisePostgres();
  const sql = connect(server.url.href, { max: 4 });
  const played = await playSheets({
    sql,
    port: 0,
    spreadsheetId: OURS,
    copies: [NAIVE],
    serviceAccountEmail: EMAIL,
    log: () => {},
    quota: { readsPerMinute: 1e6, writesPerMinute: 1e6 },
  });
  const meters = { ours: meter(), naive: meter() };
  const spreadsheetOf = (spreadsheetId: string, { admit }: ReturnType<typeof meter>) =>
    googleSpreadsheet({
      ...{ spreadsheetId, admit, serviceAccountEmail: EMAIL, privateKey: played.privateKey },
      ...{ baseUrl: played.url, timeoutMs: TIMEOUT_MS },
    });
  try {
    let rows = season(events, ticketTypes);
    const mirror = createMirror({
      spreadsheet: metered(spreadsheetOf(OURS, meters.ours), meters.ours),
      readRows: async () => rows,
      clock: systemClock,
      logger: createLogger("silent"),
    });
    const naive = metered(spreadsheetOf(NAIVE, meters.naive), meters.naive);
    const step = async (what: string, changed: number, look: Look = "all") => {
      say(`\n${what}`);
      rows = changedIn(rows, changed);
      const ours = await timed(meters.ours, () => mirror.sync(look));
      if (look === "changed") return say(`  ours                ${describe(ours)}`);
      const theirs = await timed(meters.naive, () => rewrite(naive, layout(rows)));
      say(`  ours                ${describe(ours)}`);
      say(`  clear and rewrite   ${describe(theirs)}`);
      say(
        `  ratio               calls ${ratio(ours.calls, theirs.calls)}, bytes ${ratio(ours.bytes, theirs.bytes)}, cells ${ratio(ours.cells, theirs.cells)}, time ${ratio(ours.ms, theirs.ms)}`,
      );
    };
    say(`${events} events, ${ticketTypes} ticket types, all tabs`);
    await step("an empty spreadsheet", 0);
    await step("nothing changed", 0);
    await step("1 row changed, 3 cells of it", 1);
    await step("50 rows changed, 3 cells each", 50);
    await step("5,000 rows changed, 3 cells each", 5_000);
    await step("nothing changed", 0);
    await step("woken, and nothing changed", 0, "changed");
    await step("woken, 1 row changed", 1, "changed");
    await step("woken, 50 rows changed", 50, "changed");
    say(
      `\n${syncs} syncs, of which every other finds a changed row: memory in use before, and after each fifth of them`,
    );
    const used: string[] = [];
    for (let part = 0; part <= PARTS; part += 1) {
      Bun.gc(true);
      used.push(`${Math.round(process.memoryUsage().heapUsed / 1e6)} MB`);
      for (let n = 0; part < PARTS && n < syncs / PARTS; n += 1) {
        rows = changedIn(rows, n % 2);
        await mirror.sync(n % 10 === 0 ? "all" : "changed");
      }
    }
    say(`  ${used.join(", ")}`);
    say("\nfrom a changed row to its cell, with the loop as `serve` runs it, 10 samples");
    const late = await lateness(spreadsheetOf(OURS, meters.ours), (sold) => {
      rows = withSold(rows, sold);
      return rows;
    });
    say(`  ${sorted(late.ms)}`);
    say(`  of it a read        ${sorted(late.read)}`);
    say(`  of it a write       ${sorted(late.write)}`);
  } finally {
    await played.stop();
    await sql.end({ timeout: 5 });
    await server.stop();
  }
}

function meter() {
  const counted = { calls: 0, bytes: 0, cells: 0 };
  const admit = async () => {
    counted.calls += 1;
  };
  return { counted, admit };
}

/** Counts what is sent: the bytes of the requests, and the cells whose value they name. */
const metered = (to: Spreadsheet, { counted }: ReturnType<typeof meter>): Spreadsheet => ({
  ...to,
  write(requests, readBack) {
    counted.bytes += Buffer.byteLength(JSON.stringify(requests));
    counted.cells += cellsIn(requests);
    return to.write(requests, readBack);
  },
});

const cellsIn = (requests: readonly SheetRequest[]) =>
  requests
    .flatMap(({ updateCells }) => updateCells?.rows ?? [])
    .reduce((sum, { values }) => sum + (values?.length ?? 0), 0);

async function timed({ counted }: ReturnType<typeof meter>, run: () => Promise<unknown>) {
  Object.assign(counted, { calls: 0, bytes: 0, cells: 0 });
  const startedAt = performance.now();
  await run();
  return { ...counted, ms: performance.now() - startedAt };
}

type Measured = Awaited<ReturnType<typeof timed>>;

const describe = ({ calls, bytes, cells, ms }: Measured) =>
  `${calls} calls, ${(bytes / 1_000).toFixed(1)} kB sent, ${cells} cells written, ${ms.toFixed(0)} ms`;

const ratio = (ours: number, theirs: number) => (theirs === 0 ? "-" : (ours / theirs).toFixed(4));

/** What known tools do: one call that empties each tab, and one that writes all of it. */
async function rewrite(spreadsheet: Spreadsheet, tabs: Tab[]) {
  const { tabs: there, takenIds } = await spreadsheet.read(tabs);
  for (const { sheetId } of there)
    await spreadsheet.write([{ updateCells: { range: { sheetId }, fields: "userEnteredValue" } }]);
  const blank = there.map((tab) => ({ ...tab, rows: [] }));
  for (const plan of planTabs(tabs, { tabs: blank, takenIds }))
    await spreadsheet.write(requestsOfPlan(plan, plan.writes));
}

const idOf = (number: number) => (number + 1).toString(16).padStart(24, "0");

function season(events: number, ticketTypes: number): SheetRows {
  const lastUpdated = "2026-03-01T08:00:00Z";
  const timezone = "Europe/Berlin";
  return {
    events: Array.from({ length: events }, (_, at) => ({
      ...{ eventId: idOf(at), region: "DACH", eventName: `HYROX City ${at}`, timezone },
      ...{ eventDate: "2026-10-01T08:00:00Z", salesLaunchDate: "2026-02-01T10:00:00Z" },
      ...{ status: "ON_SALE", totalCapacity: 5_000, totalSold: 0, totalAvailable: 5_000 },
      ...{ percentSold: 0, lastUpdated },
    })),
    ticketTypes: Array.from({ length: ticketTypes }, (_, at) => ({
      ...{ eventId: idOf(at % events), eventName: `HYROX City ${at % events}`, region: "DACH" },
      ...{ ticketTypeId: idOf(100_000 + at), ticketName: `HYROX MEN | Wave ${at}`, timezone },
      ...{ price: 99.5, currency: "EUR", capacity: 100, sold: 0, available: 100, lastUpdated },
      ...{ availableToBuy: 100, class: "race", inTotals: true, active: true, percentSold: 0 },
      ...{ reserved: 0, oversold: 0, soldUnderShop: 0, complimentary: 0 },
      eventDate: "2026-10-01T08:00:00Z",
    })),
    ...otherTabs(events),
  };
}

/** As many rows as a season's sheet has with its settings as they are. */
function otherTabs(events: number): Partial<SheetRows> {
  const numbers = Array.from({ length: events }, (_, at) => at);
  const of = (at: number) => ({
    ...{ eventId: idOf(at), eventName: `HYROX City ${at}`, region: "DACH" },
    timezone: "Europe/Berlin",
  });
  const eventDate = "2026-10-01T08:00:00Z";
  const changes = Math.min(2_000, 20 * events);
  const changedOf = (at: number) => ({
    ...{ ...of(at % events), changeType: "ticketType", source: "webhook", severity: "medium" },
    ...{ field: `amount of Wave ${at}`, changedAt: new Date(1.77e12 + at * 6e5).toISOString() },
    previousValue: { value: at, isInstant: false },
    newValue: { value: at + 1, isInstant: false },
  });
  return {
    overview: numbers.map((at) => ({
      ...{ ...of(at), status: "ON_SALE", sold: 0, left: 5_000, percentSold: 0, last24Hours: 9 },
      ...{ last7Days: 70, previous7Days: 80, pointsAhead: -2.5, daysToRace: 200 },
      ...{ nextLaunch: null, sinceYesterday: "Price: HYROX MEN", value: 9_900, currency: "EUR" },
      sellsOut: { expected: eventDate, low: eventDate, high: null, words: null },
      curve: Array.from({ length: 24 }, (_, n) => n * 20),
    })),
    underShops: numbers.flatMap((at) =>
      [0, 1].map((shop) => ({
        ...{ ...of(at), eventDate, underShopId: idOf(900_000 + 2 * at + shop), active: true },
        ...{ underShopName: `Shop ${shop}`, inventoryStrategy: "dependent", allocation: 100 },
        ...{ sold: 0, left: 100, salesStart: null, salesEnd: null },
      })),
    ),
    allChanges: Array.from({ length: changes }, (_, n) => ({
      ...{ ...changedOf(changes - 1 - n), id: `change${changes - 1 - n}`, subjectId: idOf(n) },
      ...{ subjectName: `HYROX MEN | Wave ${n}`, fieldName: "amount", kind: "places" as const },
    })),
    changes: Array.from({ length: changes }, (_, n) => changedOf(n)),
    salesByDay: numbers.flatMap((at) =>
      Array.from({ length: 90 }, (_, n) => ({
        ...{ ...of(at), day: new Date(1.77e12 + n * 864e5).toISOString().slice(0, 10) },
        ...{ days: 1, newSales: 9, replacements: 0, refunds: 0, totalSold: 9 * n },
        ...{ percentSold: 1, knownBy: "counts", daysSinceLaunch: n, daysToEvent: 200 - n },
      })),
    ),
    days: { unreadable: [] },
    status: Array.from({ length: 12 }, (_, n) => ({ item: `Line ${n}`, value: n, at: null })),
  };
}

/** Sells one ticket of each of so many ticket types, which is three cells: sold, available, when. */
function changedIn(rows: SheetRows, many: number): SheetRows {
  const now = new Date().toISOString();
  return {
    ...rows,
    ticketTypes: rows.ticketTypes.map((type, at) =>
      at < many
        ? {
            ...type,
            sold: (type.sold ?? 0) + 1,
            available: (type.available ?? 0) - 1,
            lastUpdated: now,
          }
        : type,
    ),
  };
}

/** From the notification of a changed row to the moment at which the write was answered. */
async function lateness(spreadsheet: Spreadsheet, change: (sold: number) => SheetRows) {
  const ms: number[] = [];
  /** Of the answers of the played Google, which works in this process. */
  const waited = { read: [] as number[], write: [] as number[] };
  const waiting = async <Answer>(use: "read" | "write", ask: () => Promise<Answer>) => {
    const startedAt = performance.now();
    const answer = await ask();
    waited[use].push(performance.now() - startedAt);
    return answer;
  };
  const over = new AbortController();
  const wake = wakeSignal();
  let rows = change(0);
  let written = Promise.withResolvers<void>();
  const mirror = createMirror({
    spreadsheet: {
      ...spreadsheet,
      read: (titles) => waiting("read", () => spreadsheet.read(titles)),
      async write(requests, readBack) {
        const after = await waiting("write", () => spreadsheet.write(requests, readBack));
        written.resolve();
        return after;
      },
    },
    readRows: async () => rows,
    clock: systemClock,
    logger: createLogger("silent"),
  });
  await mirror.sync();
  waited.read = [];
  waited.write = [];
  const running = mirror.run(over.signal, wake);
  for (let sample = 1; sample <= 10; sample += 1) {
    written = Promise.withResolvers<void>();
    await Bun.sleep(Math.random() * 3_000);
    const startedAt = performance.now();
    rows = change(sample);
    wake.notify();
    await written.promise;
    ms.push(performance.now() - startedAt);
  }
  over.abort();
  await running;
  return { ms, ...waited };
}

const sorted = (ms: number[]) => describeMs({ ms: ms.toSorted((a, b) => a - b), failed: 0 });

/** A sale of the first event, as all tabs tell of it but those of changes. */
function withSold(rows: SheetRows, sold: number): SheetRows {
  const first = idOf(0);
  const isIt = (row: { eventId: string }) => row.eventId === first;
  const day = rows.salesByDay?.findLast(isIt)?.day;
  return {
    ...rows,
    events: rows.events.map((row) => (isIt(row) ? { ...row, totalSold: sold } : row)),
    ticketTypes: rows.ticketTypes.map((row, at) => (at === 0 ? { ...row, sold } : row)),
    ...(rows.overview && {
      overview: rows.overview.map((row) => (isIt(row) ? { ...row, sold } : row)),
    }),
    ...(rows.salesByDay && {
      salesByDay: rows.salesByDay.map((row) =>
        isIt(row) && row.day === day ? { ...row, newSales: sold } : row,
      ),
    }),
  };
}
