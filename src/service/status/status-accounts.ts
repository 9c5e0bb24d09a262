import type { Status } from "../../api/operation/status.ts";
import type { HourOfRequests } from "../../intake/store/request-budget.ts";
import type { OutcomesOfAccount } from "../../intake/store/webhook-outcomes.ts";
import { type Sentence, sentencesOf } from "../../lib/sentence.ts";
import { sharedBy } from "../../lib/shared.ts";
import type { PollRow } from "../../projections/tables/polls.ts";

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

/** Whose keys are one seller's, which no setting shows. */
export function sharedSellerProblems(
  sellers: ReadonlyMap<string, string>,
  regions: readonly string[],
): string[] {
  return sharedBy(regions, (region) => sellers.get(region)).map(
    ({ value: seller, some }) =>
      `The keys of ${some.join(" and ")} are of one seller (${seller}): each account takes the other's events, so that they go and come again; give each the key of its own.`,
  );
}

const none = { lastHour: {}, lastDay: {} };

/** Since when an account's webhooks are refused, where none is taken. */
export const refusedSinceOf = (outcomes: readonly OutcomesOfAccount[], region: string) =>
  outcomes.find(({ account }) => account === region)?.refusedSince ?? null;

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
): Sentence[] {
  if (lastPollAt === null) return sentencesOf(region, [`${region} was never polled.`]);
  const isOld = now.getTime() - Date.parse(lastPollAt) > OLD_POLL_MS;
  return sentencesOf(region, [
    ...(isOld ? [`${region} was last polled at ${lastPollAt}.`] : []),
    ...(lastPollComplete ? [] : [`${region}: ${causeOf(failures)}`]),
  ]);
}

/** What a poll that read everything has to say of the account all the same, and not of one of its events. */
export const pollNotes = ({
  region,
  lastPollComplete,
  failures,
}: Pick<Status["accounts"][number], "region" | "lastPollComplete" | "failures">): Sentence[] =>
  sentencesOf(
    region,
    lastPollComplete === true
      ? failures.flatMap(({ eventId, reason }) =>
          eventId === null ? `${region}: ${reason.replace(/\.$/, "")}.` : [],
        )
      : [],
  );

/** What kept the poll from reading everything, in the words of who noticed; all are in `failures`. */
function causeOf(failures: Status["accounts"][number]["failures"]): string {
  const [first, ...others] = failures;
  if (!first) return "the last poll could not read everything.";
  const { eventId, reason } = first;
  const where = eventId === null ? "" : ` of event ${eventId}`;
  const more = others.length > 0 ? `, and ${others.length} more in \`failures\`` : "";
  return `the last poll could not read everything${where}: ${reason.replace(/\.$/, "")}${more}.`;
}

/** So many in an hour, and none taken: a listener's key or mode is wrong, and not a stranger at the door. */
const SEVERAL = 5;

const refusals: Record<string, (region: string) => string> = {
  unsigned: (region) =>
    `whose signature does not fit (401): a stranger's, or the listener's key is not ${region}_WEBHOOK_SECRET`,
  wrong_mode: () => "of the other mode than VIVENU_MODE (422)",
  malformed: () => "that are no webhook of Vivenu's (400)",
  too_large: () => "larger than WEBHOOK_BODY_LIMIT (413)",
};

type Door = Pick<Status["accounts"][number], "region" | "webhooks">;

/** Of the last hour, at every replica: what was refused for good, by its reason. Vivenu repeats none of it. */
function refusedOf({ region, webhooks: { lastHour } }: Door) {
  const kinds = Object.entries(refusals).flatMap(([outcome, words]) => {
    const requests = lastHour[outcome] ?? 0;
    return requests > 0 ? [{ outcome, requests, words: `${requests} ${words(region)}` }] : [];
  });
  const ours = kinds.filter(({ outcome }) => outcome === "unsigned" || outcome === "wrong_mode");
  const sum = (some: typeof kinds) => some.reduce((all, { requests }) => all + requests, 0);
  const taken = (lastHour.accepted ?? 0) + (lastHour.repeated ?? 0);
  return {
    requests: sum(kinds),
    reasons: kinds.map(({ words }) => words).join("; "),
    isProblem: taken === 0 && sum(ours) >= SEVERAL,
  };
}

export function doorProblems(account: Door, since: Date | null = null): Sentence[] {
  const { requests, reasons, isProblem } = refusedOf(account);
  if (!isProblem) return [];
  const from = since ? ` since ${since.toISOString()}` : "";
  return sentencesOf(account.region, [
    `${account.region}: none of its webhooks was taken in the last hour, and ${requests} ${requests === 1 ? "was" : "were"} refused at the door${from}: ${reasons}. \`webhooks list\` compares its listener.`,
  ]);
}

/** Anybody can bring it about while webhooks are taken: it is no problem then. */
export function doorNotes(account: Door): Sentence[] {
  const { requests, reasons, isProblem } = refusedOf(account);
  if (isProblem || requests === 0) return [];
  const were = requests === 1 ? "1 delivery was" : `${requests} deliveries were`;
  return sentencesOf(account.region, [
    `${account.region}: ${were} refused at the door in the last hour: ${reasons}.`,
  ]);
}

interface Budget {
  regions: readonly string[];
  perHour: number;
  /** Of the last hour, by account. */
  requests: ReadonlyMap<string, HourOfRequests>;
}

/** A launch may spend it, so it is no problem by itself; the alert tells who spends it for long. */
export function budgetNotes({ regions, perHour, requests }: Budget): Sentence[] {
  return regions.flatMap((region) => {
    const hour = requests.get(region);
    if (hour === undefined || hour.isLeftForPolls) return [];
    const spent = `(${hour.requests} of ${perHour} in the last hour, VIVENU_REQUESTS_PER_HOUR)`;
    return sentencesOf(region, [
      hour.requests < perHour
        ? `${region}: what daily polls may take of its budget of requests to Vivenu is spent ${spent}, and the rest is kept for launches and recounts: a poll waits, and comes late.`
        : `${region}: its budget of requests to Vivenu is spent ${spent}: polls and counts wait for it, and come late.`,
    ]);
  });
}
