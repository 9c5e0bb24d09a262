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

/** Of the events that are not over, by their dates. */
export async function readUnclearTypes(
  sql: Pool,
  { now, overrides, onFault }: UnclearOptions,
): Promise<UnclearType[]> {
  const types = await sql<TypeColumns[]>`
    select
      event.event_id, event.account as region, event.name as event_name, event.event_type,
      coalesce(event.child_event_ids, '{}') as child_event_ids, event.categories,
      type.ticket_type_id, type.name, type.price_minor::float8 as price_minor, type.category_ref,
      type.auto_added, type.ignore_for_max_amounts, type.conditional_availability,
      type.hidden_in_selection_area
    from event join ticket_type type using (event_id)
    where event.deleted_at is null and event.end_at > ${now}
      and type.ticket_type_id = any(event.ticket_type_ids)
    order by event.start_at, event.event_id, type.name, type.ticket_type_id
  `;
  return types.flatMap((type) =>
    aloneOf(type.eventId, () => unclearTypesOf(type, overrides), onFault ?? (() => {})),
  );
}

interface UnclearOptions {
  now: Date;
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
