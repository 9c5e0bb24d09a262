import { type CountableTicket, countTickets, type TypeTally } from "../../rules/count.ts";

/** By how much an incremental count was off in one field, over all ticket types. */
export interface Difference {
  field: DifferentField;
  /** Tickets too many in some types and too few in others do not cancel each other out. */
  tickets: number;
}

const fields = [
  "sold",
  "soldUnderShop",
  "complimentary",
  "replaced",
  "triggered",
  "flexAddOns",
  "reserved",
  "invalid",
  "blank",
  "unknown",
] as const satisfies (keyof TypeTally)[];

export type DifferentField = (typeof fields)[number] | "newSales" | "replacements";

/** What the same tickets count as by two states of knowledge, where that differs. */
export function differencesBetween(
  before: readonly CountableTicket[],
  after: readonly CountableTicket[],
): Difference[] {
  const was = new Map(countTickets(before, []).ticketTypes.map((t) => [t.ticketTypeId, t]));
  const is = new Map(countTickets(after, []).ticketTypes.map((t) => [t.ticketTypeId, t]));
  const ids = new Set([...was.keys(), ...is.keys()]);
  const sums = new Map<DifferentField, number>();
  const add = (field: DifferentField, one = 0, other = 0) =>
    sums.set(field, (sums.get(field) ?? 0) + Math.abs(one - other));
  for (const id of ids) {
    const [one, other] = [was.get(id), is.get(id)];
    for (const field of fields) add(field, one?.[field], other?.[field]);
    addHours("newSales", one?.newSalesByHour, other?.newSalesByHour);
    addHours("replacements", one?.replacementsByHour, other?.replacementsByHour);
  }
  return [...sums].flatMap(([field, tickets]) => (tickets > 0 ? { field, tickets } : []));

  function addHours(
    field: DifferentField,
    one: Record<string, number> = {},
    other: Record<string, number> = {},
  ) {
    for (const hour of new Set([...Object.keys(one), ...Object.keys(other)]))
      add(field, one[hour], other[hour]);
  }
}
