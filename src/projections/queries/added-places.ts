import type { Pool } from "../../database/connect.ts";
import { ONE_SNAPSHOT } from "../../database/transaction.ts";
import { statusOf } from "../../rules/event-status.ts";
import type { RowPolicy } from "../tables/event-made-of.ts";
import { type EventInRows, readEventsInRows } from "../tables/event-state.ts";
import { makeRows } from "../tables/made-rows.ts";
import type { AddedPlaces, PlacesSource } from "./row-types.ts";

/**
 * How many places events have because of these changes, which are in their order: the totals with each held
 * against those without it, so that a ticket type outside the totals, or under a cap that was full, brings none.
 */
export async function readAddedPlaces(
  sql: Pool,
  added: readonly PlacesSource[],
  { now, ...policy }: RowPolicy & { now: Date },
): Promise<AddedPlaces[]> {
  const sourcesOf = Map.groupBy(added, ({ eventId }) => eventId);
  const events = await sql.begin(ONE_SNAPSHOT, (tx) => readEventsInRows(tx, [...sourcesOf.keys()]));
  return events.flatMap((one) => {
    const sources = sourcesOf.get(one.event.eventId) ?? [];
    const { status } = statusOf(makeRows(one, policy).forStatus, now);
    const totals = [sources, ...sources.map((_, n) => sources.slice(n + 1))].map(
      (some) => makeRows(some.reduceRight(without, one), policy).event.row.totalCapacity ?? 0,
    );
    return sources.map(({ changeId }, n) => ({
      changeId,
      status,
      places: (totals[n + 1] ?? 0) - (totals[n] ?? 0),
    }));
  });
}

/** As if it had not come, or were what it was before. */
function without(one: EventInRows, source: PlacesSource): EventInRows {
  const { event, types } = one;
  if ("maxAmountBefore" in source)
    return { ...one, event: { ...event, maxAmount: source.maxAmountBefore } };
  if ("categoryRef" in source) {
    const { categoryRef, amountBefore: amount } = source;
    const categories = event.categories.map((category) =>
      category.ref === categoryRef ? { ...category, amount } : category,
    );
    return { ...one, event: { ...event, categories } };
  }
  const isOther = (id: string) => id !== source.ticketTypeId;
  return {
    ...one,
    event: { ...event, ticketTypeIds: event.ticketTypeIds.filter(isOther) },
    types: types.filter(({ ticketTypeId }) => isOther(ticketTypeId)),
  };
}
