import type { TransactionSql } from "postgres";
import type { Pool, Sql } from "../../database/connect.ts";
import { CANCELLED, codeOf, NO_SUCH_TABLE } from "../../database/fault.ts";
import { MIGRATION_LOCK, readMigrations } from "../../database/migrate.ts";
import { migrations } from "../../database/migrations.ts";
import { Failure, isFailure } from "../../lib/failure.ts";
import type { Projection } from "../tables/projection.ts";
import { carryRevisions, REVISION_TABLES } from "../tables/row-revisions.ts";
import { checkNothingElse, checkSameSchema } from "./schema.ts";

/** Where rows are, where they are rebuilt beside the live ones, and where those go that gave way. */
export const LIVE = "public";
export const SHADOW = "replay";
const REPLACED = "replay_replaced";

const LOCK_MS = 400;
const LOCK_TRIES = 30;
/** Between two tries. */
const PASS_S = 0.2;

/** A reader's checkpoint, deduplication and dead letters belong to the rows it made. */
const READER_TABLES = ["reader_position", "applied_fact", "set_aside"];
/** The replay's own, beside them. */
const BOOKS = ["replay_run", "replay_bucket"];
const NO_SUCH_SCHEMA = "3F000";

const tablesOf = (projections: Projection[]) => [
  ...projections.flatMap(({ tables, memory }) => [...tables, ...memory]),
  ...READER_TABLES,
];

export interface ShadowState {
  /** The first bucket; null for the whole log. */
  fromBucket: string | null;
  startedAt: Date;
  /** Of the replay that fills it: of two that fill one shadow, only the later goes on. */
  run: string;
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
  const run = crypto.randomUUID();
  const files = (await readMigrations()).filter(({ shapes }) => shapes === "rows");
  return sql.begin(async (tx) => {
    await waitForOthers(tx);
    const left = await readState(tx);
    if (left?.fromBucket === fromBucket) {
      await tx`update ${tx(SHADOW)}.replay_run set run = ${run}`;
      return { resumed: true, state: { ...left, run } };
    }
    await dropShadow(tx);
    await tx`create schema ${tx(SHADOW)}`;
    await tx`set local search_path = ${tx(SHADOW)}`;
    for (const { statements } of files) await tx.unsafe(statements);
    await tx`create table replay_run (from_bucket text, started_at timestamptz not null, schema_version text not null, run uuid not null)`;
    await tx`create table replay_bucket (flow_type text, time_bucket text, primary key (flow_type, time_bucket))`;
    if (fromBucket !== null) await copyLive(tx, projections);
    await tx`
      insert into replay_run (from_bucket, started_at, schema_version, run)
      values (${fromBucket}, ${now}, ${VERSION_OF_ROWS}, ${run})
    `;
    await checkNothingElse(tx, SHADOW, [...tablesOf(projections), ...BOOKS]);
    await checkSameTables(tx, projections);
    return { resumed: false, state: { fromBucket, startedAt: now, run } };
  });
}

/**
 * Every transaction of another replay holds this table from its beginning on, and may want more of it at its
 * end: whoever asks for all of it first holds nothing that the other waits for. It may be gone by then.
 */
const waitForOthers = (tx: TransactionSql) =>
  tx
    .savepoint((sp) => sp`lock table ${sp(SHADOW)}.replay_run in access exclusive mode`)
    .catch((error: unknown) => {
      if (codeOf(error) !== NO_SUCH_TABLE && codeOf(error) !== NO_SUCH_SCHEMA) throw error;
    });

/** What older facts made stays as it is; what the replayed facts made is made again. */
async function copyLive(tx: Sql, projections: Projection[]) {
  for (const table of tablesOf(projections))
    await tx`insert into ${tx(SHADOW)}.${tx(table)} select * from ${tx(LIVE)}.${tx(table)}`;
}

async function readState(sql: Sql): Promise<ShadowState | undefined> {
  const [found] = await sql<{ there: boolean }[]>`
    select to_regclass(${`${SHADOW}.replay_run`}) is not null as there
  `;
  if (!found?.there) return undefined;
  const [state] = await sql<(ShadowState & { schemaVersion: string })[]>`
    select from_bucket, started_at, schema_version, run from ${sql(SHADOW)}.replay_run
  `;
  return state?.schemaVersion === VERSION_OF_ROWS ? state : undefined;
}

/** What is not of this program may shape rows as well. */
const versionOf = (names: string[]) =>
  names
    .filter((name) => migrations[name] !== "service")
    .sort()
    .join(" ");

const VERSION_OF_ROWS = versionOf(Object.keys(migrations));

const checkSameTables = (sql: Sql, projections: Projection[]) =>
  checkSameSchema(sql, { live: LIVE, rebuilt: SHADOW, tables: tablesOf(projections) });

/**
 * Call first in a writing transaction: throws when another replay has the shadow by now, or has ended
 * and dropped it, for then the same names are the live tables'. Until the transaction ends the shadow
 * stays.
 */
export async function checkShadow(tx: Sql, { run }: ShadowState): Promise<void> {
  const mine = await tx`select from ${tx(SHADOW)}.replay_run where run = ${run} for share`.catch(
    (error: unknown) => {
      if (codeOf(error) === NO_SUCH_TABLE) return [];
      throw error;
    },
  );
  if (mine.length === 0) throw new Failure("unavailable", "another replay took this one's place");
}

/** Throws when a newer program has changed the live tables meanwhile; until the transaction ends none does. */
export async function checkSchema(tx: Sql, projections: Projection[]): Promise<void> {
  await tx`select pg_advisory_xact_lock(${MIGRATION_LOCK})`;
  const applied = await tx<{ name: string }[]>`select name from migration`;
  if (versionOf(applied.map(({ name }) => name)) !== VERSION_OF_ROWS)
    throw new Failure(
      "refused",
      "the live rows have another schema than this program's: nothing was swapped; replay with the program that serves",
    );
  await checkSameTables(tx, projections);
}

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
export async function swapShadow(tx: TransactionSql, projections: Projection[]): Promise<void> {
  // Readers need not wait for it: behind the consumer's lease nobody writes these rows any more.
  if (REVISION_TABLES.every((table) => tablesOf(projections).includes(table)))
    await carryRevisions(tx, LIVE, SHADOW);
  await lockAll(tx, LIVE, tablesOf(projections));
  await dropReplacedIn(tx);
  await tx`create schema ${tx(REPLACED)}`;
  for (const table of tablesOf(projections)) {
    await tx`alter table ${tx(LIVE)}.${tx(table)} set schema ${tx(REPLACED)}`;
    await tx`alter table ${tx(SHADOW)}.${tx(table)} set schema ${tx(LIVE)}`;
  }
  // An empty shadow that a kill left would be gone on with, and its names are the live tables' now.
  await tx`drop table ${tx(BOOKS.map((table) => `${SHADOW}.${table}`))}`;
  // Not what else is in it: the live tables may need it.
  await tx`drop schema ${tx(SHADOW)}`;
}

/** What a trial made, unless another replay has it by now. */
export const dropOwnShadow = (sql: Pool, state: ShadowState) =>
  sql.begin(async (tx) => {
    await checkShadow(tx, state);
    await dropShadow(tx);
  });

/**
 * Whoever began to read it before the swap may yet ask for more of it. False where it is read for so long that
 * the next replay is to drop it.
 */
export async function dropReplaced(sql: Pool, tries = LOCK_TRIES): Promise<boolean> {
  try {
    await sql.begin((tx) => dropReplacedIn(tx, tries));
    return true;
  } catch (error) {
    if (isFailure(error, "unavailable")) return false;
    throw error;
  }
}

async function dropReplacedIn(tx: TransactionSql, tries = LOCK_TRIES): Promise<void> {
  const found = await tx<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = to_regnamespace(${REPLACED}) and relkind = 'r'
  `;
  const tables = found.map(({ name }) => name);
  if (tables.length > 0) await lockAll(tx, REPLACED, tables, tries);
  await tx`drop schema if exists ${tx(REPLACED)} cascade`;
}

/**
 * All at once, or none: whoever reads several tables may hold one and ask for another in any order.
 * Before PostgreSQL would look for a deadlock (after a second) a replay lets everybody pass and asks
 * again, so that it is never a reader that fails.
 */
async function lockAll(
  tx: TransactionSql,
  schema: string,
  names: string[],
  most = LOCK_TRIES,
): Promise<void> {
  const tables = tx(names);
  for (let tries = 1; ; tries += 1) {
    try {
      await tx.savepoint(async (sp) => {
        await sp`set local search_path = ${sp(schema)}`;
        await sp`set local statement_timeout = ${sp.unsafe(String(LOCK_MS))}`;
        await sp`lock table ${tables} in access exclusive mode`;
        await sp`set local statement_timeout to default`;
      });
      return;
    } catch (error) {
      if (codeOf(error) !== CANCELLED) throw error;
      if (tries === most)
        throw new Failure("unavailable", "rows are read without a pause: try again later");
      await tx`select pg_sleep(${PASS_S})`;
    }
  }
}

async function dropShadow(tx: TransactionSql): Promise<void> {
  await tx`drop schema if exists ${tx(SHADOW)} cascade`;
  await dropReplacedIn(tx);
}
