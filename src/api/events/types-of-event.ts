import type { EventRow, TicketTypeRow } from "../../projections/queries/rows.ts";
import { ticketClasses } from "../../rules/classify.ts";
import { flagOf, namesOf } from "../request/list-query.ts";

/** Which of one event's ticket types are wanted: it has some hundred, and they are read together. */
export const typeFilters = {
  class: namesOf(ticketClasses, "What the ticket types are."),
  inTotals: flagOf("Ticket types that the event's totals hold, or do not."),
  active: flagOf("Ticket types that are switched on, or off."),
  current: flagOf(
    "`true` leaves out ticket types that the event no longer has, and all of an event that is gone.",
  ),
};

interface Asked {
  class?: string[] | undefined;
  inTotals?: boolean | undefined;
  active?: boolean | undefined;
  current?: boolean | undefined;
}

export const fitsOf =
  (asked: Asked, { status }: Pick<EventRow, "status">) =>
  (type: TicketTypeRow) =>
    (asked.class?.includes(type.class) ?? true) &&
    (asked.inTotals ?? type.inTotals) === type.inTotals &&
    (asked.active ?? type.active) === type.active &&
    !(asked.current && (type.removed || status === "CANCELLED"));
