import type { PendingQuery, Row } from "postgres";
import type { Category, TicketType } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { someTexts } from "../../database/some-texts.ts";
import { column, columns, rowOf, together } from "../../database/table-columns.ts";
import { once } from "../../lib/once.ts";
import { ticketTypeColumns } from "./description-tables.ts";
import type { RememberedRow, RememberedTable, RowsOf } from "./remembered-rows.ts";

/** The ticket types that an event ever had, as they were described last. */
export interface DescribedTypes {
  types: TicketType[];
  typesChangedAt: ReadonlyMap<string, Date>;
  /** Of those that are gone and were in a category: the event's when it last had them. */
  formerCategories: ReadonlyMap<string, Category[]>;
}

const besides = columns({ changed_at: "timestamptz" });
const described = [...columns({ ticket_type_id: "text" }), ...ticketTypeColumns];
const typeColumns = [...besides, ...described];

/** `tables` may stand in place of those that are read; `only` says of which events. */
export async function readTypes(
  sql: Sql,
  tables: PendingQuery<Row[]>,
  only: PendingQuery<Row[]>,
): Promise<(eventId: string) => DescribedTypes> {
  const found = await sql<{ eventId: string; rows: unknown[][] }[]>`
    ${tables}
    select event_id, ${together(sql, [...typeColumns, ...columns({ former: "jsonb" })])} as rows
    from (
      select *, case when ${isGone(sql, only)} then (${formerOf(sql)}) end as former
      from ticket_type ${only}
      order by event_id, name, ticket_type_id
    ) found
    group by event_id
  `;
  const typesOf = new Map(
    found.map(({ eventId, rows }) => {
      const formerCategories = new Map<string, Category[]>();
      for (const row of rows) {
        const former = row.pop();
        // The casts: the columns are those of a type, and what its event's head said last of it.
        if (former !== null) formerCategories.set(row[1] as string, former as Category[]);
      }
      return [eventId, { ...typesIn(rows), formerCategories }];
    }),
  );
  return (eventId) => typesOf.get(eventId) ?? NONE;
}

/** How they are read for who read most of them before. */
export const typesTable: RememberedTable = {
  table: "ticket_type",
  item: column("ticket_type_id", "text"),
  columns: () => [...ticketTypeColumns, ...besides],
  order: columns({ name: "text" }),
};

/** The same of rows that were remembered: they are asked for at once. */
export async function describedAgain(
  sql: Sql,
  eventIds: readonly string[],
  remembered: Promise<RowsOf>,
): Promise<(eventId: string) => DescribedTypes> {
  const only = sql`where event_id = any(${someTexts(sql, eventIds)})`;
  const [rowsOf, formers] = await Promise.all([
    remembered,
    sql<{ eventId: string; ticketTypeId: string; former: Category[] | null }[]>`
      select event_id, ticket_type_id, (${formerOf(sql)}) as former
      from ticket_type ${only} and ${isGone(sql, only)}
    `.execute(),
  ]);
  const formersOf = Map.groupBy(formers, ({ eventId }) => eventId);
  return (eventId) => {
    return {
      ...describedBy(rowsOf(typesTable, eventId)),
      formerCategories: new Map(
        (formersOf.get(eventId) ?? []).flatMap(({ ticketTypeId, former }) =>
          former === null ? [] : [[ticketTypeId, former]],
        ),
      ),
    };
  };
}

/** The types that such rows say. */
export function describedBy(
  rows: readonly RememberedRow[],
): Omit<DescribedTypes, "formerCategories"> {
  const types = rows.map(typeOf);
  return {
    types: types.map(({ type }) => type),
    typesChangedAt: new Map(types.map(({ type, changedAt }) => [type.ticketTypeId, changedAt])),
  };
}

const typeOf = once(({ changedAt, ...type }: RememberedRow) => ({
  // The casts: the columns are those of a description, and when it came to be so.
  type: type as unknown as TicketType,
  changedAt: changedAt as Date,
}));

/** Of a ticket type that was in a category, and that its event does not have any more. */
const isGone = (sql: Sql, only: PendingQuery<Row[]>) => sql`
  category_ref is not null and (event_id, ticket_type_id) not in (
    select event_id, id
    from (select event_id, unnest(ticket_type_ids) as id from event ${only}) present
    where id is not null
  )
`;

export const formerOf = (sql: Sql) => sql`
  select content -> 'categories' from event_head_version v
  where v.event_id = ticket_type.event_id
    and v.content -> 'ticketTypeIds' ? ticket_type.ticket_type_id
  order by version_at desc, observed_at desc, fact_key desc limit 1
`;

const NONE: DescribedTypes = { types: [], typesChangedAt: new Map(), formerCategories: new Map() };

/** Those of one event. */
function typesIn(rows: readonly unknown[][]): Omit<DescribedTypes, "formerCategories"> {
  const types: TicketType[] = [];
  const typesChangedAt = new Map<string, Date>();
  for (const [changedAt, ...said] of rows) {
    // The casts: the columns are those of a description, and when it came to be so.
    const type = rowOf(described, said) as unknown as TicketType;
    types.push(type);
    typesChangedAt.set(type.ticketTypeId, new Date(changedAt as string));
  }
  return { types, typesChangedAt };
}
