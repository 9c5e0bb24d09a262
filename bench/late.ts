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
 * What a fact costs that comes behind others of its event: rows that are written, and CPU, which says nearly
 * the same on a busy machine, against a fact in time that is applied beside it. Every second fact of the past
 * is a description, so that a fact has changes behind it.
 */
export async function lateBench({ steps }: { steps: number }): Promise<void> {
  const server = await raisePostgres();
  const sql = connect(server.url.href, { max: 1 });
  try {
    await migrate(sql);
    say(
      `events of ${TYPES} ticket types of which ${CHANGED} change from fact to fact, with ${steps} facts, every second one a description (a season has one in a hundred)`,
    );
    const inTime = await comingInTime(sql, steps);
    // A service that has just started compiles its code at first.
    for (let n = 0; n < SAMPLES; n += 1) await inTime();
    for (const [what, prepare] of Object.entries(manners)) {
      const late = await prepare(sql, steps);
      const samples: { late: Sample; inTime: Sample }[] = [];
      for (let n = 0; n < SAMPLES; n += 1)
        samples.push({ late: await late(n), inTime: await inTime() });
      tell(what, samples);
    }
  } finally {
    await sql.end({ timeout: 5 });
    await server.stop();
  }
}

async function comingInTime(sql: Pool, steps: number) {
  const event = played();
  await past(sql, event, steps);
  let n = steps;
  return () => applied(sql, event.count(2 * n++));
}

/** How facts come late; each makes a past and gives what applies the next late fact. */
const manners: Record<
  string,
  (sql: Pool, steps: number) => Promise<(n: number) => Promise<Sample>>
> = {
  "a count behind half of them": async (sql, steps) => {
    const event = played();
    await past(sql, event, steps);
    return (n) => applied(sql, event.count(steps + 2 * ((n * 17) % SAMPLES) + 1));
  },
  [`counts that run behind ${SAMPLES} descriptions`]: (sql, steps) => {
    const event = played();
    return runningBehind(sql, steps, { event, ahead: event.describe, behind: event.count });
  },
  [`descriptions that run behind ${SAMPLES} counts`]: (sql, steps) => {
    const event = played();
    return runningBehind(sql, steps, { event, ahead: event.count, behind: event.describe });
  },
};

/** What comes in time and what is behind take turns, as two flow types do. */
async function runningBehind(
  sql: Pool,
  steps: number,
  { event, ahead, behind }: { event: Played; ahead: NextFact; behind: NextFact },
) {
  await past(sql, event, steps);
  for (let n = 0; n < SAMPLES; n += 1) await applied(sql, ahead(2 * (steps + n)));
  return async (n: number) => {
    const sample = await applied(sql, behind(2 * (steps + n) + 1));
    await applied(sql, ahead(2 * (steps + SAMPLES + n)));
    return sample;
  };
}

async function past(sql: Pool, { describe, count }: Played, steps: number) {
  for (let n = 0; n < steps; n += 1)
    await applied(sql, n % 2 === 0 ? describe(2 * n) : count(2 * n));
  await sql`analyze`;
}

type Played = ReturnType<typeof played>;
type NextFact = (n: number) => NewFact;

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

function tell(what: string, samples: readonly { late: Sample; inTime: Sample }[]) {
  const medianOf = (which: "late" | "inTime", of: keyof Sample) =>
    percentile(
      samples.map((sample) => sample[which][of]).sort((a, b) => a - b),
      0.5,
    );
  const cpu = (of: "postgresMs" | "oursMs") => {
    const [late, inTime] = [medianOf("late", of), medianOf("inTime", of)];
    return `${late.toFixed(1)} ms (${(late / inTime).toFixed(2)} times one in time)`;
  };
  say(
    `${what}: ${medianOf("late", "rows")} rows of changes written, and of states ${medianOf("late", "states")}`,
  );
  say(`  CPU of PostgreSQL ${cpu("postgresMs")}, ours ${cpu("oursMs")}`);
}
