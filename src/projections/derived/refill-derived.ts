import { limitStatements, type Pool, type Sql } from "../../database/connect.ts";
import { blameOf } from "../../database/fault.ts";
import { agoMs, type Clock } from "../../lib/clock.ts";
import { type ChangeNews, changeNews } from "../tables/change-news.ts";
import { readShownLeft } from "../tables/shown-rows.ts";
import { derivations as all } from "./derivations.ts";
import { type Deriver, deriver } from "./deriver.ts";
import type { RowsOptions } from "./projections.ts";

export interface RefillOptions extends RowsOptions {
  sql: Pool;
  clock: Clock;
  /** Throws when another process makes rows by now; runs in every writing transaction. */
  check: (tx: Sql) => Promise<void>;
  /** Says in the transaction that an event's rows may have changed. */
  tell: (tx: Sql, made: Remade) => Promise<unknown>;
  signal?: AbortSignal | undefined;
}

export interface Remade {
  eventId: string;
  news: ChangeNews;
}

/** For one event, whatever its past. */
const LIMIT_MS = 600_000;
/** An event whose rows could not be made is tried again after that time. */
const AGAIN_MS = 5 * 60_000;

/**
 * Makes derived rows anew in the background, one event in a transaction, until all of them are of these
 * settings: after a start under others, and where a page left an event to it. What is left is in the
 * database, so that a restart goes on where it was.
 */
export function refill(options: RefillOptions) {
  const { sql, clock, check, tell, signal, onFault } = options;
  const failedAt = new Map<string, number>();
  const note = onFault && {
    onFault(eventId: string, error: unknown) {
      failedAt.set(eventId, clock.now().getTime());
      onFault(eventId, error);
    },
  };
  const { digests, deriveEvent } = deriverOf({ ...options, ...note });

  return async function step(): Promise<"more" | "idle"> {
    const now = clock.now().getTime();
    for (const [eventId, at] of failedAt) if (agoMs(at, now) >= AGAIN_MS) failedAt.delete(eventId);
    const [next] = await readLeft(sql, digests, { limit: 1, except: [...failedAt.keys()] });
    if (!next || signal?.aborted) return "idle";
    await refillOne(next.eventId);
    return "more";
  };

  async function refillOne(eventId: string) {
    try {
      await sql.begin(async (tx) => {
        await check(tx);
        await limitStatements(tx, LIMIT_MS);
        const news = changeNews();
        await deriveEvent(tx, eventId, news);
        // Whatever half of its rows was made is undone.
        if (failedAt.has(eventId)) throw new NotMade();
        await tell(tx, { eventId, news });
      });
    } catch (error) {
      if (error instanceof NotMade) return;
      // What PostgreSQL refuses of one event must not keep the others from being made.
      if (!note || ["outage", "slow"].includes(blameOf(error))) throw error;
      note.onFault(eventId, error);
    }
  }
}

/** It is told already why. */
class NotMade extends Error {}

/** How many events have rows of other settings still. */
export async function countLeft(sql: Sql, options: RowsOptions): Promise<number> {
  const left = await readLeft(sql, deriverOf(options).digests);
  return left.length;
}

/** How many events have rows of any kind, shown ones and changes, that are not of these settings. */
export async function countToRemake(sql: Sql, options: RowsOptions): Promise<number> {
  const [derived, shown] = await Promise.all([
    readLeft(sql, deriverOf(options).digests),
    readShownLeft(sql, options),
  ]);
  return new Set([...derived, ...shown].map(({ eventId }) => eventId)).size;
}

const deriverOf = ({ onFault, derivations = all, policy, classes, soldOut }: RowsOptions) =>
  deriver({
    settings: { policy, ...(classes && { classes }), ...(soldOut && { soldOut }) },
    derivations,
    ...(onFault && { onFault }),
  });

/** The events that are not made yet as these settings make them. */
const readLeft = (
  sql: Sql,
  digests: Deriver["digests"],
  { limit, except = [] }: { limit?: number; except?: string[] } = {},
) => sql<{ eventId: string }[]>`
  select event_id from event
  where event_id <> all(${except}::text[]) and exists (
    select from unnest(${[...digests.keys()]}::text[], ${[...digests.values()]}::text[])
      as wanted (derivation, digest)
    left join derived_event made
      on made.event_id = event.event_id and made.derivation = wanted.derivation
    where made.digest is distinct from wanted.digest or exists (
      select from derived_touch touch
      where touch.event_id = event.event_id and touch.derivation = wanted.derivation
    )
  )
  order by event_id
  limit ${limit ?? null}
`;
