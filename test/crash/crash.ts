import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { between, type Random, seeded } from "../../sandbox/random.ts";
import { applyManifest } from "../../src/commands/datacore.ts";
import { loadConfig } from "../../src/config/config.ts";
import { freshDatabase, type TestDatabase } from "../support/database.ts";
import { API_KEY, type Outside, playOutside, reservePort } from "../support/outside.ts";
import { until } from "../support/stage.ts";
import { actor } from "./actor.ts";
import { compareHours, compareRows, compareSheet, type Rows } from "./compare.ts";
import { auditBooks, compareRebuilt, historyOf, readLog } from "./ledger.ts";
import { readModel } from "./model.ts";
import { complaints, note, startProgram } from "./process.ts";
import { compareReplayed, rebuilds } from "./rebuild.ts";

export interface CrashOptions {
  kills: number;
  seed: number;
  /** Milliseconds; no kill after that. */
  deadline?: number;
  say?: (line: string) => void;
}

export interface CrashReport {
  kills: number;
  /** How often rows that were rebuilt meanwhile took the place of the live ones. */
  rebuilt: number;
  /** How often each change was made in the played Vivenu. */
  changes: Readonly<Record<string, number>>;
  struck: Record<string, number>;
  facts: number;
  deliveries: number;
  /** What was wrong in the end: nothing. */
  faults: string[];
  /** Where the service's output is, if something was wrong. */
  logPath: string | undefined;
}

/** Longer than a count leaves out, so that the last poll knows the last sale. */
const SETTLE_MS = 2_500;
const QUIET_WITHIN_MS = 180_000;

/**
 * The real service process in a played world: under load, with everything around it failing, killed at
 * random moments and started again. In the end nothing fails any more, and rows, sheet, log and books
 * must say what Vivenu says.
 */
export async function crashTest({
  kills,
  seed,
  deadline,
  say,
}: CrashOptions): Promise<CrashReport> {
  const random = seeded(seed);
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-crash-"));
  const logPath = join(folder, "service.log");
  await using own = await freshDatabase();
  const { port, release } = reservePort();
  await using outside = await playOutside({ season: "small", port });
  const environment = {
    ...outside.environment,
    ...{ PORT: String(port), HOST: "127.0.0.1", DATABASE_URL: own.url, LOG_LEVEL: "info" },
    // Every start finds a poll due: it is killed in the middle of one as often as not.
    POLL_SCHEDULE: "* * * * * *",
    HINT_INTERVAL: "1",
  };
  await applyManifest(loadConfig(environment));
  release();
  const serve = () => startProgram(["serve"], { environment, logPath });

  const crowd = await actor(outside, seeded(seed + 1));
  const struck: Record<string, number> = {};
  const load = keepActing(crowd.act, seeded(seed + 2));
  const rebuild = rebuilds({ environment, logPath }, seeded(seed + 3));
  let killed = 0;
  try {
    while (killed < kills && performance.now() < (deadline ?? Number.POSITIVE_INFINITY)) {
      if (killed % 4 === 0) setFaults(outside, random, struck);
      const service = serve();
      rebuild.maybeStart();
      await Bun.sleep(lifeMs(random));
      service.kill("SIGKILL");
      rebuild.maybeKill();
      await service.exited;
      killed += 1;
      note(logPath, `kill ${killed}`);
      if (killed % 3 === 0) await hurryWebhooks(outside);
      if (killed % 50 === 0) say?.(`${killed} kills`);
    }
  } finally {
    await load.stop();
    await rebuild.stop();
  }
  clearFaults(outside, struck);
  await outside.datacore.reveal();
  await Bun.sleep(SETTLE_MS);

  const service = serve();
  const faults: string[] = [];
  try {
    await service.ready();
    await quiet(own, outside);
    const polling = startProgram(["poll"], { environment, logPath });
    if ((await polling.exited) !== 0) faults.push("the last poll could not read everything");
    await quiet(own, outside);
    faults.push(...(await verdict({ own, outside, random, url: service.url })));
    faults.push(...(await compareReplayed({ environment, logPath })));
    service.kill("SIGTERM");
    const code = await service.exited;
    if (code !== 0) faults.push(`SIGTERM ended it with ${code}`);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    faults.push(...complaints(logPath, 3));
  } finally {
    service.kill("SIGKILL");
    await service.exited;
  }
  const [counted] = await own.sql<{ deliveries: number; facts: number }[]>`
    select (select count(*) from inbox)::int as deliveries, (select count(*) from outbox)::int as facts
  `;
  if (faults.length === 0) await rm(folder, { recursive: true, force: true });
  return {
    kills: killed,
    rebuilt: rebuild.swapped(),
    changes: crowd.done,
    struck,
    facts: counted?.facts ?? 0,
    deliveries: counted?.deliveries ?? 0,
    faults,
    logPath: faults.length > 0 ? logPath : undefined,
  };
}

/** Some do not live to answer, most not to write the sheet. */
function lifeMs(random: Random) {
  const kind = random();
  if (kind < 0.3) return between(random, 0, 800);
  return kind < 0.8 ? between(random, 800, 3_500) : between(random, 4_000, 7_000);
}

/** One change after the other, a few a second, until it is stopped. */
function keepActing(act: () => Promise<void>, random: Random) {
  let stopped = false;
  const acting = (async () => {
    while (!stopped) {
      await act();
      await Bun.sleep(between(random, 5, 60));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await acting;
    },
  };
}

function setFaults(outside: Outside, random: Random, struck: Record<string, number>) {
  clearFaults(outside, struck);
  const seed = between(random, 1, 1_000_000);
  /** Half of them at a time, each as likely as said. */
  const some = (faults: Record<string, object>) => ({
    seed,
    ...Object.fromEntries(Object.entries(faults).filter(() => random() < 0.5)),
  });
  const held = { holdMs: 1_500 };
  outside.datacore.faults.set(
    some({
      visibilityDelay: { minMs: 0, maxMs: 4_000, probability: 0.3 },
      clockSkew: { skewsMs: [0, -3_000, 1_500] },
      duplicateSameId: { probability: 0.2 },
      duplicateNewId: { probability: 0.2 },
      silentDrop: { probability: 0.1 },
      shortPages: { probability: 0.5 },
      emptyPages: { probability: 0.5 },
      danglingCursor: { probability: 0.5 },
      slowPages: { msPerEvent: 0.5, probability: 0.5 },
      bucketLag: { ms: 60_000 },
      failBefore: [
        { on: "ingest", status: 503, probability: 0.1 },
        { on: "read", status: 500, probability: 0.1 },
        { status: "timeout", probability: 0.03, ...held },
      ],
      failAfter: [
        { status: "reset", probability: 0.1 },
        { status: 504, probability: 0.1 },
      ],
      revokedKey: { on: "ingest", probability: 0.03 },
    }),
  );
  outside.vivenu.faults.set(
    some({
      throttle: { retryAfterS: 1, probability: 0.1 },
      unavailable: { probability: 0.1 },
      hang: { probability: 0.03, ...held },
      reset: { probability: 0.1 },
      truncatedJson: { probability: 0.1 },
      refused: { probability: 0.02 },
      unsorted: { stable: false },
      wrongTotals: { probability: 0.05 },
      changingTickets: { probability: 0.05 },
      changingEvents: { probability: 0.1, next: 1 },
    }),
  );
  outside.sheets.faults.set(
    some({
      failBefore: [
        { on: "read", status: 500, probability: 0.1 },
        { on: "write", status: 429, probability: 0.2 },
      ],
      failAfter: [
        { status: 500, probability: 0.2 },
        { status: "reset", probability: 0.2 },
      ],
      lateWrite: { ms: 1_000, probability: 0.2 },
    }),
  );
}

function clearFaults({ datacore, vivenu, sheets }: Outside, struck: Record<string, number>) {
  for (const [system, { faults }] of Object.entries({ datacore, vivenu, sheets })) {
    for (const [name, times] of Object.entries(faults.read().injected))
      struck[`${system} ${name}`] = (struck[`${system} ${name}`] ?? 0) + times;
    // Set to nothing, not only cleared: the counters begin anew.
    faults.set({});
    faults.clear();
  }
}

/** Vivenu tries again after half a minute and more; here nobody waits for that, and it never gives up. */
async function hurryWebhooks({ sql, vivenu }: Outside) {
  await sql`update vivenu.delivery set due_at = now(), attempts = 0 where due_at is not null`;
  await vivenu.deliverDue();
}

/** Until nothing is under way any more; what would wait for its next try need not. */
async function quiet({ sql }: TestDatabase, outside: Outside) {
  await until(
    async () => {
      await hurryWebhooks(outside);
      await Bun.sleep(150);
      await sql`update outbox set next_attempt_at = now() where confirmed_at is null and next_attempt_at > now() + interval '10 seconds'`;
      const [left] = await sql<{ inbox: number; outbox: number }[]>`
        select
          (select count(*) from inbox where translated_at is null and refused_at is null)::int as inbox,
          (select count(*) from outbox where confirmed_at is null and refused_at is null)::int as outbox
      `;
      const [sent] = await outside.sql<{ pending: number }[]>`
        select count(*)::int as pending from vivenu.delivery where due_at is not null
      `;
      return left?.inbox === 0 && left.outbox === 0 && sent?.pending === 0;
    },
    { withinMs: QUIET_WITHIN_MS, what: "nothing waits in inbox, outbox and Vivenu" },
  );
}

interface Trial {
  own: TestDatabase;
  outside: Outside;
  random: Random;
  url: string;
}

async function verdict({ own, outside, random, url }: Trial): Promise<string[]> {
  const model = await readModel(outside);
  const log = await readLog(outside.sql);
  const [given] = await outside.sql<{ up: number }[]>`
    select count(*)::int as up from vivenu.delivery where due_at is null
  `;
  const hours = await own.sql<
    { eventId: string; ticketTypeId: string; hour: Date; kind: string; tickets: number }[]
  >`select event_id, ticket_type_id, hour, kind, tickets from sales_hour`;
  const rows = await readApi(url);
  // The mirror gathers, and looks by itself once a minute: a late write of a dead process is healed then.
  let sheet: string[] = [];
  await until(
    async () => {
      sheet = compareSheet(rows, {
        events: await outside.readTab("Events").catch(() => []),
        ticketTypes: await outside.readTab("Ticket Types").catch(() => []),
      });
      return sheet.length === 0;
    },
    { withinMs: 75_000, what: "the sheet as the rows are" },
  ).catch(() => {});
  const faults = [
    ...((given?.up ?? 0) > 0 ? [`${given?.up} webhooks were refused or given up`] : []),
    ...compareRows(rows, model),
    ...compareHours(hours, model),
    ...sheet,
    ...(await auditBooks(own, log)),
    ...(await compareRebuilt(own, log, random)),
  ];
  const [, wrong] = /^event (\w+): /m.exec(faults.join("\n")) ?? [];
  return wrong === undefined ? faults : [...faults, ...(await historyOf(own, log, wrong))];
}

async function readApi(url: string): Promise<Rows> {
  const all = async <Row>(path: string, name: string) => {
    const rows: Row[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const from: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const response = await fetch(`${url}${path}${from}`, { headers: { "x-api-key": API_KEY } });
      if (!response.ok) throw new Error(`${path} answered ${response.status}`);
      // The cast: what the API promises is held by its own tests.
      const page = (await response.json()) as Record<string, Row[]> & { nextCursor: string | null };
      rows.push(...(page[name] ?? []));
      cursor = page.nextCursor;
    }
    return rows;
  };
  return {
    events: await all("/api/events?limit=200", "events"),
    ticketTypes: await all("/api/ticket-types?limit=1000", "ticketTypes"),
  };
}
