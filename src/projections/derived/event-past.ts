import type { PendingQuery, Row } from "postgres";
import type { Category, EventUpdated, TicketType, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { CountForCapacity } from "../../rules/capacity.ts";
import { type EventInRows, readEventsInRows } from "../tables/event-state.ts";
import { columns, namesOf } from "../tables/table-columns.ts";
import { type NewestRows, newestOf } from "./newest-rows.ts";

export type Head = Omit<EventUpdated, "ticketTypes" | "underShops">;

/** What was known of an event at an instant. */
export interface Known {
  head: Head | undefined;
  types: TicketType[];
  shops: UnderShop[];
  counts: CountForCapacity[];
  /** Of ticket types that were gone by then: the event's when it last had them. */
  formerCategories: ReadonlyMap<string, Category[]>;
  /** All ticket types had been counted once. */
  isCounted: boolean;
}

/** What became otherwise of an event at one instant, each list in the order of its facts. */
export interface Step {
  at: Date;
  /** Descriptions of this instant, by when they were observed. */
  described: Described[];
  counts: CountForCapacity[];
  /** A count of all ticket types at this moment is there in all its parts. */
  isCounted: boolean;
  /** Of the counts, or else of the last description. */
  source: string;
}

/** The parts of a description share its times. */
export interface Described {
  observedAt: Date;
  source: string;
  /** In the order of the facts. */
  heads: Head[];
  types: TicketType[];
  shops: UnderShop[];
}

/** Of an event, what was known at an instant and the steps after it, as far as another. */
export interface Window {
  eventId: string;
  /** Null for the beginning. */
  after: Date | null;
  /** Null for the end. */
  until: Date | null;
}

export interface Past {
  known: Known;
  steps: Step[];
}

/** Where the next so many facts behind an instant end; null where they are fewer. */
export async function readWindows(
  sql: Sql,
  starts: readonly Pick<Window, "eventId" | "after">[],
  facts: number,
): Promise<Window[]> {
  const rows = await sql<{ eventId: string; until: Date | null }[]>`
    select event_id, least(counted.at, described.at) as until
    from ${windowsOf(
      sql,
      starts.map((start) => ({ ...start, until: null })),
    )}
    ${nextFacts(sql, facts)}
  `;
  const untilOf = new Map(rows.map(({ eventId, until }) => [eventId, until]));
  return starts.map((start) => ({ ...start, until: untilOf.get(start.eventId) ?? null }));
}

/** Joins to `past` (event and `after`) where the next so many facts end, if they do. */
export const nextFacts = (sql: Sql, facts: number) => sql`
  left join lateral (
    select counted_at as at from event_count c
    where c.event_id = past.event_id and c.counted_at > past.after
    order by counted_at offset ${facts} limit 1
  ) counted on true
  left join lateral (
    select version_at as at from event_version v
    where v.event_id = past.event_id and v.version_at > past.after
    order by version_at offset ${facts} limit 1
  ) described on true
`;

/**
 * Of each event what was known and what followed, in a few look-ups for each ticket type however long its
 * history is.
 */
export async function readPasts(
  sql: Sql,
  windows: readonly Window[],
): Promise<(eventId: string) => Past> {
  if (windows.length === 0) return () => ({ known: NOTHING, steps: [] });
  const [{ pastOf }, formerOf] = await Promise.all([
    readPastsOf(sql, windowsOf(sql, windows), historiesOfAll(sql)),
    readFormerCategories(sql, windows),
  ]);
  return (eventId) => {
    const { known, steps } = pastOf(eventId);
    return { steps, known: { ...known, formerCategories: formerOf(eventId) } };
  };
}

/** What became otherwise of events behind an instant of each. */
export interface Looked {
  pastOf(eventId: string): Past;
  /** The instant; null for the beginning, undefined where it is none of these events. */
  afterOf(eventId: string): Date | null | undefined;
}

/** Of windows that reach to the end, by a table `past` of the caller's. It is asked for at once. */
export const lookUpNewest = (sql: Sql, past: PendingQuery<Row[]>): Promise<Looked> =>
  readPastsOf(sql, past, historiesOfOthers(sql));

interface AtHand {
  rows?: Promise<ReadonlyMap<string, EventInRows>> | undefined;
  /** Of these windows. */
  looked?: Looked | undefined;
}

/**
 * The same for windows that reach to the end, in look-ups for those ticket types alone that became
 * otherwise since: what all others are now they were at the window's beginning. Only for who holds the
 * events' locks, for rows (those at hand, or else they are read) and history are of one moment then.
 */
export async function readNewestPasts(
  sql: Sql,
  windows: readonly Window[],
  { rows: given, looked }: AtHand = {},
): Promise<(eventId: string) => Past> {
  if (windows.length === 0) return () => ({ known: NOTHING, steps: [] });
  // PostgreSQL looks these up while rows are made of what is at hand.
  const [{ pastOf }, rowsOf] = await Promise.all([
    looked ?? lookUpNewest(sql, windowsOf(sql, windows)),
    rowsAtHand(),
  ]);
  const headChanged = windows.filter(({ eventId }) => pastOf(eventId).steps.some(namesHead));
  const [formerOf, undescribed] = await Promise.all([
    readFormerCategories(sql, headChanged),
    // What was counted and never described is in no row.
    readPasts(
      sql,
      windows.filter(({ eventId }) => !rowsOf.has(eventId)),
    ),
  ]);
  const changed = new Set(headChanged.map(({ eventId }) => eventId));
  return (eventId) => {
    const past = pastOf(eventId);
    const rows = rowsOf.get(eventId);
    if (!rows) return undescribed(eventId);
    const newest = newestOf(rows);
    const formerCategories = changed.has(eventId) ? formerOf(eventId) : newest.formerCategories;
    return {
      steps: past.steps,
      known: { ...past.known, ...notOtherwise(past, newest), formerCategories },
    };
  };

  async function rowsAtHand() {
    const atHand = (await given) ?? new Map<string, EventInRows>();
    const unread = windows.flatMap(({ eventId }) => (atHand.has(eventId) ? [] : eventId));
    const read = unread.length > 0 ? await readEventsInRows(sql, unread) : [];
    return new Map([...atHand, ...read.map((one) => [one.event.eventId, one] as const)]);
  }
}

const namesHead = ({ described }: Step) => described.some(({ heads }) => heads.length > 0);

/** What was known, and of what the steps do not name what is so now. */
function notOtherwise({ known, steps }: Past, newest: NewestRows) {
  const described = steps.flatMap((step) => step.described);
  const types = new Set(described.flatMap((one) => one.types.map((type) => type.ticketTypeId)));
  const shops = new Set(described.flatMap((one) => one.shops.map((shop) => shop.underShopId)));
  const counts = new Set(steps.flatMap((step) => step.counts.map((count) => count.ticketTypeId)));
  return {
    types: [...known.types, ...newest.types.filter(({ ticketTypeId }) => !types.has(ticketTypeId))],
    shops: [...known.shops, ...newest.shops.filter(({ underShopId }) => !shops.has(underShopId))],
    counts: [
      ...known.counts,
      ...newest.counts.filter(({ ticketTypeId }) => !counts.has(ticketTypeId)),
    ],
  };
}

/** At each window's beginning, of the ticket types that were gone by then. */
async function readFormerCategories(sql: Sql, windows: readonly Window[]) {
  const rows =
    windows.length === 0
      ? []
      : await sql<FormerColumns[]>`
          select event_id, item.ticket_type_id, last.categories
          from ${windowsOf(sql, windows)}
          cross join lateral (
            select array(select jsonb_array_elements_text(v.content -> 'ticketTypeIds')) as ids
            from event_head_version v
            where v.event_id = past.event_id and v.version_at <= past.after
            order by version_at desc, observed_at desc, fact_key desc limit 1
          ) newest
          cross join lateral ${eachOf(sql, "ticket_type", "ticket_type_id")}
          cross join lateral (
            select content -> 'categories' as categories from event_head_version v
            where v.event_id = past.event_id and v.version_at <= past.after
              and v.content -> 'ticketTypeIds' ? item.ticket_type_id
            order by version_at desc, observed_at desc, fact_key desc limit 1
          ) last
          where item.ticket_type_id <> all(newest.ids)
        `;
  const byEvent = Map.groupBy(rows, ({ eventId }) => eventId);
  return (eventId: string): Known["formerCategories"] =>
    new Map(
      byEvent.get(eventId)?.map(({ ticketTypeId, categories }) => [ticketTypeId, categories]),
    );
}

/** The things of an event of `past` whose histories are looked up, each as a table `item`. */
interface Histories {
  types: PendingQuery<Row[]>;
  shops: PendingQuery<Row[]>;
  counts: PendingQuery<Row[]>;
}

/**
 * Two statements, sent at once: each asks for several kinds of rows, for a statement has its price. `offset`
 * has PostgreSQL look each event up.
 */
async function readPastsOf(
  sql: Sql,
  past: PendingQuery<Row[]>,
  histories: Histories,
): Promise<Looked> {
  const [described, counted] = await Promise.all([
    sql<DescribedColumns[]>`
      select event_id, found.* from ${past}
      cross join lateral (
        select 'head' as kind, '' as item_id, version.*, null as source
        from (${versionsIn(sql, "event_head_version")}) version
        union all
        select 'type', item.ticket_type_id, version.*, null
        from ${histories.types}
        cross join lateral (${versionsIn(sql, "ticket_type_version", "ticket_type_id")}) version
        union all
        select 'shop', item.under_shop_id, version.*, null
        from ${histories.shops}
        cross join lateral (${versionsIn(sql, "under_shop_version", "under_shop_id")}) version
        union all (
          select distinct on (version_at, observed_at)
            'source', '', false, version_at, observed_at, fact_key, null, source
          from event_version v
          where v.event_id = past.event_id and version_at > past.after and version_at <= past.until
          order by version_at, observed_at, fact_key desc
        )
        offset 0
      ) found
      order by version_at, observed_at, fact_key, item_id
    `.execute(),
    sql<CountedColumns[]>`
      select event_id, found.* from ${past}
      cross join lateral (
        select 'numbers' as kind, item.ticket_type_id, counted.*, null as source, null as is_counted
        from ${histories.counts}
        cross join lateral (
          (
            select true as is_before, counted_at as at, fact_key, ${namesOf(sql, numbers)}
            from ticket_type_count c
            where c.event_id = past.event_id and c.ticket_type_id = item.ticket_type_id
              and c.counted_at <= past.after
            order by counted_at desc, fact_key desc limit 1
          ) union all (
            select false, counted_at, fact_key, ${namesOf(sql, numbers)}
            from ticket_type_count c
            where c.event_id = past.event_id and c.ticket_type_id = item.ticket_type_id
              and c.counted_at > past.after and c.counted_at <= past.until
          )
        ) counted
        union all
        select 'count', null, false, counted_at, null, ${noNumbers(sql)}, min(source), coalesce(
          count(distinct part_number) filter (where complete and whole)
            >= max(part_of) filter (where complete and whole),
          false
        )
        from event_count c
        where c.event_id = past.event_id and counted_at > past.after and counted_at <= past.until
        group by counted_at
        union all
        select 'before', null, true, nullif(past.after, '-infinity'), null, ${noNumbers(sql)}, null,
          exists (
            select from event_count c
            where c.event_id = past.event_id and complete and whole and counted_at <= past.after
            group by counted_at
            having count(distinct part_number) >= max(part_of)
          )
        offset 0
      ) found
      order by at, fact_key, ticket_type_id
    `.execute(),
  ]);
  const describedOf = Map.groupBy(described, ({ eventId }) => eventId);
  const countedOf = Map.groupBy(counted, ({ eventId }) => eventId);
  const beforeOf = (eventId: string) =>
    countedOf.get(eventId)?.find((row) => row.kind === "before");
  return {
    afterOf: (eventId) => beforeOf(eventId)?.at,
    pastOf(eventId) {
      const versions = describedOf.get(eventId) ?? [];
      const counts = countedOf.get(eventId) ?? [];
      const rows = {
        heads: versions.filter((row) => row.kind === "head"),
        types: versions.filter((row) => row.kind === "type"),
        shops: versions.filter((row) => row.kind === "shop"),
        counts: counts.filter((row) => row.kind === "numbers"),
      };
      return {
        known: knownOf(rows, beforeOf(eventId)?.isCounted ?? false),
        steps: stepsOf({
          ...rows,
          sources: versions.filter((row) => row.kind === "source"),
          moments: counts.filter((row) => row.kind === "count"),
        }),
      };
    },
  };
}

/** What of a count says what is left. */
const numbers = columns({
  sold: "integer",
  sold_under_shop: "integer",
  sold_by_under_shop: "jsonb",
  reserved: "integer",
  reserved_by_under_shop: "jsonb",
});

const noNumbers = (sql: Sql) => sql.unsafe(numbers.map(() => "null").join(", "));

type DescribedColumns =
  | ({ kind: "head" } & VersionColumns<Head>)
  | ({ kind: "type" } & VersionColumns<TicketType>)
  | ({ kind: "shop" } & VersionColumns<UnderShop>)
  | ({ kind: "source" } & SourceColumns);

type CountedColumns =
  | ({ kind: "numbers" } & CountColumns)
  | ({ kind: "count" } & MomentColumns)
  | ({ kind: "before" } & BeforeColumns);

/** Of each event one row: what its past was looked up behind. */
interface BeforeColumns {
  eventId: string;
  at: Date | null;
  isCounted: boolean;
}

interface VersionColumns<Content> {
  eventId: string;
  isBefore: boolean;
  versionAt: Date;
  observedAt: Date;
  content: Content;
}

interface SourceColumns {
  eventId: string;
  versionAt: Date;
  observedAt: Date;
  source: string;
}

type CountColumns = CountForCapacity & { eventId: string; isBefore: boolean; at: Date };

interface FormerColumns {
  eventId: string;
  ticketTypeId: string;
  categories: Category[];
}

interface MomentColumns {
  eventId: string;
  at: Date;
  source: string;
  isCounted: boolean;
}

interface Rows {
  heads: readonly VersionColumns<Head>[];
  types: readonly VersionColumns<TicketType>[];
  shops: readonly VersionColumns<UnderShop>[];
  counts: readonly CountColumns[];
}

/** Both ends of time have a name in PostgreSQL. */
const windowsOf = (sql: Sql, windows: readonly Window[]) => sql`
  jsonb_to_recordset(${JSON.stringify(
    windows.map(({ eventId, after, until }) => ({
      event_id: eventId,
      after: after ?? "-infinity",
      until: until ?? "infinity",
    })),
  )}::text::jsonb) as past (event_id text, after timestamptz, until timestamptz)
`;

const historiesOfAll = (sql: Sql): Histories => ({
  types: eachOf(sql, "ticket_type", "ticket_type_id"),
  shops: eachOf(sql, "under_shop", "under_shop_id"),
  counts: eachOf(sql, "ticket_type_sales", "ticket_type_id"),
});

/** Of those alone that became otherwise behind the window's beginning. */
const historiesOfOthers = (sql: Sql): Histories => ({
  types: eachSince(sql, "ticket_type_version", "ticket_type_id"),
  shops: eachSince(sql, "under_shop_version", "under_shop_id"),
  counts: sql`(
    select ticket_type_id from ticket_type_sales one
    where one.event_id = past.event_id and one.changed_at > past.after offset 0
  ) item`,
});

const eachSince = (sql: Sql, table: string, item: string) => sql`(
  select distinct ${sql(item)} from ${sql(table)} one
  where one.event_id = past.event_id and one.version_at > past.after
) item`;

/** Without `offset` PostgreSQL would rather read the whole table than look each event up. */
const eachOf = (sql: Sql, table: string, item: string) => sql`(
  select ${sql(item)} from ${sql(table)} one where one.event_id = past.event_id offset 0
) item`;

/** Of a table of changes: the one that held at the window's beginning, and those within. */
function versionsIn(sql: Sql, table: string, item?: string) {
  const ofItem = item === undefined ? sql`` : sql`and v.${sql(item)} = item.${sql(item)}`;
  return sql`
    (
      select true as is_before, version_at, observed_at, fact_key, content from ${sql(table)} v
      where v.event_id = past.event_id ${ofItem} and v.version_at <= past.after
      order by version_at desc, observed_at desc, fact_key desc limit 1
    ) union all (
      select false, version_at, observed_at, fact_key, content from ${sql(table)} v
      where v.event_id = past.event_id ${ofItem}
        and v.version_at > past.after and v.version_at <= past.until
    )
  `;
}

const NOTHING: Known = {
  head: undefined,
  types: [],
  shops: [],
  counts: [],
  formerCategories: new Map(),
  isCounted: false,
};

const knownOf = ({ heads, types, shops, counts }: Rows, isCounted: boolean): Known => ({
  formerCategories: new Map(),
  head: heads.find(({ isBefore }) => isBefore)?.content,
  types: types.filter(({ isBefore }) => isBefore).map(({ content }) => content),
  shops: shops.filter(({ isBefore }) => isBefore).map(({ content }) => content),
  counts: counts.filter(({ isBefore }) => isBefore).map(countOf),
  isCounted,
});

const countOf = ({
  ticketTypeId,
  sold,
  soldUnderShop,
  soldByUnderShop,
  reserved,
  reservedByUnderShop,
}: CountColumns) => ({
  ticketTypeId,
  sold,
  soldUnderShop,
  soldByUnderShop,
  reserved,
  reservedByUnderShop,
});

function stepsOf({
  heads,
  types,
  shops,
  counts,
  sources,
  moments,
}: Rows & { sources: readonly SourceColumns[]; moments: readonly MomentColumns[] }): Step[] {
  const steps = new Map<number, Step>();
  const stepAt = (at: Date) => {
    const step = steps.get(at.getTime()) ?? emptyStep(at);
    steps.set(at.getTime(), step);
    return step;
  };
  const descriptions = new Map<string, Described>();
  const descriptionOf = ({
    versionAt,
    observedAt,
  }: Pick<SourceColumns, "versionAt" | "observedAt">) => {
    const key = `${versionAt.getTime()} ${observedAt.getTime()}`;
    const known = descriptions.get(key);
    if (known) return known;
    const described = { observedAt, source: "", heads: [], types: [], shops: [] };
    descriptions.set(key, described);
    stepAt(versionAt).described.push(described);
    return described;
  };
  const within = <Row extends { isBefore: boolean }>(rows: readonly Row[]) =>
    rows.filter(({ isBefore }) => !isBefore);
  for (const row of within(heads)) descriptionOf(row).heads.push(row.content);
  for (const row of within(types)) descriptionOf(row).types.push(row.content);
  for (const row of within(shops)) descriptionOf(row).shops.push(row.content);
  for (const { versionAt, observedAt, source } of sources) {
    // One that said nothing otherwise is no step, and yet the last to say it.
    const step = steps.get(versionAt.getTime());
    const described = descriptions.get(`${versionAt.getTime()} ${observedAt.getTime()}`);
    if (described) described.source = source;
    if (step) step.source = source;
  }
  for (const { at, source, isCounted } of moments) {
    const step = stepAt(at);
    step.source = source;
    step.isCounted = isCounted;
  }
  for (const row of within(counts)) stepAt(row.at).counts.push(countOf(row));
  for (const step of steps.values())
    step.described.sort((one, other) => one.observedAt.getTime() - other.observedAt.getTime());
  return [...steps.values()].sort((one, other) => one.at.getTime() - other.at.getTime());
}

const emptyStep = (at: Date): Step => ({
  at,
  described: [],
  counts: [],
  isCounted: false,
  source: "",
});
