import { LRUCache } from "lru-cache";
import type { PendingQuery, Row } from "postgres";
import type { Category, TicketType } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { ticketTypeColumns } from "./description-tables.ts";
import { columns, rowOf, together } from "./table-columns.ts";

/** The ticket types that an event ever had, as they were described last. */
export interface DescribedTypes {
  types: TicketType[];
  typesChangedAt: ReadonlyMap<string, Date>;
  /** Of those that are gone and were in a category: the event's when it last had them. */
  formerCategories: ReadonlyMap<string, Category[]>;
}

type Described = Pick<DescribedTypes, "types" | "typesChangedAt">;

/** What was read of events, each with the version of its rows, by which PostgreSQL says whether it holds. */
export type TypesMemory = LRUCache<string, Described & { version: string }>;

const MOST_REMEMBERED = 5_000;

/** For who asks for the same events again and again. */
export const typesMemory = (most = MOST_REMEMBERED): TypesMemory =>
  new LRUCache({
    maxSize: most,
    sizeCalculation: ({ types }) => types.length + 1,
  });

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

/**
 * The same of the tables as they are, for who read most of it before: what is remembered is taken where
 * PostgreSQL says that each row is the one that was read, whoever may have written meanwhile.
 */
export async function readTypesAgain(
  sql: Sql,
  eventIds: readonly string[],
  memory: TypesMemory,
): Promise<(eventId: string) => DescribedTypes> {
  // What is asked of has to be at hand when it is answered: meanwhile others may put it out of the memory.
  const remembered = new Map(eventIds.map((eventId) => [eventId, memory.get(eventId)]));
  const known = eventIds.map((eventId) => ({
    event_id: eventId,
    version: remembered.get(eventId)?.version ?? null,
  }));
  const only = sql`where event_id = any(${[...eventIds]}::text[])`;
  const [found, formers] = await Promise.all([
    sql<{ eventId: string; version: string; rows: unknown[][] | null }[]>`
      select known.event_id, now.version, case when now.version is distinct from known.version then (
        select ${together(sql, typeColumns)}
        from (
          select * from ticket_type t where t.event_id = known.event_id
          order by name, ticket_type_id
        ) found
      ) end as rows
      from jsonb_to_recordset(${JSON.stringify(known)}::text::jsonb) as known (
        event_id text, version text
      )
      cross join lateral (
        -- A row that is written again stands elsewhere, or another transaction wrote it.
        select coalesce(sum(hashtextextended(concat(ctid, xmin), tableoid::bigint)), 0)::text as version
        from ticket_type t where t.event_id = known.event_id
      ) now
    `,
    sql<{ eventId: string; ticketTypeId: string; former: Category[] | null }[]>`
      select event_id, ticket_type_id, (${formerOf(sql)}) as former
      from ticket_type ${only} and ${isGone(sql, only)}
    `,
  ]);
  const typesOf = new Map(
    found.map(({ eventId, version, rows }) => {
      const before = remembered.get(eventId);
      const types = before?.version === version ? before : typesIn(rows ?? []);
      memory.set(eventId, { ...types, version });
      return [eventId, types];
    }),
  );
  const formersOf = Map.groupBy(formers, ({ eventId }) => eventId);
  return (eventId) => ({
    ...(typesOf.get(eventId) ?? NONE),
    formerCategories: new Map(
      (formersOf.get(eventId) ?? []).flatMap(({ ticketTypeId, former }) =>
        former === null ? [] : [[ticketTypeId, former]],
      ),
    ),
  });
}

/** Of a ticket type that was in a category, and that its event does not have any more. */
const isGone = (sql: Sql, only: PendingQuery<Row[]>) => sql`
  category_ref is not null and (event_id, ticket_type_id) not in (
    select event_id, id
    from (select event_id, unnest(ticket_type_ids) as id from event ${only}) present
    where id is not null
  )
`;

const formerOf = (sql: Sql) => sql`
  select content -> 'categories' from event_head_version v
  where v.event_id = ticket_type.event_id
    and v.content -> 'ticketTypeIds' ? ticket_type.ticket_type_id
  order by version_at desc, observed_at desc, fact_key desc limit 1
`;

const NONE: DescribedTypes = { types: [], typesChangedAt: new Map(), formerCategories: new Map() };

/** Those of one event. */
function typesIn(rows: readonly unknown[][]): Described {
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
