import { expect, test } from "bun:test";
import { recordingLog } from "../../../test/fixtures/vivenu/scripted.ts";
import { emptyDatabase, freshDatabase, type TestDatabase } from "../../../test/support/database.ts";
import {
  eventDeleted,
  eventUpdated,
  salesCounted,
  ticketType,
} from "../../../test/support/facts.ts";
import { memoryDatacore } from "../../../test/support/memory-datacore.ts";
import { CHANGES_ONLY, keepAsBefore, migrateBefore } from "../../../test/support/older-program.ts";
import { emptyTables } from "../../../test/support/reused-database.ts";
import { migrate, readMigrations } from "../../database/migrate.ts";
import { systemClock } from "../../lib/clock.ts";
import { defaultPolicy } from "../../rules/capacity.ts";
import { defaultPasses } from "../consumer/passes.ts";
import { projectionsFor } from "../derived/projections.ts";
import { replay } from "./replay.ts";
import { readSchema } from "./schema.ts";
import { openShadow, SHADOW } from "./shadow.ts";

const projections = projectionsFor({ policy: defaultPolicy });
const now = new Date("2026-03-01T10:00:00Z");

const rebuild = ({ sql }: TestDatabase, all = projections) =>
  openShadow(sql, { fromBucket: null, now, projections: all });

/** Every table of a schema but those that are not made from the log. */
async function schemaOf({ sql }: TestDatabase, schema: string, without: string[]) {
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables
    where schemaname = ${schema} and tablename <> all(${without})
  `;
  return readSchema(
    sql,
    schema,
    tables.map(({ name }) => name),
  );
}

/** The tables that the service's own migrations make, in the order of the program's. */
async function tablesOfService() {
  await using database = await emptyDatabase();
  const { sql } = database;
  for (const { shapes, statements } of await readMigrations())
    if (shapes === "service") await sql.unsafe(statements);
  const tables = await sql<{ name: string }[]>`
    select tablename as name from pg_tables where schemaname = 'public'
  `;
  return tables.map(({ name }) => name);
}

/** As it came to be: an older program's, that has kept rows, upgraded file by file. */
async function upgradedDatabase() {
  const database = await emptyDatabase();
  await migrateBefore(database.sql, CHANGES_ONLY);
  await keepAsBefore(database.sql, [
    eventUpdated({ eventId: "a", ticketTypes: [ticketType({ amount: 100 })] }),
    eventUpdated({ eventId: "a", updatedAt: "2026-02-05T10:00:00.000Z" }),
    salesCounted({ eventId: "a" }),
    eventDeleted({ eventId: "b" }),
  ]);
  for (const { name } of await readMigrations()) await migrateBefore(database.sql, name);
  await migrate(database.sql);
  return database;
}

test.each([
  ["a fresh database", freshDatabase],
  ["a database that was upgraded step by step", upgradedDatabase],
])(
  "rebuilt tables are those of %s, to the last index, and stay so when they are swapped in",
  async (_, make) => {
    await using database = await make();
    const service = [...(await tablesOfService()), "migration"];
    await rebuild(database);
    const live = await schemaOf(database, "public", service);
    const rebuilt = await schemaOf(database, SHADOW, ["replay_run", "replay_bucket"]);
    expect(rebuilt).toEqual(live);
    expect(live).toContainEqual(expect.stringMatching(/^index CREATE INDEX event_change_newest /));
    const { clock, settings } = { clock: systemClock, settings: defaultPasses };
    const { logger } = recordingLog();
    await emptyTables(database.sql, "applied_fact");
    const report = await replay({
      ...{ url: database.url, sql: database.sql, datacore: memoryDatacore(), projections },
      ...{ settings, clock, logger, signal: new AbortController().signal, dryRun: false },
    });
    expect(report.swapped).toBe(true);
    expect(await schemaOf(database, "public", service)).toEqual(live);
  },
);

/** What somebody may have done to the live tables, and what a refused rebuild says of it. */
const differences: [string, string, string][] = [
  ["a default", "alter table set_aside alter failures drop default", "column set_aside.failures"],
  ["a type", "alter table event alter name type varchar(80)", "column event.name character"],
  ["nullability", "alter table event alter name drop not null", "only live: column event.name"],
  ["an index", "create index by_name on event (name)", "only live: index CREATE INDEX by_name"],
  ["an index less", "drop index event_change_newest", "only rebuilt: index CREATE INDEX event_cha"],
  ["a check", "alter table event add constraint named check (name <> '')", "event.named CHECK"],
  ["a column", "alter table event add extra int", "only live: column event.extra integer"],
  ["a column's name", "alter table event rename name to title", "only live: column event.title"],
  ["a table's name", "alter table sales_hour rename to sales_of_hour", "only rebuilt: table sales"],
  [
    "a trigger",
    "create trigger same before update on event for each row execute function suppress_redundant_updates_trigger()",
    "only live: trigger CREATE TRIGGER same",
  ],
];
test.each(differences)(
  "live tables that differ by %s are refused by name",
  async (_, made, told) => {
    await using database = await freshDatabase();
    await database.sql.unsafe(made);
    await expect(rebuild(database)).rejects.toThrow(told);
    expect(await database.sql`select from pg_namespace where nspname = ${SHADOW}`).toHaveLength(0);
  },
);

test("a table that rows' migrations make and no projection names is refused by name", async () => {
  await using database = await freshDatabase();
  const forgetful = projections.map((one) => ({
    ...one,
    tables: one.tables.filter((table) => table !== "sales_hour"),
  }));
  await expect(rebuild(database, forgetful)).rejects.toThrow("table sales_hour");
});
