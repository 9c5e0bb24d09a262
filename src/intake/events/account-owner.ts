import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import { Failure, isFailure } from "../../lib/failure.ts";
import type { VivenuClient } from "../../vivenu/client.ts";
import { isOthersKey } from "../../vivenu/known-owner.ts";
import type { Seller, VivenuEvent } from "../../vivenu/wire.ts";
import { knowsCurrency, readSellerIds, saveSeller } from "../store/sellers.ts";
import { isKeyRefused } from "./key-refused.ts";
import type { Told } from "./told.ts";

/** Learns who owns an account, and in which currency it sells. */
export function accountOwner({ sql, clock }: { sql: Pool; clock: Clock }) {
  /**
   * Who the account's owner is; the events' word is taken where Vivenu does not say it by itself. That it never
   * will is no reason to read everything again.
   */
  async function read(client: VivenuClient, signal: AbortSignal, { fail, note }: Told) {
    try {
      return await client.readSeller({ signal });
    } catch (error) {
      signal.throwIfAborted();
      if (isOthersKey(error)) throw error;
      if (isKeyRefused(error)) {
        // Where the key is good for events, this alone is forbidden; else this throws what is so.
        await client.readEventTotal({ signal });
        note(null, unsaidOwner(client.region));
      } else if (isFailure(error, "unavailable")) fail(null, error);
      else note(null, error);
      return { _id: null, currency: null };
    }
  }

  /** Asks until Vivenu says it; false where only the account's events tell whose the answer is. */
  async function learnCurrency(client: VivenuClient, signal: AbortSignal, told: Told) {
    const account = client.region;
    if (await knowsCurrency(sql, account)) return true;
    const seller = await read(client, signal, told);
    if (seller._id === null) return seller.currency === null;
    await learn(account, seller, []);
    return true;
  }

  /** Keeps it: true where the account has another owner than the one that was known. */
  async function learn(account: string, { _id, currency }: Seller, events: VivenuEvent[]) {
    const before = (await readSellerIds(sql)).get(account);
    const sellerId = _id ?? sellerOfMost(events);
    await saveSeller(sql, account, { _id: sellerId, currency }, clock.now());
    return before !== undefined && sellerId !== null && sellerId !== before;
  }

  return { read, learn, learnCurrency };
}

/** An account may list what another one sells for it: whose most events are. */
function sellerOfMost(events: readonly VivenuEvent[]): string | null {
  const bySeller = Map.groupBy(events, ({ sellerId }) => sellerId);
  bySeller.delete(null);
  const most = [...bySeller].toSorted(([, some], [, others]) => others.length - some.length);
  return most[0]?.[0] ?? null;
}

const unsaidOwner = (account: string) =>
  new Failure(
    "refused",
    `Vivenu lists the events of ${account} and does not say to its key who owns it: its currency is known by tickets alone`,
    { account },
  );
