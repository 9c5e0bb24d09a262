import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Pool, Sql } from "../database/connect.ts";
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

/** Keeps webhooks durably, many in one transaction under load; true for those that are new. */
export function acceptance({ sql, pace }: { sql: Pool; pace: HintPace }) {
  const keepTogether = grouped(
    (items: (Accepted & { delivery: NewDelivery | undefined })[]) =>
      sql.begin(async (tx) => {
        await noteWebhooks(tx, items);
        await markAll(tx, items);
        const deliveries = items.flatMap(({ delivery }) => delivery ?? []);
        const fresh = await keep(tx, deliveries);
        return items.map(({ delivery }) => {
          // Of the same bytes twice in one group the first is new.
          const isNew = delivery === undefined || fresh.delete(delivery.digest.toString("hex"));
          return isNew;
        });
      }),
    { most: MOST_TOGETHER },
  );

  return async function accept(webhook: Accepted): Promise<boolean> {
    const { account, type, receivedAt, body } = webhook;
    const delivery = body && {
      ...{ account, type, receivedAt, digest: digestOfBody(body) },
      compressed: await compress(body, { level: 1 }),
    };
    return keepTogether({ ...webhook, delivery });
  };

  async function markAll(tx: Sql, items: Accepted[]) {
    const marked = items.filter(({ account, eventIds }) => account !== null && eventIds.length > 0);
    const byAccount = Map.groupBy(marked, ({ account }) => account ?? "");
    // In one order everywhere, so that two transactions never wait for each other.
    for (const [account, marks] of [...byAccount].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const at = new Date(Math.max(...marks.map(({ receivedAt }) => receivedAt.getTime())));
      const eventIds = [...new Set(marks.flatMap((mark) => mark.eventIds))];
      await markEvents(tx, { account, eventIds, at, pace });
    }
  }
}
