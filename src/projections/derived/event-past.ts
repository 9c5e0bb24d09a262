import type { PendingQuery, Row } from "postgres";
import type { Category, EventUpdated, TicketType, UnderShop } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import type { CountForCapacity } from "../../rules/capacity.ts";
import { type EventInRows, readEventsInRows } from "../tables/event-state.ts";
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
  const [pastOf, formerOf] = await Promise.all([
    readPastsOf(sql, windows, historiesOfAll(sql)),
    readFormerCategories(sql, windows),
  ]);
  return (eventId) => {
    const { known, steps } = pastOf(eventId);
    return { steps, known: { ...known, formerCategories: formerOf(eventId) } };
  };
}

/**
 * The same for windows that reach to the end, in look-ups for those ticket types alone that became
 * otherwise since: what all others are now they were at the window's beginning. Only for who holds the
 * events' locks, for rows (those at hand, or else they are read) and history are of one moment then.
 */
export async function readNewestPasts(
  sql: Sql,
  windows: readonly Window[],
  given?: Promise<ReadonlyMap<string, EventInRows>>,
): Promise<(eventId: string) => Past> {
  // PostgreSQL looks these up while rows are made of what is at hand.
  const [pastOf, rowsOf] = await Promise.all([
    readPastsOf(sql, windows, historiesOfOthers(sql)),
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
          ${eachOf(sql, "ticket_type", "ticket_type_id")}
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

/** The things of an event whose histories are looked up. */
interface Histories {
  types: PendingQuery<Row[]>;
  shops: PendingQuery<Row[]>;
  counts: PendingQuery<Row[]>;
}

async function readPastsOf(
  sql: Sql,
  windows: readonly Window[],
  histories: Histories,
): Promise<(eventId: string) => Past> {
  if (windows.length === 0) return () => ({ known: NOTHING, steps: [] });
  const of = windowsOf(sql, windows);
  const [heads, types, shops, sources, counts, moments, counted] = await Promise.all([
    sql<VersionColumns<Head>[]>`
      select event_id, found.* from ${of}
      cross join lateral (${versionsIn(sql, "event_head_version")}) found
      order by version_at, observed_at, fact_key
    `,
    sql<VersionColumns<TicketType>[]>`
      select event_id, found.* from ${of}
      ${histories.types}
      cross join lateral (${versionsIn(sql, "ticket_type_version", "ticket_type_id")}) found
      order by version_at, observed_at, fact_key, item.ticket_type_id
    `,
    sql<VersionColumns<UnderShop>[]>`
      select event_id, found.* from ${of}
      ${histories.shops}
      cross join lateral (${versionsIn(sql, "under_shop_version", "under_shop_id")}) found
      order by version_at, observed_at, fact_key, item.under_shop_id
    `,
    sql<SourceColumns[]>`
      select distinct on (event_id, version_at, observed_at)
        event_id, version_at, observed_at, source
      from ${of}
      cross join lateral (
        select version_at, observed_at, fact_key, source from event_version v
        where v.event_id = past.event_id and version_at > past.after and version_at <= past.until
        offset 0
      ) described
      order by event_id, version_at, observed_at, fact_key desc
    `,
    sql<CountColumns[]>`
      select
        event_id, ticket_type_id, counted_at <= past.after as is_before, counted_at as at, sold,
        sold_under_shop, sold_by_under_shop, reserved, reserved_by_under_shop
      from ${of}
      ${histories.counts}
      cross join lateral (
        (
          select counted_at, fact_key, sold, sold_under_shop, sold_by_under_shop, reserved,
            reserved_by_under_shop
          from ticket_type_count c
          where c.event_id = past.event_id and c.ticket_type_id = item.ticket_type_id
            and c.counted_at <= past.after
          order by counted_at desc, fact_key desc limit 1
        ) union all (
          select counted_at, fact_key, sold, sold_under_shop, sold_by_under_shop, reserved,
            reserved_by_under_shop
          from ticket_type_count c
          where c.event_id = past.event_id and c.ticket_type_id = item.ticket_type_id
            and c.counted_at > past.after and c.counted_at <= past.until
        )
      ) found
      order by counted_at, fact_key, ticket_type_id
    `,
    sql<MomentColumns[]>`
      select
        event_id, counted_at as at, min(source) as source,
        coalesce(
          count(distinct part_number) filter (where complete and whole)
            >= max(part_of) filter (where complete and whole),
          false
        ) as is_counted
      from ${of}
      cross join lateral (
        select counted_at, source, complete, whole, part_number, part_of from event_count c
        where c.event_id = past.event_id and counted_at > past.after and counted_at <= past.until
        offset 0
      ) counted
      group by event_id, counted_at
    `,
    sql<{ eventId: string }[]>`
      select event_id from ${of}
      where exists (
        select from event_count c
        where c.event_id = past.event_id and complete and whole and counted_at <= past.after
        group by counted_at
        having count(distinct part_number) >= max(part_of)
      )
    `,
  ]);
  const by = <Row extends { eventId: string }>(rows: readonly Row[]) => {
    const grouped = Map.groupBy(rows, ({ eventId }) => eventId);
    return (eventId: string) => grouped.get(eventId) ?? [];
  };
  const found = {
    heads: by(heads),
    types: by(types),
    shops: by(shops),
    sources: by(sources),
    counts: by(counts),
    moments: by(moments),
  };
  const isCounted = new Set(counted.map(({ eventId }) => eventId));
  return (eventId) => {
    const rows = {
      heads: found.heads(eventId),
      types: found.types(eventId),
      shops: found.shops(eventId),
      counts: found.counts(eventId),
    };
    return {
      known: knownOf(rows, isCounted.has(eventId)),
      steps: stepsOf({
        ...rows,
        sources: found.sources(eventId),
        moments: found.moments(eventId),
      }),
    };
  };
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
  counts: sql`
    cross join lateral (
      select ticket_type_id from ticket_type_sales one
      where one.event_id = past.event_id and one.changed_at > past.after offset 0
    ) item
  `,
});

const eachSince = (sql: Sql, table: string, item: string) => sql`
  cross join lateral (
    select distinct ${sql(item)} from ${sql(table)} one
    where one.event_id = past.event_id and one.version_at > past.after
  ) item
`;

/** Without `offset` PostgreSQL would rather read the whole table than look each event up. */
const eachOf = (sql: Sql, table: string, item: string) => sql`
  cross join lateral (
    select ${sql(item)} from ${sql(table)} one where one.event_id = past.event_id offset 0
  ) item
`;

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
