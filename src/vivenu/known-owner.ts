import { agoMs, type Clock } from "../lib/clock.ts";
import { Failure, isFailure } from "../lib/failure.ts";
import type { VivenuClient } from "./client.ts";

export interface KnownOwnerOptions {
  /** The seller whose account this is, as it is configured or was learned; null while nobody knows. */
  readOwner: () => Promise<string | null>;
  clock: Clock;
}

/** Until Vivenu is asked once more whose a key is, where it did not say. */
const AGAIN_MS = 10 * 60_000;

/**
 * A client that reads nothing before it knows that its key is of the account's own seller. With another's
 * key every event of the account would be gone and everything of a stranger's would be its own. A key stays
 * whose it is, so Vivenu is asked once. Where it does not say it, be it that it fails, an event of the account
 * does, one of the first five; where there is none, nothing contradicts the key.
 */
export function ofKnownOwner(
  client: VivenuClient,
  { readOwner, clock }: KnownOwnerOptions,
): VivenuClient {
  const { region } = client;
  let isConfirmed = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  return {
    region,
    get requests() {
      return client.requests;
    },
    readEvents: (options) => confirmed(options, () => client.readEvents(options)),
    readEvent: (id, options) => confirmed(options, () => client.readEvent(id, options)),
    readTicketsPage: (query, options) =>
      confirmed(options, () => client.readTicketsPage(query, options)),
    readTicketStanding: (id, options) =>
      confirmed(options, () => client.readTicketStanding(id, options)),
    readTicketTotal: (filter, options) =>
      confirmed(options, () => client.readTicketTotal(filter, options)),
    readEventTotal: (options) => confirmed(options, () => client.readEventTotal(options)),
    readEventSellers: (options) => confirmed(options, () => client.readEventSellers(options)),
    async readSeller(options) {
      const seller = await client.readSeller(options);
      judge(seller._id, await readOwner());
      return seller;
    },
  };

  async function confirmed<Answer>(
    { signal }: { signal?: AbortSignal | undefined } = {},
    read: () => Promise<Answer>,
  ): Promise<Answer> {
    if (!isConfirmed) {
      asking ??= ask(signal).finally(() => {
        asking = undefined;
      });
      await asking;
    }
    return read();
  }

  async function ask(signal: AbortSignal | undefined) {
    const owner = await readOwner();
    if (owner === null || agoMs(askedAt, clock.now().getTime()) < AGAIN_MS) return;
    try {
      const { _id } = await client.readSeller(signal && { signal });
      judge(_id, owner);
    } catch (error) {
      if (!isFailure(error) || isOthersKey(error)) throw error;
    }
    if (!isConfirmed) {
      const sellers = await client.readEventSellers(signal && { signal });
      // One event of the owner's is proof: the others may be sold for another seller.
      judge(sellers.find((seller) => seller === owner) ?? sellers[0] ?? null, owner);
    }
    askedAt = clock.now().getTime();
  }

  function judge(seller: string | null, owner: string | null) {
    if (seller === null) return;
    if (owner !== null && seller !== owner)
      throw new Failure(
        "refused",
        `${region}_API is the key of seller ${seller}, and the account is seller ${owner}'s: give it its own key, or, where the account has changed hands, set ${region}_SELLER_ID=${seller}`,
        { account: region, otherSeller: seller },
      );
    isConfirmed = true;
  }
}

export const isOthersKey = (error: unknown) =>
  isFailure(error, "refused") && error.context.otherSeller !== undefined;
