import { Cron } from "croner";
import type { LastPoll } from "../store/poll-state.ts";

/** The last moment at or before `now` at which a poll was to begin; undefined when there was none yet. */
export function lastDue(schedule: string, now: Date): Date | undefined {
  const cron = new Cron(schedule, { timezone: "UTC", paused: true });
  // Croner leaves out the very second it is asked at.
  return cron.previousRuns(2, new Date(now.getTime() + 1_000)).find((run) => run <= now);
}

/** A poll that could not read everything is tried again after this long, not a day later. */
export const AGAIN_MS = 3_600_000;

/** The accounts whose last poll began before it was due or was not complete; a new one is due at once. */
export const dueAccounts = (
  schedule: string,
  now: Date,
  accounts: string[],
  polls: ReadonlyMap<string, LastPoll>,
): string[] => {
  const due = lastDue(schedule, now);
  return accounts.filter((account) => {
    const last = polls.get(account);
    if (last === undefined) return true;
    const isOld = now.getTime() - last.startedAt.getTime() >= AGAIN_MS;
    return (due !== undefined && last.startedAt < due) || (!last.complete && isOld);
  });
};
