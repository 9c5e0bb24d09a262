import type { Pool } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import type { CapacityPolicy } from "../../rules/capacity.ts";
import { statusOf } from "../../rules/event-status.ts";
import type { ClassOverrides } from "../../rules/overrides.ts";
import { type EventInRows, readEventsInRows } from "../tables/event-state.ts";
import { eventAt, makeRows, ticketTypeAt } from "../tables/made-rows.ts";
import { aloneOf, type OnEventFault } from "./row-faults.ts";
import type { EventRow, TicketTypeRow } from "./row-types.ts";

export type { EventRow, TicketTypeRow } from "./row-types.ts";

export interface RowsOptions {
  now: Date;
  policy: CapacityPolicy;
  /** What the operator says ticket types are. */
  classes?: ClassOverrides;
  /** Without it an event of which no rows can be made is a failure. */
  onFault?: OnEventFault;
  /** One event only. */
  eventId?: string;
  /** Some events only. */
  eventIds?: readonly string[];
}

export interface Rows {
  events: EventRow[];
  ticketTypes: TicketTypeRow[];
  /** Events that are there and of which no rows can be made; absent where there is none. */
  unshown?: string[];
  /** Whether any shop beside its own may sell one event's places; undefined where nobody looked. */
  hasUnderShops?: boolean;
}

/**
 * Every event and ticket type, or those of some events, made anew of all that is kept: what `kept`
 * readers answer, for events of which no rows are kept yet, and to compare with. Events are in the
 * order of their dates, ticket types in that of their events and names.
 */
export async function readRows(sql: Pool, options: RowsOptions): Promise<Rows> {
  const { eventId, eventIds } = options;
  const only = eventId === undefined ? eventIds : [eventId];
  // One snapshot: totals and their ticket types must not be of two times.
  const found = await sql.begin(ONE_SNAPSHOT, (tx) => readEventsInRows(tx, only));
  return rowsOf(found, options);
}

/** The rows of these events, in their order. */
export function rowsOf(found: readonly EventInRows[], options: RowsOptions): Rows {
  const { now, eventId } = options;
  // Who asks for one alone is told that it cannot be shown, and not that it is not there.
  const onFault = eventId === undefined ? options.onFault : undefined;
  const rows = found.flatMap((one) =>
    aloneOf(
      one.event.eventId,
      () => {
        const { event, ticketTypes, forStatus } = makeRows(one, options);
        const standing = statusOf(forStatus, now);
        return [
          {
            event: eventAt(event, standing),
            ticketTypes: ticketTypes.map((type) => ticketTypeAt(type, standing)),
          },
        ];
      },
      onFault,
    ),
  );
  const shown = new Set(rows.map(({ event }) => event.eventId));
  const unshown = found.map(({ event }) => event.eventId).filter((id) => !shown.has(id));
  return {
    events: rows.map(({ event }) => event),
    ticketTypes: rows.flatMap(({ ticketTypes }) => ticketTypes),
    ...(unshown.length > 0 && { unshown }),
  };
}
