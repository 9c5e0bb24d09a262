import { FEWEST_VALUED, type Value } from "../../rules/value.ts";
import type { SalesColumns } from "./event-state.ts";
import type { ShownValue } from "./shown-row-types.ts";

/** Null where the count does not tell; nothing sold has no value, and is known to have none. */
export function countedValue(
  counted: Pick<SalesColumns, "value"> | undefined,
  sold: number | null,
  currency: string | null,
): Value | null {
  if (sold === null || currency === null) return null;
  const none = { tickets: 0, paid: 0, list: 0 };
  if (sold === 0) return none;
  return counted?.value ? (counted.value[currency] ?? none) : null;
}

/** A sum of few tickets would say what one of them cost. */
export const shownValue = (value: Value | null): ShownValue | null =>
  value && value.tickets >= FEWEST_VALUED
    ? { paid: value.paid, list: value.list, tickets: value.tickets }
    : null;
