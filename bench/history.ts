import type { Fact, NewFact } from "../src/contracts/index.ts";
import { connect, type Pool } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { payloadReader } from "../src/datacore/payloads.ts";
import { projectionsFor } from "../src/projections/derived/projections.ts";
import { readEventRows } from "../src/projections/queries/shown.ts";
import { historyMemory } from "../src/projections/tables/history-memory.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";
import {
  asRead,
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../test/support/facts.ts";
import { cpuSecondsOf, cpuSecondsOfThisProcess, postmasterOf } from "./cpu.ts";
import { raisePostgres } from "./ending.ts";
import { percentile, say } from "./load.ts";
import { statementTimes } from "./statement-times.ts";

const projections = projectionsFor({ policy: defaultPolicy });
const TYPES = 165;
const SHOPS = 60;
const EVENT = "68f000000000000000000001";
const SAMPLES = 50;
/** A service that has just started compiles its code at first: it is let do so, at another event's facts. */
const WARM_UP = 300;
const PROFILED = 200;
const OTHER = "68f000000000000000000002";

export interface HistoryBenchOptions {
  many: number;
  /** Says as well where the time of a fact goes. */
  profiled: boolean;
}

/** The facts of one event, the next of which is asked for again and again. */
type NextFact = (n: number) => NewFact;

const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
const idOf = (n: number) => `68f00000000000000000${(1_000 + n).toString()}`;

/** A fact as an answer of the log holds it. */
type Arriving = Pick<Fact, "factId" | "eventType"> & { text: string };

const asAnswered = ({ payload, ...fact }: Fact): Arriving => ({
  ...fact,
  text: JSON.stringify(payload),
});

/**
 * What a history costs: from a fact's text in hand, which is parsed and validated as the reader of the log does it,
 * to its row, and bytes of PostgreSQL a fact, when an event has had few facts and when it has had many. Nothing of
 * the transport is in it. The facts before are kept as a replay keeps them, so that thousands of them take a
 * minute.
 */
export async function historyBench({ many, profiled }: HistoryBenchOptions): Promise<void> {
  const server = await raisePostgres();
  const admin = connect(server.url.href, { max: 1 });
  try {
    const postmaster = await postmasterOf(admin);
    const cpuUsed = () => ({
      process: cpuSecondsOfThisProcess(),
      postgres: postmaster === undefined ? 0 : (cpuSecondsOf(postmaster) ?? 0),
    });
    for (const [name, next] of Object.entries(kinds())) {
      await admin`create database ${admin(name)}`;
      const sql = connect(Object.assign(new URL(server.url), { pathname: `/${name}` }).href);
      await migrate(sql);
      say(`\n${name}: an event of ${TYPES} ticket types and ${SHOPS} undershops`);
      const read = factReader();
      await warmUp(sql, read, kinds(OTHER)[name]);
      const { take } = await measure(sql, { next, read, many, cpuUsed });
      if (profiled) await profile(sql, take);
      await sql.end({ timeout: 5 });
    }
  } finally {
    await admin.end({ timeout: 5 });
    await server.stop();
  }
}

/** As the reader of the log reads: what a fact says as the one of its event before is not validated again. */
function factReader() {
  const read = payloadReader();
  return ({ text, ...fact }: Arriving): Fact => {
    const payload = read(fact.eventType, JSON.parse(text));
    if (!payload.success) throw payload.error;
    // The cast: TypeScript does not see that the event type chose the contract.
    return { ...fact, payload: payload.data } as Fact;
  };
}

async function warmUp(sql: Pool, read: ReturnType<typeof factReader>, next: NextFact | undefined) {
  for (let n = 0; next && n < WARM_UP; n += 1) {
    await apply(sql, [read(asAnswered(asRead(next(n))))]);
    await readEventRows(sql, OTHER, { now: new Date(), policy: defaultPolicy });
  }
}

/** Where the time of a fact goes, once there are many before it. */
async function profile(sql: Pool, take: (count: number) => Fact[]) {
  const times = statementTimes();
  for (const fact of take(PROFILED))
    await times.measured((wrap) =>
      sql.begin(async (tx) => {
        const watched = wrap(tx);
        for (const projection of projections) await projection.apply(watched, [fact]);
      }),
    );
  times.report();
}

/** Seconds. */
interface CpuUsed {
  process: number;
  postgres: number;
}

interface Measuring {
  next: NextFact;
  read: ReturnType<typeof factReader>;
  many: number;
  cpuUsed: () => CpuUsed;
}

async function measure(sql: Pool, { next, read, many, cpuUsed }: Measuring) {
  let n = 0;
  const take = (count: number) =>
    Array.from({ length: count }, () => read(asAnswered(asRead(next(n++)))));
  const fillTo = async (facts: number) => {
    const memory = historyMemory();
    while (n < facts)
      await sql.begin(async (tx) => {
        const page = take(Math.min(100, facts - n));
        for (const projection of projections) await projection.keep(tx, page, { memory });
      });
    await sql.begin(async (tx) => {
      for (const projection of projections) await projection.rebuild(tx);
    });
    await sql`analyze`;
  };
  const medians: number[] = [];
  const sizes: { n: number; bytes: number }[] = [];
  for (const facts of [100, many]) {
    await fillTo(facts);
    sizes.push({ n, bytes: await sizeOf(sql) });
    const ms: number[] = [];
    const samples = Array.from({ length: SAMPLES }, () => asAnswered(asRead(next(n++))));
    const before = cpuUsed();
    for (const arriving of samples) {
      const startedAt = performance.now();
      await apply(sql, [read(arriving)]);
      await readEventRows(sql, EVENT, { now: new Date(), policy: defaultPolicy });
      ms.push(performance.now() - startedAt);
    }
    const after = cpuUsed();
    const cpuMs = (of: keyof CpuUsed) => ((after[of] - before[of]) * 1_000) / SAMPLES;
    ms.sort((a, b) => a - b);
    const median = percentile(ms, 0.5);
    medians.push(median);
    say(
      `  after ${facts}: median ${median.toFixed(1)} ms, p95 ${percentile(ms, 0.95).toFixed(1)} ms; ` +
        `CPU a fact: the process ${cpuMs("process").toFixed(1)} ms, PostgreSQL ${cpuMs("postgres").toFixed(1)} ms`,
    );
  }
  const [few, later] = medians;
  const [small, large] = sizes;
  if (few === undefined || later === undefined || !small || !large) return { take };
  const bytes = (large.bytes - small.bytes) / (large.n - small.n);
  say(`  ${(later / few).toFixed(2)} times at ${many}; ${(bytes / 1_000).toFixed(1)} kB a fact`);
  return { take };
}

const apply = (sql: Pool, facts: Fact[]) =>
  sql.begin(async (tx) => {
    for (const projection of projections) await projection.apply(tx, facts);
  });

async function sizeOf(sql: Pool) {
  let bytes = 0;
  for (const table of projections.flatMap(({ tables }) => tables)) {
    await sql`vacuum ${sql(table)}`;
    const [row] = await sql<{ bytes: number }[]>`
      select pg_total_relation_size(${table})::float8 as bytes
    `;
    bytes += row?.bytes ?? 0;
  }
  return bytes;
}

function kinds(eventId = EVENT): Record<string, NextFact> {
  const sold = new Array<number>(TYPES).fill(0);
  const count = (n: number, isWhole: boolean) => {
    const changed = new Set([0, 1, 2].map((k) => (n * 13 + k * 31) % TYPES));
    for (const index of changed) sold[index] = (sold[index] ?? 0) + 1;
    const said = {
      ...{ eventId, countedAt: at(n), observedAt: at(n) },
      idempotencyKey: `sales.counted/DACH/${eventId}/${at(n)}`,
      ticketTypes: [...sold.keys()]
        .filter((index) => isWhole || changed.has(index))
        .map((index) =>
          typeCount({
            ...{ ticketTypeId: idOf(index), sold: sold[index] ?? 0 },
            newSales: changed.has(index) ? { [at(n).slice(0, 13)]: 1 + (n % 9) } : {},
          }),
        ),
    };
    return isWhole ? salesCounted(said) : salesChanged(said);
  };
  const describe = (n: number) =>
    eventUpdated({
      ...{ eventId, updatedAt: at(n), observedAt: at(n) },
      ticketTypes: [...sold.keys()].map((index) =>
        ticketType({
          ...{ ticketTypeId: idOf(index), name: `HYROX MEN ${index} | Saturday` },
          amount: 100 + (n % TYPES === index ? n : 0),
        }),
      ),
      underShops: Array.from({ length: SHOPS }, (_, index) =>
        underShop({ underShopId: idOf(500 + index), name: `Partner ${index}` }),
      ),
    });
  return {
    whole_counts: (n) => (n === 0 ? describe(0) : count(n, true)),
    changed_counts: (n) => (n === 0 ? describe(0) : count(n, n === 1 || n % 1_440 === 0)),
    descriptions: describe,
  };
}
