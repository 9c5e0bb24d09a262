import type { TicketTypeCount } from "../../contracts/index.ts";
import type { HoursSaid } from "../store/counts-seen.ts";

/*
 * What facts that name what changed have said since one named all: of each ticket type the hours whose
 * numbers they said. A count of everything says these once more. Ids are Vivenu's and may be any word:
 * they are looked up in maps, for an object has `__proto__` and `constructor` without being told.
 */

export function addSaid(said: HoursSaid, changed: readonly TicketTypeCount[]): HoursSaid {
  const all = new Map(Object.entries(said));
  for (const { ticketTypeId, newSales, replacements } of changed) {
    const before = all.get(ticketTypeId);
    all.set(ticketTypeId, {
      newSales: union(before?.newSales, Object.keys(newSales)),
      replacements: union(before?.replacements, Object.keys(replacements)),
    });
  }
  return Object.fromEntries(all);
}

/**
 * All ticket types with the hours that they name, and those that were said. `now` has the number of every
 * hour; a ticket type that neither the event nor a ticket names any more has none.
 */
export function withSaid(
  ticketTypes: readonly TicketTypeCount[],
  said: HoursSaid,
  now: { ticketTypes: readonly TicketTypeCount[] },
): TicketTypeCount[] {
  const counted = new Map(now.ticketTypes.map((type) => [type.ticketTypeId, type]));
  const named = new Set(ticketTypes.map(({ ticketTypeId }) => ticketTypeId));
  const saidOf = new Map(Object.entries(said));
  const gone = [...saidOf.keys()].filter((id) => !named.has(id));
  return [...ticketTypes, ...gone.map(nothingOf)].map((type) => {
    const hours = saidOf.get(type.ticketTypeId);
    if (!hours) return type;
    const known = counted.get(type.ticketTypeId);
    return {
      ...type,
      newSales: { ...numbersOf(hours.newSales, known?.newSales), ...type.newSales },
      replacements: { ...numbersOf(hours.replacements, known?.replacements), ...type.replacements },
    };
  });
}

const numbersOf = (hours: readonly string[], byHour: Record<string, number> = {}) =>
  Object.fromEntries(hours.map((hour) => [hour, byHour[hour] ?? 0]));

const union = (before: readonly string[] = [], more: readonly string[]) =>
  [...new Set([...before, ...more])].sort();

/** Of a ticket type that neither the event nor a ticket names any more. */
export const nothingOf = (ticketTypeId: string): TicketTypeCount => ({
  ticketTypeId,
  sold: 0,
  soldUnderShop: 0,
  complimentary: 0,
  replaced: 0,
  triggered: 0,
  flexAddOns: 0,
  reserved: 0,
  invalid: 0,
  blank: 0,
  value: {},
  newSales: {},
  replacements: {},
});
