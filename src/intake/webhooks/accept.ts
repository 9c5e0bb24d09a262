import { promisify } from "node:util";
import { gzip } from "node:zlib";
import {
  limitStatements,
  type Pool,
  type Sql,
  statementLimitOf,
  statementMs,
} from "../../database/connect.ts";
import { isOutage } from "../../database/fault.ts";
import { isFailure } from "../../lib/failure.ts";
import { digestOfBody, INBOX_CHANNEL, type PackedBody } from "../store/inbox.ts";
import { keepAccepted } from "../store/keep-accepted.ts";
import type { RecountPace } from "../store/recount-requests.ts";
import { grouped } from "./group.ts";
import { pacedNotifier } from "./paced-notifier.ts";

const MOST_TOGETHER = 200;
const compress = promisify(gzip);

/** A verified webhook, as far as anything of it is kept. */
export interface Accepted {
  account: string | null;
  type: string;
  receivedAt: Date;
  /** Of the types that are translated; undefined for those that are only noted. */
  body: PackedBody | undefined;
  /** The events of which it requests a recount. */
  eventIds: string[];
  /** Of the span that goes around it, where somebody records it. */
  traceparent?: string | undefined;
}

/** Compressed at once: handing it to another thread and back takes longer than that, up to here. */
const SMALL_BYTES = 32_768;

const compressSmall = (body: Uint8Array<ArrayBuffer>) => {
  const { buffer, byteOffset, byteLength } = Bun.gzipSync(body, { level: 1 });
  return Buffer.from(buffer, byteOffset, byteLength);
};

export const pack = async (body: Uint8Array<ArrayBuffer>): Promise<PackedBody> => ({
  digest: digestOfBody(body),
  compressed: body.length <= SMALL_BYTES ? compressSmall(body) : await compress(body, { level: 1 }),
});

export interface AcceptanceOptions {
  sql: Pool;
  pace: RecountPace;
  /** PostgreSQL gives a group up after four fifths of it, so that the rest is for the answer. */
  withinMs: number;
}

/**
 * Keeps webhooks durably, many at once under load; true for those that are new. What was given up may
 * have been kept all the same: it is the same delivery when it is sent again.
 */
export function acceptance({ sql, pace, withinMs }: AcceptanceOptions) {
  const keepTogether = grouped(keepAll, {
    most: MOST_TOGETHER,
    withinMs,
    isOutage: (error) => isOutage(error) || isFailure(error, "unavailable"),
  });

  // What was given up is given up by PostgreSQL as well, and with it the locks that others wait for.
  const isLimited = statementLimitOf(sql) <= statementMs(withinMs);
  const notifier = pacedNotifier(() => sql.notify(INBOX_CHANNEL, ""));

  return (webhook: Accepted, signal: AbortSignal): Promise<boolean> =>
    keepTogether(webhook, signal);

  /** One statement, for every round trip more is in the answer's tail. */
  async function keepAll(items: Accepted[], signal: AbortSignal) {
    const known = items.flatMap(({ account, ...item }) =>
      account === null ? [] : { ...item, account },
    );
    const recountRequests = known.flatMap(({ account, eventIds, receivedAt, traceparent }) =>
      eventIds.map((eventId) => ({ account, eventId, at: receivedAt, traceparent })),
    );
    const deliveries = items.flatMap(({ body, ...item }) => (body ? { ...item, ...body } : []));
    const isTold = deliveries.length > 0 && notifier.isDue();
    const keep = (on: Sql) =>
      keepAccepted(on, { noted: known, recountRequests, deliveries, isTold }, pace);
    const kept = isLimited ? await keep(sql) : await keepInTime(keep, signal);
    if (kept.length > 0 && !isTold) notifier.notifyLater();
    const fresh = new Set(kept.map(({ digest }) => digest.toString("hex")));
    // Of the same bytes twice in one group the first is new.
    return items.map(({ body }) => body === undefined || fresh.delete(body.digest.toString("hex")));
  }

  /** On a pool whose statements have more time than the answer. */
  function keepInTime(keep: (on: Sql) => Promise<{ digest: Buffer }[]>, signal: AbortSignal) {
    return sql.begin(async (tx) => {
      // It waited for a connection: whoever wanted it kept has been told that it is not.
      signal.throwIfAborted();
      const [, rows] = await Promise.all([limitStatements(tx, withinMs), keep(tx)]);
      return rows;
    });
  }
}
