import type { Fact, NewFact } from "../src/contracts/index.ts";
import { connect, LONG_LIMIT_MS, type Pool } from "../src/database/connect.ts";
import { migrate } from "../src/database/migrate.ts";
import { projectionsFor } from "../src/projections/derived/projections.ts";
import { historyMemory } from "../src/projections/tables/history-memory.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
} from "../test/support/facts.ts";

const ACCOUNTS = ["DACH", "FRANCE", "ITALY", "BENELUX", "USA", "CANADA"];
const PAGE = 250;
/** Of more events the rows are multiplied in PostgreSQL, which takes minutes instead of hours. */
const MADE = 1_000;
const HOUR_MS = 3_600_000;
const projections = projectionsFor({ policy: defaultPolicy });
const PROJECTED = projections.flatMap(({ tables, memory }) => [...tables, ...memory]);

/** Beyond those that are made it is a copy's. */
export const eventIdOf = (event: number) => {
  const copy = Math.floor(event / MADE);
  const id = `68f0${(event % MADE).toString(16).padStart(20, "0")}`;
  return copy === 0 ? id : `${id}-${copy}`;
};
const typeIdOf = (event: number, type: number) =>
  `69f0${(event * 1_000 + type).toString(16).padStart(20, "0")}`;
const at = (hours: number) => new Date(Date.UTC(2026, 0, 1) + hours * HOUR_MS).toISOString();

/** An event that is described and counted; `turn` makes another of the same event of it. */
export function factsOfEvent(event: number, types: number, turn = 0): NewFact[] {
  const eventId = eventIdOf(event);
  const account = ACCOUNTS[event % ACCOUNTS.length] ?? "DACH";
  const said = { eventId, account, observedAt: at(turn + 1) };
  const ids = Array.from({ length: types }, (_, type) => typeIdOf(event, type));
  return [
    eventUpdated({
      ...{ ...said, name: `HYROX ${event}`, updatedAt: at(turn) },
      ...{ start: at(8_000 + (event % 9_000)), end: at(8_040 + (event % 9_000)) },
      ...{ sellStart: at(event % 400), sellEnd: at(7_990 + (event % 9_000)) },
      ticketTypes: ids.map((ticketTypeId, type) =>
        ticketType({ ticketTypeId, name: `HYROX MEN ${type} | Saturday`, amount: 200 }),
      ),
    }),
    salesCounted({
      ...{ ...said, countedAt: at(turn + 1) },
      idempotencyKey: `sales.counted/${account}/${eventId}/${turn}`,
      ticketTypes: ids.map((ticketTypeId, type) => {
        const sold = ((event + type) % 190) + turn;
        return typeCount({
          ticketTypeId,
          sold,
          newSales: { [at(20 + (type % 9)).slice(0, 13)]: sold },
        });
      }),
    }),
  ];
}

/** Rows of so many events in an empty database: of a thousand as a replay makes them, of more as copies of these. */
export async function fill(url: string, all: number, types: number): Promise<Filled> {
  const events = Math.min(all, MADE);
  const sql = connect(url, { max: 4, limitMs: LONG_LIMIT_MS });
  await migrate(sql);
  const startedAt = performance.now();
  const memory = historyMemory();
  let page: Fact[] = [];
  const keep = async () => {
    const facts = page;
    page = [];
    await sql.begin(async (tx) => {
      for (const projection of projections) await projection.keep(tx, facts, { memory });
    });
  };
  for (let event = 0; event < events; event += 1) {
    page.push(...factsOfEvent(event, types).map((fact) => asRead(fact)));
    if (page.length >= PAGE) await keep();
  }
  if (page.length > 0) await keep();
  const keptS = (performance.now() - startedAt) / 1_000;
  await sql.begin(async (tx) => {
    for (const projection of projections) await projection.rebuild(tx);
  });
  const madeS = (performance.now() - startedAt) / 1_000;
  if (all > events) await multiply(sql, Math.ceil(all / events));
  await sql`vacuum analyze`;
  return { sql, facts: 2 * events, keptS, madeS, bytes: await sizeOf(sql) };
}

/** Each row that names an event once more for each copy of it. */
async function multiply(sql: Pool, times: number) {
  const tables = await sql<{ name: string; columns: string[] }[]>`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = '' and a.attidentity = ''
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      and c.relname = any(${[...PROJECTED]})
    group by 1
    having bool_or(a.attname = 'event_id')
  `;
  for (const { name, columns } of tables) {
    const list = columns.map((one) => `"${one}"`).join();
    const copied = columns.map((one) =>
      one === "event_id" ? `"event_id" || '-' || n` : `"${one}"`,
    );
    await sql.unsafe(
      `insert into "${name}" (${list}) select ${copied} from "${name}" cross join generate_series(1, ${times - 1}) n`,
    );
  }
}

export interface Filled {
  sql: Pool;
  facts: number;
  /** Until the history was kept, and until all rows were made of it. */
  keptS: number;
  madeS: number;
  bytes: number;
}

async function sizeOf(sql: Pool) {
  const [row] = await sql<{ bytes: number }[]>`
    select pg_database_size(current_database())::float8 as bytes
  `;
  return row?.bytes ?? 0;
}

/** From a fact in hand to its rows, as the live reader makes them. */
export async function applyOne(sql: Pool, fact: NewFact): Promise<number> {
  const startedAt = performance.now();
  await sql.begin(async (tx) => {
    for (const projection of projections) await projection.apply(tx, [asRead(fact)]);
  });
  return performance.now() - startedAt;
}
