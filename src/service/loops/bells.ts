import type { Pool } from "../../database/connect.ts";
import { OUTBOX_CHANNEL } from "../../datacore/outbox.ts";
import { INBOX_CHANNEL } from "../../intake/store/inbox.ts";
import { type Wake, wake } from "../../lib/loop.ts";
import { ROWS_CHANNEL } from "../../projections/consumer/rows-channel.ts";

/** Told when facts were sent: whoever reads the log may look. */
export const FACTS_CHANNEL = "facts";

export type Bells = Awaited<ReturnType<typeof listenForBells>>;

/** One bell for each channel, rung by PostgreSQL and so by every process. */
export async function listenForBells(sql: Pool) {
  const [facts, rows] = [new Set<Wake>(), new Set<Wake>()];
  const [inbox, outbox] = [wake(), wake()];
  const on = (channel: string, ring: () => void) =>
    // Rung once more when the connection is there again: what was told meanwhile was not heard.
    sql.listen(channel, ring, ring);
  await on(INBOX_CHANNEL, inbox.ring);
  await on(OUTBOX_CHANNEL, outbox.ring);
  await on(ROWS_CHANNEL, () => ringAll(rows));
  await on(FACTS_CHANNEL, () => ringAll(facts));
  return { inbox, outbox, rows, facts };
}

/** A bell of its own for whoever waits until `until` aborts: a bell has room for one. */
export function bellAmong(bells: Set<Wake>, until: AbortSignal): Wake {
  const bell = wake();
  bells.add(bell);
  until.addEventListener("abort", () => bells.delete(bell), { once: true });
  return bell;
}

function ringAll(bells: Set<Wake>) {
  for (const bell of bells) bell.ring();
}
