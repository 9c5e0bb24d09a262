import type { Surroundings } from "../../commands/build/surroundings.ts";
import { flowTypes } from "../../contracts/index.ts";
import { readOutboxState } from "../../datacore/outbox.ts";
import { readInboxState } from "../../intake/store/inbox.ts";
import { readRequestsOfHour } from "../../intake/store/request-budget.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { within } from "../../lib/time-limit.ts";
import { readNoticesByChannel } from "../../notify/outbox/dead-notices.ts";
import { readHeld } from "../../pathway/held.ts";
import { readCheckpoints } from "../../projections/consumer/checkpoint.ts";
import { countDeadLettersByFlowType } from "../../projections/consumer/dead-letters.ts";
import { readLastCompletePolls } from "../../projections/tables/polls.ts";
import type { Failing } from "./failing.ts";
import { readRefusedKeys, withoutKeys } from "./keys.ts";

export interface Measured extends Pick<Surroundings, "sql" | "clock" | "logger"> {
  metrics: Metrics;
  /** Each account's budget of requests an hour. */
  budget: { accounts: readonly string[]; perHour: number };
  failing: Failing;
  /** Who is told something: what waits for others nobody will tell, and it is no alarm. */
  channels: readonly string[];
  /** Shorter in tests. */
  limitMs?: number;
}

export const channelNamesOf = ({ notify }: Pick<Surroundings["config"], "notify">) =>
  (notify?.channels ?? []).map(({ name }) => name);

/** Below what Prometheus waits for the whole: else a lock in PostgreSQL would look as if nobody answered. */
const LIMIT_MS = 5_000;

async function readAll({ sql, clock, failing }: Measured) {
  const held = (await readHeld(sql)).map(({ flowType }) => flowType);
  const [inbox, outbox, checkpoints, setAside, polls, keys, requests, notices] = await Promise.all([
    readInboxState(sql),
    readOutboxState(sql, held),
    readCheckpoints(sql),
    countDeadLettersByFlowType(sql),
    readLastCompletePolls(sql),
    readRefusedKeys(sql, failing),
    readRequestsOfHour(sql, clock.now()),
    readNoticesByChannel(sql, clock.now()),
  ]);
  return { held, inbox, outbox, checkpoints, setAside, polls, keys, requests, notices };
}

type Found = Awaited<ReturnType<typeof readAll>>;

/**
 * What only the database knows, measured when somebody asks, and the same whichever replica is asked;
 * left out while the database does not answer.
 */
export async function measure(given: Measured): Promise<void> {
  const { logger, limitMs = LIMIT_MS } = given;
  try {
    say(given, await within(limitMs, () => readAll(given)));
  } catch (error) {
    logger.warn({ error }, "metrics.unmeasured");
    leaveOut(given);
  }
}

function say(given: Measured, found: Found) {
  const now = given.clock.now().getTime();
  const secondsSince = (time: Date | null) =>
    time === null ? 0 : Math.max(0, (now - time.getTime()) / 1_000);
  sayQueues(given, found, secondsSince);
  sayLog(given, found, secondsSince);
  sayAccounts(given, found);
  sayLoops(given, found.keys.others);
}

type SecondsSince = (time: Date | null) => number;

function sayQueues(
  { metrics, channels }: Measured,
  { inbox, outbox, notices }: Found,
  secondsSince: SecondsSince,
) {
  metrics.inboxWaiting.set(inbox.waiting);
  metrics.inboxOldest.set(secondsSince(inbox.oldestWaitingAt));
  metrics.inboxRefused.set(inbox.refused);
  metrics.outboxWaiting.set(outbox.waiting);
  metrics.outboxOldest.set(secondsSince(outbox.oldestWaitingAt));
  metrics.outboxRefused.set(outbox.refused);
  for (const gauge of [metrics.noticesWaiting, metrics.noticesRefused]) gauge.reset();
  for (const { channel, oldestAt, refused } of notices) {
    if (channels.includes(channel)) metrics.noticesWaiting.set({ channel }, secondsSince(oldestAt));
    metrics.noticesRefused.set({ channel }, refused);
  }
}

function sayLog(
  { metrics }: Measured,
  { held, checkpoints, setAside }: Found,
  secondsSince: SecondsSince,
) {
  // What is held on purpose is behind by intention, and wakes nobody.
  metrics.logLag.reset();
  for (const { flowType, readAt } of checkpoints) {
    metrics.logHeld.set({ flow_type: flowType }, held.includes(flowType) ? 1 : 0);
    if (!held.includes(flowType)) metrics.logLag.set({ flow_type: flowType }, secondsSince(readAt));
  }
  const facts = new Map(setAside.map((row) => [row.flowType, row.facts]));
  for (const flowType of new Set([...flowTypes, ...facts.keys()]))
    metrics.setAside.set({ flow_type: flowType }, facts.get(flowType) ?? 0);
}

/** Of accounts that are configured no more nobody misses a poll; of one that never was polled it is long ago. */
function sayAccounts({ metrics, budget }: Measured, { requests, keys, polls }: Found) {
  const polledAt = new Map(polls.map(({ account, finishedAt }) => [account, finishedAt]));
  for (const account of budget.accounts) {
    const left = Math.max(0, budget.perHour - (requests.get(account) ?? 0));
    metrics.budgetRemaining.set({ account }, left);
    metrics.keyRefused.set({ account }, keys.refused.has(account) ? 1 : 0);
    metrics.lastPoll.set({ account }, (polledAt.get(account)?.getTime() ?? 0) / 1_000);
  }
}

function sayLoops({ metrics }: Measured, failing: readonly { loop: string }[]) {
  const failingNow = new Set(failing.map(({ loop }) => loop));
  for (const loop of new Set([...metrics.knownLoops, ...failingNow])) {
    metrics.knownLoops.add(loop);
    metrics.loopFailing.set({ loop }, failingNow.has(loop) ? 1 : 0);
  }
}

function leaveOut({ metrics, failing }: Measured) {
  const { setAside, logLag, lastPoll, budgetRemaining, keyRefused } = metrics;
  for (const gauge of [setAside, logLag, lastPoll, budgetRemaining, keyRefused]) gauge.reset();
  for (const gauge of [metrics.noticesWaiting, metrics.noticesRefused]) gauge.reset();
  // What fails here is known all the same; how others fare is not.
  metrics.loopFailing.reset();
  for (const { loop } of withoutKeys(failing.here())) {
    metrics.knownLoops.add(loop);
    metrics.loopFailing.set({ loop }, 1);
  }
  // To reset a gauge without labels is to say 0.
  const { inboxWaiting, inboxOldest, inboxRefused } = metrics;
  const { outboxWaiting, outboxOldest, outboxRefused } = metrics;
  for (const gauge of [inboxWaiting, inboxOldest, inboxRefused]) gauge.remove();
  for (const gauge of [outboxWaiting, outboxOldest, outboxRefused]) gauge.remove();
}
