import { expect } from "bun:test";
import type { Fact, NewFact } from "../src/contracts/index.ts";
import type { Pool, Sql } from "../src/database/connect.ts";
import { projections } from "../src/projections/index.ts";
import { type Rows, readRows } from "../src/projections/rows.ts";
import { defaultPolicy } from "../src/rules/capacity.ts";
import { freshDatabase } from "./database.ts";
import { asRead } from "./facts.ts";

/** Applies pages of facts one after the other, as the consumer does. */
export async function applyPages(sql: Sql, pages: Fact[][]) {
  for (const page of pages) for (const { apply } of projections) await apply(sql, page);
}

export const applyEach = (sql: Sql, facts: NewFact[]) =>
  applyPages(
    sql,
    facts.map((fact) => [asRead(fact)]),
  );

export const NOW = new Date("2026-04-01T00:00:00Z");

export const readAllRows = (sql: Pool, now = NOW): Promise<Rows> =>
  readRows(sql, { now, policy: defaultPolicy });

type Part<Row> = { [K in keyof Row]?: Row[K] };

/**
 * given(history).when(facts): applied to an empty database, fact by fact, and again the other way
 * round, because rows are not to know the difference; then the rows are compared, where they are named.
 */
export const given = (...history: NewFact[]) => ({
  when: (...facts: NewFact[]) => {
    const all = [...history, ...facts];
    const rowsAfter = async (sequence: NewFact[]) => {
      await using database = await freshDatabase();
      await applyEach(database.sql, sequence);
      return readAllRows(database.sql);
    };
    const compare = async (check: (rows: Rows) => void) => {
      const [forward, backward] = await Promise.all([rowsAfter(all), rowsAfter(all.toReversed())]);
      check(forward);
      expect(backward).toEqual(forward);
    };
    return {
      thenEvent: (event: Part<Rows["events"][number]>) =>
        compare(({ events }) => expect(events).toMatchObject([event])),
      thenTicketTypes: (...types: Part<Rows["ticketTypes"][number]>[]) =>
        compare(({ ticketTypes }) => expect(ticketTypes).toMatchObject(types)),
      thenRows: compare,
    };
  },
});
