import { readdir } from "node:fs/promises";
import { memoryOf, partsOf, slopeAnHour } from "../../bench/process-memory.ts";
import type { TestDatabase } from "../support/database.ts";

/** At one moment, by name: MB, counts, bytes. */
type Sample = ReadonlyMap<string, number>;

/** Looks at the service's processes and at its database now and then. */
export function measuring({ sql }: TestDatabase) {
  const samples: { atMs: number; sample: Sample }[] = [];

  return {
    /** Of a service that is running; what is gone meanwhile is left out. */
    async look(pid: number, atMs: number) {
      const sample = new Map<string, number>();
      for (const part of await partsOf(pid)) {
        const memory = await memoryOf(part.pid);
        const handles = await readdir(`/proc/${part.pid}/fd`).catch(() => []);
        if (!memory || handles.length === 0) continue;
        sample.set(`memory of ${part.name}, MB`, memory.pss);
        sample.set(`handles of ${part.name}`, handles.length);
      }
      const [database] = await sql<{ connections: number; bytes: number; wal: number }[]>`
        select
          (select count(*)::int from pg_stat_activity where datname = current_database()) as connections,
          pg_database_size(current_database())::float8 as bytes,
          (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 as wal
      `;
      sample.set("connections", database?.connections ?? 0);
      sample.set("tables, MB", (database?.bytes ?? 0) / 1e6);
      sample.set("WAL, MB", (database?.wal ?? 0) / 1e6);
      samples.push({ atMs, sample });
    },
    /** A line for each: how much at first, at last and at most, and how much more an hour. */
    lines(): string[] {
      const names = new Set(samples.flatMap(({ sample }) => [...sample.keys()]));
      return [...names].map((name) => {
        const of = samples.flatMap(({ atMs, sample }) => {
          const value = sample.get(name);
          return value === undefined ? [] : [{ atMs, value }];
        });
        const values = of.map(({ value }) => value);
        const [first = 0, last = 0] = [values[0], values.at(-1)];
        const said = [first, last, Math.max(...values), slopeAnHour(of)].map((n) => n.toFixed(1));
        return `${name}: ${said[0]} at first, ${said[1]} at last, ${said[2]} at most, ${said[3]} more an hour`;
      });
    },
  };
}

/** Those that took longest at most, and those that took most of all; names and values are not in them. */
export async function slowestStatements({ sql }: TestDatabase): Promise<string[]> {
  const found = await sql<{ query: string; calls: number; mean: number; most: number }[]>`
    select regexp_replace(query, '\\s+', ' ', 'g') as query, calls::float8 as calls,
      mean_exec_time as mean, max_exec_time as most
    from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
    order by max_exec_time desc limit 8
  `;
  return found.map(
    ({ query, calls, mean, most }) =>
      `${most.toFixed(0)} ms at most, ${mean.toFixed(1)} on average, ${calls} times: ${query.trim().slice(0, 120)}`,
  );
}
