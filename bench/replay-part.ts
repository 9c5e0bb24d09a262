/** One part of the replay benchmark, in a process of its own so that its memory is its own. */
import { pino } from "pino";
import { type Fact, flowTypes } from "../src/contracts/index.ts";
import { connect } from "../src/database/connect.ts";
import { flowcore } from "../src/datacore/flowcore.ts";
import { systemClock } from "../src/lib/clock.ts";
import { projections } from "../src/projections/index.ts";
import { remember } from "../src/projections/position.ts";
import { defaultReading } from "../src/projections/reading.ts";
import { replay } from "../src/projections/replay.ts";
import { asRead } from "../test/facts.ts";
import { generateFacts } from "./facts.ts";
import { KEY, type Measured, TENANT } from "./replay.ts";

const { BENCH_URL: url = "", BENCH_DATACORE: baseUrl, BENCH_DATACORE_ID = "" } = process.env;
const wanted = Number(process.env.BENCH_FACTS);
const BATCH = 500;
const sql = connect(url, { max: 8 });
const datacore = flowcore({
  ...{ tenant: TENANT, dataCoreId: BENCH_DATACORE_ID, apiKey: KEY, baseUrl },
  ...{ ingestTimeoutMs: 10_000, readTimeoutMs: 30_000 },
});

const parts: Record<string, () => Promise<number>> = {
  async a() {
    const report = await replay({
      ...{ url, sql, datacore, projections, settings: defaultReading, clock: systemClock },
      log: pino({ level: "silent" }),
      signal: new AbortController().signal,
      dryRun: false,
    });
    return report.facts;
  },
  async b() {
    let applied = 0;
    for (const flowType of flowTypes)
      for (const timeBucket of await datacore.readTimeBuckets(flowType)) {
        let cursor: string | undefined;
        do {
          const page = await datacore.readPage({
            ...{ flowType, timeBucket, pageSize: defaultReading.pageSize },
            ...(cursor !== undefined && { cursor }),
          });
          for (const fact of page.facts) {
            if (applied >= wanted) return applied;
            await applyAlone(flowType, fact);
            applied += 1;
          }
          cursor = page.cursor;
        } while (cursor !== undefined);
      }
    return applied;
  },
  async c() {
    let batch: Fact[] = [];
    let applied = 0;
    const write = async () => {
      const facts = batch;
      batch = [];
      applied += facts.length;
      await sql.begin(async (tx) => {
        for (const projection of projections) await projection.keep(tx, facts);
      });
    };
    for (const fact of generateFacts(wanted)) {
      batch.push(asRead(fact));
      if (batch.length === BATCH) await write();
    }
    if (batch.length > 0) await write();
    await sql.begin(async (tx) => {
      for (const projection of projections) await projection.rebuild(tx);
    });
    return applied;
  },
};

/** As the usual handler does it. */
const applyAlone = (flowType: string, fact: Fact) =>
  sql.begin(async (tx) => {
    await remember(tx, flowType, [fact.factId]);
    for (const projection of projections) await projection.apply(tx, [fact]);
  });

async function countRows() {
  let rows = 0;
  for (const table of projections.flatMap(({ tables }) => tables)) {
    const [count] = await sql<{ rows: number }[]>`select count(*)::int as rows from ${sql(table)}`;
    rows += count?.rows ?? 0;
  }
  return rows;
}

let peak = 0;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 50);
const startedAt = performance.now();
const facts = await parts[process.argv[2] ?? ""]?.();
const seconds = (performance.now() - startedAt) / 1_000;
clearInterval(sampling);
const measured: Measured = {
  facts: facts ?? 0,
  seconds,
  rows: await countRows(),
  peakMb: peak / 1_000_000,
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
await sql.end();
datacore.close();
process.exit();
