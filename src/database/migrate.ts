import { readdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { Failure } from "../lib/failure.ts";
import type { Pool } from "./connect.ts";
import { codeOf, LOCK_NOT_HAD, NO_SUCH_TABLE } from "./fault.ts";
import { migrations, type Shapes } from "./migrations.ts";
import { refuseUnsuited } from "./suited.ts";

const folder = new URL("./migrations/", import.meta.url);

/** One number for every migration of this service, so that replicas starting together take turns. */
export const MIGRATION_LOCK = 7_311_847;

/** A statement waits so long for a table that somebody uses, and whoever comes to read it waits behind. */
const LOCK_MS = 400;
const PAUSE_MS = 1_000;
/** A backup of some minutes is waited for. */
const TRIES = 400;

/**
 * Migrates the database to the newest schema, each file in a transaction of its own, and returns the
 * names of the files that were applied. Files are named `0001_what.sql` and never edited afterwards.
 * Fails with `unavailable` where a table is in use all the time, and before the first statement where
 * PostgreSQL or the rights of its user do not allow for it.
 */
export async function migrate(sql: Pool): Promise<string[]> {
  const applied: string[] = [];
  const lacking = (await readLacking(sql)).length;
  const isEmpty = lacking === Object.keys(migrations).length;
  if (lacking > 0) await refuseUnsuited(sql, { isEmpty });
  for (const migration of await readMigrations())
    if (await applyInAPause(sql, migration)) applied.push(migration.name);
  return applied;
}

/** Others read between two tries, and other replicas migrate. Says whether it was this process. */
async function applyInAPause(sql: Pool, migration: Migration): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await applyOne(sql, migration);
    } catch (error) {
      if (codeOf(error) !== LOCK_NOT_HAD) throw error;
      if (tries === TRIES)
        throw new Failure(
          "unavailable",
          `the migration ${migration.name} finds no moment in which nobody uses its tables: a backup or a session that was left open holds them (pg_stat_activity)`,
          {},
          error,
        );
      await delay(PAUSE_MS);
    }
  }
}

function applyOne(sql: Pool, { name: file, statements }: Migration): Promise<boolean> {
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
    await tx`set local lock_timeout = ${tx.unsafe(String(LOCK_MS))}`;
    await tx`
        create table if not exists migration (
          name        text primary key,
          applied_at  timestamptz not null default now()
        )
      `;
    const inserted = await tx`
        insert into migration (name) values (${file}) on conflict do nothing returning name
      `;
    if (inserted.length > 0) await tx.unsafe(statements);
    return inserted.length > 0;
  });
}

export interface Migration {
  name: string;
  shapes: Shapes;
  statements: string;
}

/**
 * Every migration, in order. Throws where the files are not the listed ones: which tables an unlisted
 * file shapes nobody could say, and a rebuilt schema would lack it in silence.
 */
export async function readMigrations(
  from = folder,
  listed: Readonly<Record<string, Shapes>> = migrations,
): Promise<Migration[]> {
  const files = (await readdir(from)).filter((file) => file.endsWith(".sql")).sort();
  const lost = Object.keys(listed).filter((name) => !files.includes(name));
  if (lost.length > 0)
    throw new Failure("refused", `migrations of this program are not there: ${lost.join(", ")}`);
  return Promise.all(
    files.map(async (name) => {
      const shapes = listed[name];
      if (shapes === undefined)
        throw new Failure(
          "refused",
          `nothing says what the migration ${name} shapes: list it in src/database/migrations.ts as "rows" or "service"`,
        );
      return { name, shapes, statements: await readFile(new URL(name, from), "utf8") };
    }),
  );
}

/** The newest file that this database has; null before the first. */
export async function readSchemaVersion(sql: Pool): Promise<string | null> {
  const [row] = await sql<{ name: string | null }[]>`select max(name) as name from migration`;
  return row?.name ?? null;
}

/** Whether PostgreSQL answers and has every migration that this program knows. */
export async function isCurrent(sql: Pool): Promise<boolean> {
  try {
    return (await readLacking(sql)).length === 0;
  } catch {
    // Whatever keeps it from answering, it is not ready.
    return false;
  }
}

/** The migrations that this program knows and the database does not have; all of them before the first. */
export async function readLacking(sql: Pool): Promise<string[]> {
  const files = Object.keys(migrations);
  try {
    const applied = await sql<{ name: string }[]>`
      select name from migration where name = any(${files}::text[])
    `;
    const has = new Set(applied.map(({ name }) => name));
    return files.filter((name) => !has.has(name));
  } catch (error) {
    if (codeOf(error) === NO_SUCH_TABLE) return files;
    throw error;
  }
}
