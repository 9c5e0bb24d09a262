import { limitStatements, type Pool, type Sql } from "../../database/connect.ts";
import { blameOf, causeOf } from "../../database/fault.ts";
import type { Logger } from "../../lib/logger.ts";
import { within } from "../../lib/time-limit.ts";
import type { ShownOptions } from "../tables/made-shown.ts";
import { keepShown, readShownLeft } from "../tables/shown-rows.ts";
import { tellRows } from "./row-messages.ts";
import { tellRowsChanged } from "./rows-channel.ts";

export interface RefillOptions {
  sql: Pool;
  shown: ShownOptions;
  logger: Logger;
  /** Runs first in every transaction. */
  check: (tx: Sql) => Promise<void>;
  limitMs?: number;
}

const LIMIT_MS = 6_000;

/**
 * Makes the shown rows of every event anew, one by one beside all other work: who kept them before may
 * have been another program, with other rules, or told otherwise by its operator. What says the same is
 * not written. An event that could not be made is passed over, and all are gone through again after a
 * pause; when all were made it rests until one is there that is not.
 */
export function shownRefiller({ sql, shown, logger, check, limitMs = LIMIT_MS }: RefillOptions) {
  let after = "";
  let isOver = false;
  let events = 0;
  let failed = 0;

  return async (): Promise<"more" | "idle"> => {
    // A program from before may describe events until it is stopped, and retry its dead letters.
    if (isOver && (await readShownLeft(sql, shown)).length === 0) return "idle";
    isOver = false;
    const [next] = await sql<{ eventId: string }[]>`
      select event_id from event where event_id > ${after} order by event_id limit 1
    `;
    if (!next) {
      isOver = failed === 0;
      await tellRowsChanged(sql);
      logger.info({ events, failed }, "rows.refilled");
      [after, events, failed] = ["", 0, 0];
      return "idle";
    }
    const { eventId } = next;
    try {
      await sql.begin(async (tx) => {
        await check(tx);
        await limitStatements(tx, limitMs);
        await within(limitMs, () => remake(tx, eventId));
      });
      events += 1;
    } catch (error) {
      if (blameOf(error) === "outage") throw error;
      failed += 1;
      logger.error({ eventId, reason: causeOf(error) }, "rows.not_refilled");
    }
    after = eventId;
    return "more";
  };

  /** What says the same is no news. */
  async function remake(tx: Sql, eventId: string) {
    const before = await readDigest(tx, eventId);
    await keepShown(tx, [eventId], shown);
    if ((await readDigest(tx, eventId)) === before) return;
    await tellRows(tx, { kinds: ["remade"], eventIds: [eventId] });
  }
}

async function readDigest(sql: Sql, eventId: string): Promise<string | null | undefined> {
  const [kept] = await sql<{ digest: string | null }[]>`
    select digest from event_shown where event_id = ${eventId}
  `;
  return kept?.digest;
}
