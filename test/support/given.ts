import { expect } from "bun:test";
import type { Fact, NewFact } from "../../src/contracts/index.ts";
import type { Pool, Sql } from "../../src/database/connect.ts";
import { systemClock } from "../../src/lib/clock.ts";
import {
  projectionsFor,
  type RowsOptions,
  withDerived,
} from "../../src/projections/derived/projections.ts";
import { refill } from "../../src/projections/derived/refill-derived.ts";
import { readNewestChanges } from "../../src/projections/queries/change-list.ts";
import type { ChangeRow } from "../../src/projections/queries/row-types.ts";
import { type Rows, readRows } from "../../src/projections/queries/rows.ts";
import { projections as ofFacts } from "../../src/projections/tables/log-projections.ts";
import type { Projection } from "../../src/projections/tables/projection.ts";
import { defaultPolicy } from "../../src/rules/capacity.ts";
import { asRead } from "./facts.ts";
import { emptyTables, reusedDatabase } from "./reused-database.ts";

/** What makes rows of facts, under the settings that a service has unless it is told others. */
export const projections: Projection[] = projectionsFor({ policy: defaultPolicy });

const unshown = withDerived(ofFacts, { policy: defaultPolicy });

/** Applies pages of facts one after the other, each in a transaction, as the consumer does. */
export async function applyPages(sql: Pool | Sql, pages: Fact[][]) {
  for (const page of pages) await inTransaction(sql, (tx) => unshown.apply(tx, page));
}

/** The same, and keeps the rows that people read, as the service does. */
export async function applyKept(sql: Pool | Sql, facts: NewFact[]) {
  const page = facts.map((fact) => asRead(fact));
  for (const { apply } of projections) await inTransaction(sql, (tx) => apply(tx, page));
}

/** Statements that are sent together come in their order on one connection alone. */
const inTransaction = <Result>(sql: Pool | Sql, work: (tx: Sql) => Promise<Result>) =>
  "begin" in sql ? sql.begin(work) : work(sql);

export const applyEach = (sql: Pool | Sql, facts: NewFact[]) =>
  applyPages(
    sql,
    facts.map((fact) => [asRead(fact)]),
  );

export const NOW = new Date("2026-04-01T00:00:00Z");

export const readAllRows = (sql: Pool, now = NOW): Promise<Rows> =>
  readRows(sql, { now, policy: defaultPolicy });

export const PROJECTED = projections.flatMap(({ tables }) => tables);

/** Empties every table that a projection writes. */
export const emptyRows = (sql: Sql) =>
  emptyTables(sql, projections.flatMap(({ tables, memory }) => [...tables, ...memory]).join());

type Part<Row> = { [K in keyof Row]?: Row[K] };

/**
 * given(history).when(facts): applied to an empty database, fact by fact, and again the other way
 * round, because rows are not to know the difference; then the rows are compared, where they are named.
 */
export const given = (...history: NewFact[]) => ({
  when: (...facts: NewFact[]) => {
    const all = [...history, ...facts];
    const rowsAfter = async (sequence: NewFact[]) => {
      const { sql } = await reusedDatabase();
      await applyEach(sql, sequence);
      return readAllRows(sql);
    };
    const compare = async (check: (rows: Rows) => void) => {
      const forward = await rowsAfter(all);
      check(forward);
      expect(await rowsAfter(all.toReversed())).toEqual(forward);
    };
    return {
      thenEvent: (event: Part<Rows["events"][number]>) =>
        compare(({ events }) => expect(events).toMatchObject([event])),
      thenRows: compare,
    };
  },
});

/**
 * The changes of all events, oldest first, as they are under these settings: where they were made under
 * others, they are made anew as the service does in the background.
 */
export async function changesUnder(
  sql: Pool,
  settings: RowsOptions = { policy: defaultPolicy },
): Promise<ChangeRow[]> {
  const step = refill({
    ...{ sql, clock: systemClock, check: async () => {}, tell: async () => {} },
    ...settings,
  });
  while ((await step()) === "more");
  return readNewestChanges(sql, { limit: 100_000 });
}
