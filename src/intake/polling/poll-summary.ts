import type { PollFinished } from "../../contracts/index.ts";
import type { Pool } from "../../database/connect.ts";
import { causeOf } from "../../database/fault.ts";
import { enqueue } from "../../datacore/outbox.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { failureKindOf } from "../events/key-refused.ts";
import { savePollState } from "../store/poll-state.ts";

export type PollSummary = Omit<PollFinished, "idempotencyKey" | "source" | "observedAt">;

/** A fact has room for so many failures; the log has them all. */
const MAX_FAILURES = 50;
const MAX_REASON = 300;

type Failed = PollSummary["failures"][number];

/**
 * What one event has wrong in itself, or what Vivenu refuses of it, is the same an hour later, and all the
 * others need no new poll.
 */
const mayPass = ({ eventId, kind }: Failed) =>
  eventId === null || !["malformed", "refused"].includes(kind);

export interface EndedPoll extends Omit<PollSummary, "startedAt" | "finishedAt" | "complete"> {
  startedAt: Date;
  /** Of what may not concern us: said beside the failures. */
  notes: Failed[];
}

export const failureOf = (error: unknown) => ({
  kind: failureKindOf(error),
  reason: causeOf(error).slice(0, MAX_REASON),
});

/** Says a poll's end in the log, and when it was full, keeps that the account is not due. */
export async function recordPoll(
  { sql, clock, logger }: { sql: Pool; clock: Clock; logger: Logger },
  ended: EndedPoll,
  isFull: boolean,
): Promise<PollSummary> {
  const { startedAt, failures, notes, ...rest } = ended;
  const finishedAt = clock.now();
  const summary = {
    ...rest,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    complete: failures.length === 0,
    failures: [...failures, ...notes].slice(0, MAX_FAILURES),
  };
  await sql.begin(async (tx) => {
    const payload = {
      ...summary,
      idempotencyKey: `poll.finished/${rest.account}/${summary.startedAt}`,
      source: "poll" as const,
      observedAt: summary.startedAt,
    };
    await enqueue(tx, [{ eventType: "poll.finished.0", payload }], finishedAt);
    // A look at the changes does not stand in for the daily count of everything.
    if (isFull) await savePollState(tx, { ...summary, complete: !failures.some(mayPass) });
  });
  logger.info(summary, "poll.finished");
  return summary;
}
