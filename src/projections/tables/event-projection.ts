import type { Fact } from "../../contracts/index.ts";
import { keepDeletions } from "./deletions.ts";
import { keepDescriptions } from "./descriptions.ts";
import { refreshEvents, refreshTicketTypes, refreshUnderShops } from "./event-rows.ts";
import { factsOf, projection } from "./projection.ts";
import { placeShown } from "./shown-rows.ts";
import { mergeTouched } from "./touched.ts";

/** Events, their ticket types and their undershops: what the log says that they were, and what they are. */
export const events = projection({
  tables: [
    "event_version",
    "event_head_version",
    "event_deletion",
    "ticket_type_version",
    "under_shop_version",
    "event",
    "ticket_type",
    "under_shop",
  ],
  async keep(sql, facts, options) {
    const touched = await keepDescriptions(sql, updatesOf(facts), options);
    const deletions = deletionsOf(facts);
    await keepDeletions(sql, deletions, options);
    const deleted = deletions.map(({ eventId, observedAt }) => ({
      eventId,
      since: new Date(observedAt),
    }));
    return { ...touched, events: mergeTouched([...touched.events, ...deleted]) };
  },
  async refresh(sql, { events: touched, types, shops }) {
    if (touched.length === 0) return;
    const eventIds = touched.map(({ eventId }) => eventId);
    await Promise.all([
      refreshEvents(sql, eventIds).execute(),
      types.ids.length > 0 && refreshTicketTypes(sql, types).execute(),
      shops.ids.length > 0 && refreshUnderShops(sql, shops).execute(),
      placeShown(sql, eventIds).execute(),
    ]);
  },
  touched: (kept) => kept.events,
  async rebuild(sql) {
    await refreshEvents(sql, "all");
    await refreshTicketTypes(sql, "all");
    await refreshUnderShops(sql, "all");
  },
});

const updatesOf = (facts: Fact[]) =>
  factsOf(facts, "event.updated.0").map(({ payload }) => payload);
const deletionsOf = (facts: Fact[]) =>
  factsOf(facts, "event.deleted.0").map(({ payload }) => payload);
