import type { Pool } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import { statusOf } from "../../rules/event-status.ts";
import type { RowPolicy } from "../tables/event-made-of.ts";
import { type EventInRows, readEventsInRows } from "../tables/event-state.ts";
import { makeRows } from "../tables/made-rows.ts";
import type { AddedPlaces, TicketTypeIds } from "./row-types.ts";

/**
 * How many places events have because of these ticket types, which came to them: the totals with each held
 * against those without it, so that one outside the totals, or under a cap that was full, brings none.
 */
export async function readAddedPlaces(
  sql: Pool,
  added: readonly TicketTypeIds[],
  { now, ...policy }: RowPolicy & { now: Date },
): Promise<AddedPlaces[]> {
  const idsOf = Map.groupBy(added, ({ eventId }) => eventId);
  const events = await sql.begin(ONE_SNAPSHOT, (tx) => readEventsInRows(tx, [...idsOf.keys()]));
  return events.flatMap((one) => {
    const { eventId } = one.event;
    const ids = (idsOf.get(eventId) ?? []).map(({ ticketTypeId }) => ticketTypeId);
    const { status } = statusOf(makeRows(one, policy).forStatus, now);
    const totals = [ids, ...ids.map((_, n) => ids.slice(n + 1))].map((left) =>
      placesWithout(one, left, policy),
    );
    return ids.map((ticketTypeId, n) => ({
      eventId,
      ticketTypeId,
      status,
      places: (totals[n + 1] ?? 0) - (totals[n] ?? 0),
    }));
  });
}

function placesWithout(one: EventInRows, left: readonly string[], policy: RowPolicy): number {
  const { event, types } = one;
  const ticketTypeIds = event.ticketTypeIds.filter((id) => !left.includes(id));
  const without = {
    ...one,
    event: { ...event, ticketTypeIds },
    types: types.filter(({ ticketTypeId }) => !left.includes(ticketTypeId)),
  };
  return makeRows(without, policy).event.row.totalCapacity ?? 0;
}
