import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Pool } from "../database/connect.ts";
import { grouped } from "./group.ts";
import { type HintPace, markEvents } from "./hints.ts";
import { digestOfBody, keep, type NewDelivery, noteWebhooks } from "./inbox.ts";

const MOST_TOGETHER = 200;
const compress = promisify(gzip);

/** A verified webhook, as far as anything of it is kept. */
export interface Accepted {
  account: string | null;
  type: string;
  receivedAt: Date;
  /** Whole, for the types that are translated; undefined for those that are only noted. */
  body: Uint8Array | undefined;
  /** The events it marks for an early count. */
  eventIds: string[];
}

/** Keeps webhooks durably, many at once under load; true for those that are new. */
export function acceptance({ sql, pace }: { sql: Pool; pace: HintPace }) {
  const keepTogether = grouped(keepAll, { most: MOST_TOGETHER });

  return async function accept(webhook: Accepted): Promise<boolean> {
    const { account, type, receivedAt, body } = webhook;
    const delivery = body && {
      ...{ account, type, receivedAt, digest: digestOfBody(body) },
      compressed: await compress(body, { level: 1 }),
    };
    return keepTogether({ ...webhook, delivery });
  };

  /** One statement, for every round trip more is in the answer's tail. */
  async function keepAll(items: (Accepted & { delivery: NewDelivery | undefined })[]) {
    const known = items.flatMap(({ account, ...item }) =>
      account === null ? [] : { ...item, account },
    );
    const marks = known.flatMap(({ account, eventIds, receivedAt }) =>
      eventIds.map((eventId) => ({ account, eventId, at: receivedAt })),
    );
    const deliveries = items.flatMap(({ delivery }) => delivery ?? []);
    const kept = await sql<{ digest: Buffer }[]>`
      with
        noted as (${noteWebhooks(sql, known)}),
        marked as (${markEvents(sql, marks, { pace })}),
        kept as (${keep(sql, deliveries)})
      select digest from kept
    `;
    const fresh = new Set(kept.map(({ digest }) => digest.toString("hex")));
    // Of the same bytes twice in one group the first is new.
    return items.map(
      ({ delivery }) => delivery === undefined || fresh.delete(delivery.digest.toString("hex")),
    );
  }
}
