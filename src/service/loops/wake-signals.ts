import type { Pool } from "../../database/connect.ts";
import { OUTBOX_CHANNEL } from "../../datacore/outbox.ts";
import { INBOX_CHANNEL } from "../../intake/store/inbox.ts";
import { type WakeSignal, wakeSignal } from "../../lib/loop.ts";
import { ROWS_CHANNEL } from "../../projections/consumer/rows-channel.ts";
import { ACTIONS_CHANNEL } from "../acts/admin-actions.ts";

/** Notified when facts were sent: whoever reads the log may look. */
export const FACTS_CHANNEL = "facts";

export type WakeSignals = Awaited<ReturnType<typeof listenForNotifications>>;

/** A wake signal for each channel of PostgreSQL, on which every process notifies every other. */
export async function listenForNotifications(sql: Pool) {
  const [facts, rows] = [new Set<WakeSignal>(), new Set<WakeSignal>()];
  const actions = new Set<WakeSignal>();
  const [inbox, outbox] = [wakeSignal(), wakeSignal()];
  const on = (channel: string, notify: () => void) =>
    // Notified once more when the connection is there again: what was sent meanwhile was not heard.
    sql.listen(channel, notify, notify);
  await on(INBOX_CHANNEL, inbox.notify);
  await on(OUTBOX_CHANNEL, outbox.notify);
  await on(ROWS_CHANNEL, () => notifyAll(rows));
  await on(FACTS_CHANNEL, () => notifyAll(facts));
  await on(ACTIONS_CHANNEL, () => notifyAll(actions));
  const actionsFor = (until: AbortSignal) => signalAmong(actions, until);
  return { inbox, outbox, rows, facts, actionsFor };
}

/** A wake signal of its own for whoever waits until `until` aborts: each wakes one waiter. */
export function signalAmong(wakeSignals: Set<WakeSignal>, until: AbortSignal): WakeSignal {
  const wake = wakeSignal();
  wakeSignals.add(wake);
  until.addEventListener("abort", () => wakeSignals.delete(wake), { once: true });
  return wake;
}

function notifyAll(wakeSignals: Set<WakeSignal>) {
  for (const wake of wakeSignals) wake.notify();
}
