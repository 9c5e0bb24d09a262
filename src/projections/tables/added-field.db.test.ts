import { expect, test } from "bun:test";
import { freshDatabase } from "../../../test/support/database.ts";
import {
  asRead,
  eventUpdated,
  salesCounted,
  ticketType,
  typeCount,
  underShop,
} from "../../../test/support/facts.ts";
import { projections } from "../../../test/support/given.ts";
import type { NewFact } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { type Column, columns } from "../../database/table-columns.ts";
import { countNumbers } from "./count-tables.ts";
import { headColumns, ticketTypeColumns, underShopColumns } from "./description-tables.ts";
import { readEventsInRows } from "./event-state.ts";
import { readEventsAt } from "./events-at.ts";

/** A field that no contract has: as it is in a fact, and as a row shows it. */
const [MOTTO] = columns({ house_motto: "text" });
const FIELD = "houseMotto";

const MOMENTS = [
  "2026-03-01T02:00:00.000Z",
  "2026-03-01T03:00:00.000Z",
  "2026-03-01T04:00:00.000Z",
];

interface Place {
  name: string;
  /** The one list of the columns of a table. */
  list: Column[];
  /** The current rows first, then the history where it has columns of its own. */
  tables: string[];
  factOf: (said: Record<string, string>, at: string) => NewFact;
}

const described = (more: Parameters<typeof eventUpdated>[0], at: string) =>
  eventUpdated({ updatedAt: at, observedAt: at, ...more });

const places: Place[] = [
  {
    ...{ name: "an event", list: headColumns, tables: ["event"] },
    factOf: (said, at) => described(said, at),
  },
  {
    ...{ name: "a ticket type", list: ticketTypeColumns, tables: ["ticket_type"] },
    factOf: (said, at) => described({ ticketTypes: [{ ...ticketType(), ...said }] }, at),
  },
  {
    ...{ name: "an undershop", list: underShopColumns, tables: ["under_shop"] },
    factOf: (said, at) => described({ underShops: [{ ...underShop(), ...said }] }, at),
  },
  {
    ...{ name: "a ticket type's count", list: countNumbers },
    tables: ["ticket_type_sales", "ticket_type_count"],
    factOf: (said, at) =>
      salesCounted({ countedAt: at, ticketTypes: [{ ...typeCount(), ...said }] }),
  },
];

/** The one line that a developer adds to the list of a table's columns, while the work lasts. */
async function withField(list: Column[], work: () => Promise<void>) {
  if (!MOTTO) throw new Error("there is no such column");
  list.push(MOTTO);
  try {
    await work();
  } finally {
    list.pop();
  }
}

async function mottosOf(sql: Pool, table: string): Promise<unknown[]> {
  const rows = await sql<{ houseMotto: string | null }[]>`select house_motto from ${sql(table)}`;
  return rows.map(({ houseMotto }) => houseMotto);
}

const apply = async (sql: Pool, facts: NewFact[]) => {
  for (const fact of facts)
    await sql.begin(async (tx) => {
      for (const projection of projections) await projection.apply(tx, [asRead(fact)]);
    });
};

for (const { name, list, tables, factOf } of places) {
  const [current = ""] = tables;

  const withColumn = async () => {
    const database = await freshDatabase();
    for (const table of tables)
      await database.sql`alter table ${database.sql(table)} add column house_motto text`;
    return database;
  };
  const facts = MOMENTS.map((at, n) => factOf({ [FIELD]: `motto ${n}` }, at));

  test(`a field of ${name} that is added to the list of its table's columns follows each change`, async () => {
    await using database = await withColumn();
    await withField(list, async () => {
      for (const [n, fact] of facts.entries()) {
        await apply(database.sql, [fact]);
        expect(await mottosOf(database.sql, current)).toEqual([`motto ${n}`]);
      }
    });
  });

  test(`a field that is added to ${name} is the newest fact's, in whatever order facts come`, async () => {
    await using database = await withColumn();
    await withField(list, async () => {
      const [first, second, third] = facts;
      if (!first || !second || !third) throw new Error("three facts were made");
      await apply(database.sql, [second, third, first, third]);
      expect(await mottosOf(database.sql, current)).toEqual(["motto 2"]);
    });
  });

  test(`a field that is added to ${name} is there after the rows are made anew`, async () => {
    await using database = await withColumn();
    await withField(list, async () => {
      const page = facts.map((fact) => asRead(fact));
      await database.sql.begin(async (tx) => {
        for (const projection of projections) await projection.keep(tx, page);
        for (const projection of projections) await projection.rebuild(tx);
      });
      expect(await mottosOf(database.sql, current)).toEqual(["motto 2"]);
    });
  });
}

test("a field that is added to the list of an event's columns is there for the rows that people read, of now and of then", async () => {
  await using database = await freshDatabase();
  const { sql } = database;
  await sql`alter table event add column house_motto text`;
  await withField(headColumns, async () => {
    const said = (n: number): Record<string, string> => ({ [FIELD]: `motto ${n}` });
    await apply(
      sql,
      MOMENTS.map((at, n) => described(said(n), at)),
    );
    const [now] = await readEventsInRows(sql);
    const [then] = await readEventsAt(sql, [now?.event.eventId ?? ""], {
      at: new Date(MOMENTS[1] ?? ""),
    });
    expect([now?.event, then?.event]).toMatchObject([
      { houseMotto: "motto 2" },
      { houseMotto: "motto 1" },
    ]);
  });
});
