import type { EventUpdated, Fact } from "../contracts/index.ts";
import { refreshEvents, refreshTicketTypes, refreshUnderShops } from "./event-rows.ts";
import { keepDeletions, keepVersions } from "./event-versions.ts";
import { factsOf, projection } from "./projection.ts";

/**
 * Events, their ticket types and their undershops: every version that the log holds, and the newest
 * of each. The newest is looked up among the versions each time, so no order of arrival matters.
 */
export const events = projection({
  tables: [
    "event_version",
    "event_deletion",
    "ticket_type_version",
    "under_shop_version",
    "event",
    "ticket_type",
    "under_shop",
  ],
  keyedTables: ["event_version", "event_deletion", "ticket_type_version", "under_shop_version"],
  async keep(sql, facts) {
    await keepVersions(sql, updatesOf(facts));
    await keepDeletions(sql, deletionsOf(facts));
  },
  async refresh(sql, facts) {
    const updated = updatesOf(facts);
    const about = [...updated, ...deletionsOf(facts)];
    const eventIds = [...new Set(about.map(({ eventId }) => eventId))];
    if (eventIds.length === 0) return;
    await refreshEvents(sql, sql`unnest(${eventIds}::text[])`);
    const types = pairs(updated, "ticketTypes", "ticketTypeId");
    await refreshTicketTypes(sql, sql`unnest(${types.eventIds}::text[], ${types.ids}::text[])`);
    const shops = pairs(updated, "underShops", "underShopId");
    await refreshUnderShops(sql, sql`unnest(${shops.eventIds}::text[], ${shops.ids}::text[])`);
  },
  async rebuild(sql) {
    await refreshEvents(sql, sql`(select distinct event_id from event_version)`);
    await refreshTicketTypes(
      sql,
      sql`(select distinct event_id, ticket_type_id from ticket_type_version)`,
    );
    await refreshUnderShops(
      sql,
      sql`(select distinct event_id, under_shop_id from under_shop_version)`,
    );
  },
});

const updatesOf = (facts: Fact[]) =>
  factsOf(facts, "event.updated.0").map(({ payload }) => payload);
const deletionsOf = (facts: Fact[]) =>
  factsOf(facts, "event.deleted.0").map(({ payload }) => payload);

interface Pairs {
  eventIds: string[];
  ids: string[];
}

/** Every (event, ticket type) or (event, undershop) that a page names, each once. */
function pairs<L extends "ticketTypes" | "underShops">(
  updated: EventUpdated[],
  list: L,
  id: keyof EventUpdated[L][number],
): Pairs {
  const found = new Map<string, [string, string]>();
  for (const fact of updated)
    for (const item of fact[list]) {
      // The cast: TypeScript does not relate the key to the list; both ids are strings.
      const itemId = (item as Record<typeof id, string>)[id];
      found.set(`${fact.eventId}/${itemId}`, [fact.eventId, itemId]);
    }
  const all = [...found.values()];
  return { eventIds: all.map(([eventId]) => eventId), ids: all.map(([, itemId]) => itemId) };
}
