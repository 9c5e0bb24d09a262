import { Cron } from "croner";

/** The last moment at or before `now` at which a poll was to begin; undefined when there was none yet. */
export function lastDue(schedule: string, now: Date): Date | undefined {
  const cron = new Cron(schedule, { timezone: "UTC", paused: true });
  // Croner leaves out the very second it is asked at.
  return cron.previousRuns(2, new Date(now.getTime() + 1_000)).find((run) => run <= now);
}

/** Throws with a clear word when the expression is none. */
export function checkSchedule(schedule: string): void {
  try {
    new Cron(schedule, { timezone: "UTC", paused: true });
  } catch (cause) {
    throw new Error(`"${schedule}" is not a cron expression (0 2 * * * is daily at 02:00 UTC)`, {
      cause,
    });
  }
}

/** The accounts whose last poll began before it was due; a new account is due at once. */
export const dueAccounts = (
  schedule: string,
  now: Date,
  accounts: string[],
  startedAt: ReadonlyMap<string, Date>,
): string[] => {
  const due = lastDue(schedule, now);
  return accounts.filter((account) => {
    const last = startedAt.get(account);
    return last === undefined || (due !== undefined && last < due);
  });
};
