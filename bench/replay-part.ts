/** One part of the replay benchmark, in a process of its own so that its memory is its own. */
import { pino } from "pino";
import { connect } from "../src/database/connect.ts";
import { flowcore } from "../src/datacore/flowcore.ts";
import { systemClock } from "../src/lib/clock.ts";
import { defaultPasses } from "../src/projections/consumer/passes.ts";
import { projectionsFor } from "../src/projections/derived/projections.ts";
import { replay } from "../src/projections/rebuild/replay.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";
import { keepHeapSmall } from "../src/service/processes/heap.ts";
import { copyFloor } from "./copy-floor.ts";
import { KEY, type Measured, TENANT } from "./replay.ts";

const { BENCH_URL: url = "", BENCH_DATACORE: baseUrl, BENCH_DATACORE_ID = "" } = process.env;
const sql = connect(url, { max: 8 });
const projections = projectionsFor({ policy: defaultPolicy });
const datacore = flowcore({
  ...{ tenant: TENANT, dataCoreId: BENCH_DATACORE_ID, apiKey: KEY, baseUrl },
  ...{ ingestTimeoutMs: 10_000, readTimeoutMs: 30_000 },
});

const parts: Record<string, () => Promise<number>> = {
  async a() {
    const report = await replay({
      ...{ url, sql, datacore, projections, settings: defaultPasses, clock: systemClock },
      logger: pino({ level: "silent" }),
      signal: new AbortController().signal,
      dryRun: false,
    });
    return report.facts;
  },
  floor: () => copyFloor({ sql, datacore }),
};

async function sizeOfRows() {
  let rows = 0;
  let bytes = 0;
  for (const table of [...projections.flatMap(({ tables }) => tables), "applied_fact"]) {
    const [found] = await sql<{ rows: number; bytes: number }[]>`
      select count(*)::int as rows, pg_total_relation_size(${table})::float8 as bytes
      from ${sql(table)}
    `;
    rows += found?.rows ?? 0;
    bytes += found?.bytes ?? 0;
  }
  return { rows, databaseMb: bytes / 1_000_000 };
}

const over = new AbortController();
keepHeapSmall("worker", over.signal);
let peak = 0;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 50);
const cpuAtStart = process.cpuUsage();
const startedAt = performance.now();
const facts = await parts[process.argv[2] ?? ""]?.();
const { user, system } = process.cpuUsage(cpuAtStart);
const seconds = (performance.now() - startedAt) / 1_000;
clearInterval(sampling);
const measured: Measured = {
  facts: facts ?? 0,
  seconds,
  cpuSeconds: (user + system) / 1_000_000,
  ...(await sizeOfRows()),
  peakMb: peak / 1_000_000,
};
over.abort();
process.stdout.write(`${JSON.stringify(measured)}\n`);
await sql.end({ timeout: 5 });
datacore.close();
process.exit();
