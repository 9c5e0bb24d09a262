import type { Status } from "../api/status.ts";
import type { OutcomesOfAccount } from "../intake/store/webhook-outcomes.ts";
import type { PollRow } from "../projections/tables/polls.ts";

const OLD_POLL_MS = 26 * 3_600_000;

/** An account's last poll in numbers. */
export const numbersOf = ({ startedAt, finishedAt, complete, ...poll }: PollRow) => ({
  startedAt: startedAt.toISOString(),
  finishedAt: finishedAt.toISOString(),
  seconds: Math.round((finishedAt.getTime() - startedAt.getTime()) / 100) / 10,
  complete,
  eventsRead: poll.eventsRead,
  eventsCounted: poll.eventsCounted,
  ticketsRead: poll.ticketsRead,
  requests: poll.requests,
});

const none = { lastHour: {}, lastDay: {} };

export function outcomesOf(outcomes: readonly OutcomesOfAccount[], region: string | null) {
  const { lastHour, lastDay } = outcomes.find(({ account }) => account === region) ?? none;
  return { lastHour, lastDay };
}

/** Of all accounts, and of requests that are nobody's. */
export function allOutcomes(outcomes: readonly OutcomesOfAccount[]) {
  const sum = (of: "lastHour" | "lastDay") => {
    const total: Record<string, number> = {};
    for (const counts of outcomes)
      for (const [outcome, requests] of Object.entries(counts[of]))
        total[outcome] = (total[outcome] ?? 0) + requests;
    return total;
  };
  const { lastHour, lastDay } = outcomesOf(outcomes, null);
  return { lastHour: sum("lastHour"), lastDay: sum("lastDay"), ofNobody: { lastHour, lastDay } };
}

export function pollProblems(
  { region, lastPollAt, lastPollComplete, failures }: Status["accounts"][number],
  now: Date,
) {
  if (lastPollAt === null) return [`${region} was never polled.`];
  const isOld = now.getTime() - Date.parse(lastPollAt) > OLD_POLL_MS;
  return [
    ...(isOld ? [`${region} was last polled at ${lastPollAt}.`] : []),
    ...(lastPollComplete ? [] : [`${region}: ${causeOf(failures)}`]),
  ];
}

/** What kept the poll from reading everything, in the words of who noticed; all are in `failures`. */
function causeOf(failures: Status["accounts"][number]["failures"]): string {
  const [first, ...others] = failures;
  if (!first) return "the last poll could not read everything.";
  const { eventId, reason } = first;
  const where = eventId === null ? "" : ` of event ${eventId}`;
  const more = others.length > 0 ? `, and ${others.length} more in \`failures\`` : "";
  return `the last poll could not read everything${where}: ${reason.replace(/\.$/, "")}${more}.`;
}
