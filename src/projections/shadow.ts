import type { Pool, Sql } from "../database/connect.ts";
import { readMigrations } from "../database/migrate.ts";
import type { Projection } from "./projection.ts";

/** Where rows are rebuilt beside the live ones, and where those go that gave way. */
export const SHADOW = "replay";
const REPLACED = "replay_replaced";

/** What a reader remembers of the log belongs to the rows it made. */
const MEMORY = ["reader_position", "applied_fact", "set_aside"];

const tablesOf = (projections: Projection[]) => [
  ...projections.flatMap(({ tables }) => tables),
  ...MEMORY,
];

export interface ShadowState {
  /** The first bucket; null for the whole log. */
  fromBucket: string | null;
  startedAt: Date;
}

/**
 * Opens the shadow: the same tables, made by the same migrations, so that indexes and constraints have
 * the names that later migrations expect. One that was left by a killed replay of the same kind goes
 * on; any other is made anew.
 */
export async function openShadow(
  sql: Pool,
  {
    fromBucket,
    now,
    projections,
  }: { fromBucket: string | null; now: Date; projections: Projection[] },
): Promise<{ resumed: boolean; state: ShadowState }> {
  const left = await readState(sql);
  if (left && left.fromBucket === fromBucket) return { resumed: true, state: left };
  const migrations = await readMigrations();
  const rows = migrations.filter(({ name }) => name.includes("projections"));
  await sql.begin(async (tx) => {
    await dropShadow(tx);
    await tx`create schema ${tx(SHADOW)}`;
    await tx`set local search_path = ${tx(SHADOW)}`;
    for (const { statements } of rows) await tx.unsafe(statements);
    await tx`create table replay_state (from_bucket text, started_at timestamptz not null, schema_version text not null)`;
    await tx`create table replay_bucket (flow_type text, time_bucket text, primary key (flow_type, time_bucket))`;
    if (fromBucket !== null) await copyLive(tx, projections);
    await tx`
      insert into replay_state (from_bucket, started_at, schema_version)
      values (${fromBucket}, ${now}, ${await versionOfRows()})
    `;
  });
  return { resumed: false, state: { fromBucket, startedAt: now } };
}

/** What older facts made stays as it is; what the replayed facts made is made again. */
async function copyLive(tx: Sql, projections: Projection[]) {
  for (const table of tablesOf(projections))
    await tx`insert into ${tx(SHADOW)}.${tx(table)} select * from public.${tx(table)}`;
}

async function readState(sql: Sql): Promise<ShadowState | undefined> {
  const [found] = await sql<{ there: boolean }[]>`
    select to_regclass(${`${SHADOW}.replay_state`}) is not null as there
  `;
  if (!found?.there) return undefined;
  const [state] = await sql<(ShadowState & { schemaVersion: string })[]>`
    select from_bucket, started_at, schema_version from ${sql(SHADOW)}.replay_state
  `;
  return state?.schemaVersion === (await versionOfRows()) ? state : undefined;
}

const versionOfRows = async () =>
  (await readMigrations())
    .filter(({ name }) => name.includes("projections"))
    .map(({ name }) => name)
    .join(" ");

export async function readDoneBuckets(sql: Sql): Promise<Set<string>> {
  const rows = await sql<{ flowType: string; timeBucket: string }[]>`
    select flow_type, time_bucket from ${sql(SHADOW)}.replay_bucket
  `;
  return new Set(rows.map(({ flowType, timeBucket }) => `${flowType}/${timeBucket}`));
}

export const markBucketDone = (sql: Sql, flowType: string, timeBucket: string) => sql`
  insert into ${sql(SHADOW)}.replay_bucket (flow_type, time_bucket)
  values (${flowType}, ${timeBucket}) on conflict do nothing
`;

/** In one transaction the rebuilt tables take the live ones' place. */
export async function swapShadow(tx: Sql, projections: Projection[]): Promise<void> {
  await tx`drop schema if exists ${tx(REPLACED)} cascade`;
  await tx`create schema ${tx(REPLACED)}`;
  for (const table of tablesOf(projections)) {
    await tx`alter table public.${tx(table)} set schema ${tx(REPLACED)}`;
    await tx`alter table ${tx(SHADOW)}.${tx(table)} set schema public`;
  }
}

export async function dropShadow(sql: Sql): Promise<void> {
  await sql`drop schema if exists ${sql(SHADOW)} cascade`;
  await sql`drop schema if exists ${sql(REPLACED)} cascade`;
}
