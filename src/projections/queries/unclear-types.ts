import type { Category, TicketType } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { type Overrides, type TicketClass, verdictOf } from "../../rules/classify.ts";
import { isParent } from "../../rules/parents.ts";
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

/** By which transactions an event and its types were written, and in which tables: a replay's swap brings others. */
const readWritten = (sql: Pool, now: Date) => sql<{ eventId: string; written: string }[]>`
  select
    event.event_id,
    concat_ws(' ', event.tableoid, event.xmin, count(*), sum(type.xmin::text::bigint)) as written
  from event_shown shown
    join event using (event_id)
    join ticket_type type using (event_id)
  where shown.in_doubt is distinct from false and event.deleted_at is null and event.end_at > ${now}
  group by event.event_id, event.tableoid, event.xmin
  order by event.start_at, event.event_id
`;

const readTypes = (sql: Pool, events: readonly { eventId: string }[]) => sql<TypeColumns[]>`
    select
      event.event_id, event.account as region, event.name as event_name, event.event_type,
      coalesce(event.child_event_ids, '{}') as child_event_ids, event.categories,
      type.ticket_type_id, type.name, type.price_minor::float8 as price_minor, type.category_ref,
      type.auto_added, type.ignore_for_max_amounts, type.conditional_availability,
      type.hidden_in_selection_area
    from event join ticket_type type using (event_id)
    where event_id = any(${events.map(({ eventId }) => eventId)}::text[])
      and type.ticket_type_id = any(event.ticket_type_ids)
    order by type.name, type.ticket_type_id
`;

interface UnclearOptions {
  overrides?: Overrides;
  /** Told of an event whose types cannot be looked at: the others are. */
  onFault?: OnEventFault;
}

function unclearTypesOf(found: TypeColumns, overrides: Overrides | undefined): UnclearType[] {
  const { region, eventId, eventName, eventType, childEventIds, categories, ...type } = found;
  if (isParent({ eventType, childEventIds })) return [];
  const { class: ticketClass, unclear: doubt } = verdictOf(type, { overrides, categories });
  if (doubt === null) return [];
  const { ticketTypeId, name: ticketName } = type;
  const subject = { region, eventId, eventName, ticketTypeId, ticketName };
  return [{ ...subject, class: ticketClass, reason: doubt }];
}

interface TypeColumns
  extends Pick<
    TicketType,
    | "ticketTypeId"
    | "name"
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
}
