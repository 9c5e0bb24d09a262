import { readFileSync } from "node:fs";
import type { NewFact } from "../src/contracts/index.ts";
import { connect, type Pool, type Sql } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { projectionsFor } from "../src/projections/derived/projections.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";
import {
  asRead,
  eventUpdated,
  salesChanged,
  salesCounted,
  ticketType,
  typeCount,
} from "../test/support/facts.ts";
import { raisePostgres } from "./ending.ts";
import { percentile, say } from "./load.ts";

const projections = projectionsFor({ policy: defaultPolicy });
const TYPES = 165;
/** From one fact to the next so many ticket types become otherwise. */
const CHANGED = 3;
const SAMPLES = 40;
const HALF_A_MINUTE_MS = 30_000;
const START = Date.UTC(2026, 0, 1);

/** Instants are half minutes: the past has whole ones, and what nobody counted in time comes between. */
const at = (n: number) => new Date(START + n * HALF_A_MINUTE_MS).toISOString();

interface Sample {
  rows: number;
  states: number;
  postgresMs: number;
  oursMs: number;
}

/**
 * What a fact costs that comes behind others of its event: rows that are written, and CPU, which says the
 * same on a busy machine, against a fact in time. Every second fact of the past is a description, so that a
 * fact has changes behind it.
 */
export async function lateBench({ steps }: { steps: number }): Promise<void> {
  const server = await raisePostgres();
  const sql = connect(server.url.href, { max: 1 });
  try {
    await migrate(sql);
    say(
      `an event of ${TYPES} ticket types of which ${CHANGED} change from fact to fact, with ${steps} facts`,
    );
    // A service that has just started compiles its code at first.
    await inTime(sql, steps);
    const baseline = tell("a count in time", await inTime(sql, steps));
    tell("a count that comes behind half of them", await betweenOthers(sql, steps), baseline);
    for (const behind of ["counts", "descriptions"] as const)
      tell(
        `${behind} that run behind ${SAMPLES} others`,
        await runsBehind(sql, { steps, behind }),
        baseline,
      );
  } finally {
    await sql.end({ timeout: 5 });
    await server.stop();
  }
}

async function inTime(sql: Pool, steps: number) {
  const event = played();
  await past(sql, event, steps);
  const samples: Sample[] = [];
  for (let n = 0; n < SAMPLES; n += 1)
    samples.push(await applied(sql, event.count(2 * (steps + n))));
  return samples;
}

async function betweenOthers(sql: Pool, steps: number) {
  const event = played();
  await past(sql, event, steps);
  const samples: Sample[] = [];
  for (let n = 0; n < SAMPLES; n += 1)
    samples.push(await applied(sql, event.count(steps + 2 * ((n * 17) % SAMPLES) + 1)));
  return samples;
}

/** What comes in time and what is behind take turns, as two flow types do. */
async function runsBehind(
  sql: Pool,
  { steps, behind }: { steps: number; behind: "counts" | "descriptions" },
) {
  const event = played();
  await past(sql, event, steps);
  const ahead = behind === "counts" ? event.describe : event.count;
  const late = behind === "counts" ? event.count : event.describe;
  for (let n = 0; n < SAMPLES; n += 1) await applied(sql, ahead(2 * (steps + n)));
  const samples: Sample[] = [];
  for (let n = 0; n < SAMPLES; n += 1) {
    samples.push(await applied(sql, late(2 * (steps + n) + 1)));
    await applied(sql, ahead(2 * (steps + SAMPLES + n)));
  }
  return samples;
}

async function past(sql: Pool, { describe, count }: Played, steps: number) {
  for (let n = 0; n < steps; n += 1)
    await applied(sql, n % 2 === 0 ? describe(2 * n) : count(2 * n));
  await sql`analyze`;
}

type Played = ReturnType<typeof played>;

let events = 0;

/** An event of its own, of which any fact can be asked for. */
function played() {
  events += 1;
  const eventId = `68f0000000000000000${10_000 + events}`;
  const idOf = (index: number) => `${eventId.slice(-12)}${100_000_000_000 + index}`;
  const changed = (n: number) =>
    new Set(Array.from({ length: CHANGED }, (_, k) => (n * 13 + k * 31) % TYPES));
  const amounts = new Array<number>(TYPES).fill(1_000);
  const sold = new Array<number>(TYPES).fill(0);
  let isCounted = false;
  return {
    describe(n: number): NewFact {
      for (const index of changed(n)) amounts[index] = (amounts[index] ?? 0) + 1;
      return eventUpdated({
        ...{ eventId, updatedAt: at(n), observedAt: at(n) },
        ticketTypes: amounts.map((amount, index) =>
          ticketType({ ticketTypeId: idOf(index), name: `HYROX MEN ${index}`, amount }),
        ),
      });
    },
    count(n: number): NewFact {
      const types = changed(n);
      for (const index of types) sold[index] = (sold[index] ?? 0) + 1;
      const said = {
        ...{ eventId, countedAt: at(n), observedAt: at(n) },
        idempotencyKey: `sales.counted/DACH/${eventId}/${at(n)}`,
        ticketTypes: [...sold.keys()]
          .filter((index) => !isCounted || types.has(index))
          .map((index) => typeCount({ ticketTypeId: idOf(index), sold: sold[index] ?? 0 })),
      };
      if (isCounted) return salesChanged(said);
      isCounted = true;
      return salesCounted(said);
    },
  };
}

/** Applies a fact as the reader does, and says what was used until all of its rows are written. */
async function applied(sql: Pool, fact: NewFact): Promise<Sample> {
  return sql.begin(async (tx) => {
    const before = await writtenIn(tx);
    const [ours, postgres] = [process.cpuUsage(), cpuMsOf(before.pid)];
    for (const projection of projections) await projection.apply(tx, [asRead(fact)]);
    const postgresMs = cpuMsOf(before.pid) - postgres;
    const { user, system } = process.cpuUsage(ours);
    const after = await writtenIn(tx);
    return {
      rows: after.rows - before.rows,
      states: after.states - before.states,
      postgresMs,
      oursMs: (user + system) / 1_000,
    };
  });
}

/** By this session, of which PostgreSQL has not reported all to others. */
async function writtenIn(sql: Sql) {
  const [found] = await sql<{ pid: number; rows: number; states: number }[]>`
    with written as (
      select relname, n_tup_ins + n_tup_upd + n_tup_del as rows from pg_stat_xact_user_tables
    )
    select
      pg_backend_pid() as pid,
      (select sum(rows)::int from written where relname = 'event_change') as rows,
      (select sum(rows)::int from written where relname = 'change_fold') as states
  `;
  if (!found) throw new Error("PostgreSQL counts no rows");
  return found;
}

/** Linux counts it in nanoseconds. */
const cpuMsOf = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1_000_000;

function tell(what: string, samples: Sample[], baseline?: { postgres: number; ours: number }) {
  const median = (of: (sample: Sample) => number) =>
    percentile(
      samples.map(of).sort((a, b) => a - b),
      0.5,
    );
  const used = {
    postgres: median(({ postgresMs }) => postgresMs),
    ours: median(({ oursMs }) => oursMs),
  };
  const times = (of: keyof typeof used) =>
    baseline ? ` (${(used[of] / baseline[of]).toFixed(2)} times)` : "";
  say(
    `${what}: ${median(({ rows }) => rows)} rows of changes and ${median(({ states }) => states)} of states written, ` +
      `CPU ${used.postgres.toFixed(1)} ms in PostgreSQL${times("postgres")}, ` +
      `${used.ours.toFixed(1)} ms in ours${times("ours")}`,
  );
  return used;
}
