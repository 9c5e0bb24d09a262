import { readdir, readFile } from "node:fs/promises";
import type { Pool } from "./connect.ts";

const folder = new URL("./migrations/", import.meta.url);

/** One number for every migration of this service, so that replicas starting together take turns. */
export const MIGRATION_LOCK = 7_311_847;

/**
 * Brings the database to the newest schema, each file in a transaction of its own, and returns the
 * names of the files that were applied. Files are named `0001_what.sql` and never edited afterwards.
 */
export async function migrate(sql: Pool): Promise<string[]> {
  const applied: string[] = [];
  for (const { name: file, statements } of await readMigrations()) {
    const fresh = await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
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
    if (fresh) applied.push(file);
  }
  return applied;
}

/** Every migration, in order. */
export async function readMigrations(): Promise<{ name: string; statements: string }[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  return Promise.all(
    files.map(async (name) => ({
      name,
      statements: await readFile(new URL(name, folder), "utf8"),
    })),
  );
}

/** Whether PostgreSQL answers and has every migration that this program knows. */
export async function isCurrent(sql: Pool): Promise<boolean> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql"));
  try {
    const [row] = await sql<{ applied: number }[]>`
      select count(*)::int as applied from migration where name = any(${files}::text[])
    `;
    return row?.applied === files.length;
  } catch {
    // Whatever keeps it from answering, it is not ready.
    return false;
  }
}
