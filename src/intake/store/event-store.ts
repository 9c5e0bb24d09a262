import type { NewFact } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { enqueue, enqueueRows, type OutboxRow, outboxRows } from "../../datacore/outbox.ts";
import { gathered } from "../../lib/gather.ts";
import { markDirty } from "./baselines.ts";
import { readCurrencies, readCurrency } from "./event-currencies.ts";
import {
  isWatched,
  readAllSeen,
  readSeen,
  type Seen,
  type SeenOf,
  saveAllSeen,
  saveSeen,
} from "./events-seen.ts";
import { lockEvent } from "./locks.ts";

/** What is asked of PostgreSQL while an event's descriptions are recorded, in one transaction. */
export interface EventStore {
  lock(account: string, eventId: string): Promise<unknown>;
  isWatched(account: string, eventId: string): Promise<boolean>;
  readCurrency(account: string, eventId: string): Promise<string | null>;
  readSeen(account: string, eventId: string): Promise<Seen | undefined>;
  saveSeen(account: string, seen: Seen): Promise<unknown>;
  markDirty(account: string, eventId: string): Promise<unknown>;
  enqueue(facts: NewFact[], at: Date): Promise<unknown>;
}

/** Each question is a statement. */
export const eventStore = (tx: Sql): EventStore => ({
  lock: (account, eventId) => lockEvent(tx, account, eventId),
  isWatched: (account, eventId) => isWatched(tx, account, eventId),
  readCurrency: (account, eventId) => readCurrency(tx, account, eventId),
  readSeen: (account, eventId) => readSeen(tx, account, eventId),
  // A query is sent when it is waited for: here all are, at once.
  saveSeen: (account, seen) => saveSeen(tx, account, seen).execute(),
  markDirty: (account, eventId) => markDirty(tx, account, [eventId]).execute(),
  enqueue: (facts, at) => enqueue(tx, facts, at),
});

interface EventKey {
  account: string;
  eventId: string;
}

/**
 * For many events side by side: what is asked of all of them in one turn is one statement. The transaction
 * holds the locks of all these events already, so that what was read of one stays so until it is saved, and
 * of one event nothing is asked before what was saved last is there.
 */
export function gatheredEventStore(tx: Sql): EventStore {
  const known = new Map<string, Promise<Seen | undefined>>();
  const readOneSeen = gathered(async (keys: readonly EventKey[]) => {
    const found = new Map((await readAllSeen(tx, keys)).map((one) => [keyOf(one), one.seen]));
    return (key) => found.get(keyOf(key));
  });
  const readOneCurrency = gathered(async (keys: readonly EventKey[]) => {
    const found = await readCurrencies(tx, keys);
    const currencies = new Map(found.map((one) => [keyOf(one), one.currency]));
    return (key) => currencies.get(keyOf(key)) ?? null;
  });
  const saveOneSeen = gathered(async (some: readonly SeenOf[]) => {
    await saveAllSeen(tx, some);
    return () => undefined;
  });
  const markOneDirty = gathered(async (keys: readonly EventKey[]) => {
    const byAccount = Map.groupBy(keys, ({ account }) => account);
    const marked = [...byAccount].map(([account, some]) => {
      const eventIds = some.map(({ eventId }) => eventId);
      return markDirty(tx, account, eventIds);
    });
    await Promise.all(marked);
    return () => undefined;
  });
  const enqueueSome = gathered(async (some: readonly (readonly OutboxRow[])[]) => {
    await enqueueRows(tx, some.flat());
    return () => undefined;
  });

  return {
    lock: async () => {},
    async isWatched(account, eventId) {
      const seen = await read({ account, eventId });
      return seen !== undefined && seen.deletedAt === null;
    },
    readCurrency: (account, eventId) => readOneCurrency({ account, eventId }),
    readSeen: (account, eventId) => read({ account, eventId }),
    async saveSeen(account, seen) {
      known.delete(keyOf({ account, eventId: seen.description.eventId }));
      await saveOneSeen({ account, seen });
    },
    markDirty: (account, eventId) => markOneDirty({ account, eventId }),
    async enqueue(facts, at) {
      if (facts.length > 0) await enqueueSome(outboxRows(facts, at));
    },
  };

  function read(key: EventKey) {
    const name = keyOf(key);
    const reading = known.get(name) ?? readOneSeen(key);
    known.set(name, reading);
    return reading;
  }
}

const keyOf = ({ account, eventId }: EventKey) => `${account} ${eventId}`;
