import { toMinor } from "./money.ts";

/** What sold tickets were sold for, and before discounts, in minor units of one currency. */
export interface Value {
  /** How many tickets it is of. */
  tickets: number;
  paid: number;
  list: number;
}

/** By currency. */
export type Values = Record<string, Value>;

export interface PricedTicket {
  realPrice?: number | undefined;
  regularPrice?: number | undefined;
  currency?: string | undefined;
  /** How many tickets are just like this one, with it; one where left out. */
  alike?: number | undefined;
}

/** Of fewer tickets a sum would say what one of them cost. */
export const FEWEST_VALUED = 5;

/** No ticket costs so much; with one that seemed to, no integer could hold the sum. */
const MOST_MINOR = 1e10;

/** Each ticket's price is rounded by itself, so that sums are the same however tickets are put together. */
export function addToValue(
  values: Values,
  { realPrice, regularPrice, currency, alike = 1 }: PricedTicket,
) {
  if (realPrice === undefined || regularPrice === undefined || !currency) return;
  const paid = toMinor(realPrice, currency);
  const list = toMinor(regularPrice, currency);
  if (Math.max(Math.abs(paid), Math.abs(list)) > MOST_MINOR) return;
  const value = values[currency] ?? { tickets: 0, paid: 0, list: 0 };
  values[currency] = value;
  value.tickets += alike;
  value.paid += paid * alike;
  value.list += list * alike;
}

/** In the order of the currencies, those of enough tickets. */
export const tellable = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values)
      .filter(([, { tickets }]) => tickets >= FEWEST_VALUED)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );

/** All that is known of them; null where of one of them nothing is. */
export function sumOfValues(values: readonly (Value | null)[]): Value | null {
  const sum = { tickets: 0, paid: 0, list: 0 };
  for (const value of values) {
    if (!value) return null;
    sum.tickets += value.tickets;
    sum.paid += value.paid;
    sum.list += value.list;
  }
  return sum;
}
