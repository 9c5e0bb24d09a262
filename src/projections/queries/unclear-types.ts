import type { Category, TicketType } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { type Overrides, type TicketClass, verdictOf } from "../../rules/classify.ts";
import { isParent } from "../../rules/parents.ts";
import { NOT_DESCRIBED } from "../tables/made-rows.ts";
import { aloneOf, type OnEventFault } from "./row-faults.ts";

/** A ticket type of which somebody has to say what it is. */
export interface UnclearType {
  region: string;
  eventId: string;
  eventName: string;
  ticketTypeId: string;
  ticketName: string;
  /** What it passes for meanwhile. */
  class: TicketClass;
  reason: string;
}

/**
 * Those of the events that are not over, by their dates. They are asked for every second, and a season has
 * thousands of types: of an event whose row says that none is in doubt nothing is read, and of another one
 * that was not written since nothing but that.
 */
export function unclearTypesReader(sql: Pool, { overrides, onFault }: UnclearOptions) {
  let known = new Map<string, Known>();

  return async function read(now: Date): Promise<UnclearType[]> {
    const there = await readWritten(sql, now);
    const changed = there.filter(({ eventId, written }) => known.get(eventId)?.written !== written);
    const typesOf =
      changed.length === 0
        ? new Map<string, TypeColumns[]>()
        : Map.groupBy(await readTypes(sql, changed), ({ eventId }) => eventId);
    known = new Map(
      there.map(({ eventId, written }) => {
        const before = known.get(eventId);
        if (before?.written === written) return [eventId, before];
        let isWhole = true;
        const onTypeFault: OnEventFault = (id, error) => {
          isWhole = false;
          onFault?.(id, error);
        };
        const unclear = (typesOf.get(eventId) ?? []).flatMap((type) =>
          aloneOf(eventId, () => unclearTypesOf(type, overrides), onTypeFault),
        );
        // What could not be looked at is looked at again, so that it is told for as long as it is so.
        return [eventId, { written: isWhole ? written : null, unclear }];
      }),
    );
    return there.flatMap(({ eventId }) => known.get(eventId)?.unclear ?? []);
  };
}

interface Known {
  written: string | null;
  unclear: UnclearType[];
}

/**
 * By which transactions an event, its types and what is shown of it were written, and in which tables: a
 * replay's swap brings others.
 */
const readWritten = (sql: Pool, now: Date) => sql<{ eventId: string; written: string }[]>`
  select
    event.event_id,
    concat_ws(' ', event.tableoid, event.xmin, shown.xmin, count(*), sum(type.xmin::text::bigint))
      as written
  from event_shown shown
    join event using (event_id)
    left join ticket_type type using (event_id)
  where shown.in_doubt is distinct from false and event.deleted_at is null and event.end_at > ${now}
  group by event.event_id, event.tableoid, event.xmin, shown.xmin
  order by event.start_at, event.event_id
`;

/** Those that these events have, and those that they have no more and sold tickets of, described or not. */
const readTypes = (sql: Pool, events: readonly { eventId: string }[]) => sql<TypeColumns[]>`
    select
      event.event_id, event.account as region, event.name as event_name, event.event_type,
      coalesce(event.child_event_ids, '{}') as child_event_ids,
      coalesce(former.categories, event.categories) as categories,
      ticket_type_id, type.name, type.price_minor::float8 as price_minor, type.category_ref,
      type.auto_added, type.ignore_for_max_amounts, type.conditional_availability,
      type.hidden_in_selection_area, coalesce(sales.sold, 0) as sold
    from (
        select event_id, ticket_type_id from ticket_type where event_id = any(${idsOf(events)}::text[])
        union
        select event_id, ticket_type_id from ticket_type_sales
        where event_id = any(${idsOf(events)}::text[])
      ) named
      join event using (event_id)
      left join ticket_type type using (event_id, ticket_type_id)
      left join ticket_type_sales sales using (event_id, ticket_type_id)
      left join lateral (
        select content -> 'categories' as categories from event_head_version v
        where ticket_type_id <> all(event.ticket_type_ids) and v.event_id = event.event_id
          and v.content -> 'ticketTypeIds' ? ticket_type_id
        order by version_at desc, observed_at desc, fact_key desc limit 1
      ) former on true
    where ticket_type_id = any(event.ticket_type_ids) or sales.sold > 0
    order by type.name, ticket_type_id
`;

const idsOf = (events: readonly { eventId: string }[]) => events.map(({ eventId }) => eventId);

interface UnclearOptions {
  overrides?: Overrides;
  /** Told of an event whose types cannot be looked at: the others are. */
  onFault?: OnEventFault;
}

function unclearTypesOf(found: TypeColumns, overrides: Overrides = {}): UnclearType[] {
  const { region, eventId, eventName, eventType, childEventIds, categories, sold, ...type } = found;
  if (isParent({ eventType, childEventIds })) return [];
  const { ticketTypeId, name } = type;
  const subject = { region, eventId, eventName, ticketTypeId };
  if (name === null) {
    if (Object.hasOwn(overrides, ticketTypeId)) return [];
    const tickets = sold === 1 ? "1 ticket of it is" : `${sold} tickets of it are`;
    const reason = `the event was never seen to have it, and ${tickets} sold`;
    return [{ ...subject, ticketName: NOT_DESCRIBED, class: "other", reason }];
  }
  const { class: ticketClass, unclear: doubt } = verdictOf(
    { ...type, name },
    { overrides, categories },
  );
  if (doubt === null) return [];
  return [{ ...subject, ticketName: name, class: ticketClass, reason: doubt }];
}

interface TypeColumns
  extends Pick<
    TicketType,
    | "ticketTypeId"
    | "priceMinor"
    | "categoryRef"
    | "autoAdded"
    | "ignoreForMaxAmounts"
    | "conditionalAvailability"
    | "hiddenInSelectionArea"
  > {
  eventId: string;
  region: string;
  eventName: string;
  eventType: string;
  childEventIds: string[];
  categories: Category[];
  /** Null where only its tickets are known. */
  name: string | null;
  sold: number;
}
