export interface CurrencyEvidence {
  /** What the event's own tickets name. */
  ofTickets: readonly string[];
  /** What the tickets of all the account's events name. */
  ofAccount: readonly string[];
  /** The account's owner's, null where Vivenu does not say it. */
  seller: string | null;
}

/**
 * - `disputed`  the event's tickets name several
 * - `unsold`    it has no tickets, and its account sells in others than its owner's
 * - `unlearned` it has no tickets, and the owner's is not known
 */
export type UnknownCurrency = "disputed" | "unsold" | "unlearned";

/**
 * In what an event sells. Vivenu's events do not say it, an account is not a country, and its owner
 * may live in another one: so the tickets' word counts, and the owner's only where no ticket of the
 * account contradicts it.
 */
export function currencyOf({
  ofTickets,
  ofAccount,
  seller,
}: CurrencyEvidence): { currency: string } | { currency: null; reason: UnknownCurrency } {
  const [named, ...others] = ofTickets;
  if (others.length > 0) return { currency: null, reason: "disputed" };
  if (named !== undefined) return { currency: named };
  if (seller === null) return { currency: null, reason: "unlearned" };
  const isUncertain = ofAccount.some((currency) => currency !== seller);
  return isUncertain ? { currency: null, reason: "unsold" } : { currency: seller };
}
