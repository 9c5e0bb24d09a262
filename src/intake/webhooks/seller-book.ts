import type { Pool } from "../../database/connect.ts";
import { readSellerIds } from "../store/sellers.ts";

/**
 * Whose account a seller is, remembered: a burst of webhooks must not ask the database for each. A
 * seller that is not known is looked up again, for a poll may have learned it since.
 */
export function sellerBook(sql: Pool) {
  let known: ReadonlyMap<string, string> = new Map();

  return async function learned(sellerId: string): Promise<ReadonlyMap<string, string>> {
    if (![...known.values()].includes(sellerId)) known = await readSellerIds(sql);
    return known;
  };
}
