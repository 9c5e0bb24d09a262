import type { AccountConfig } from "../config/accounts.ts";
import { blameOf, causeOf } from "../database/fault.ts";
import { KEY_REFUSED } from "../intake/events/key-refused.ts";
import type { PollSummary } from "../intake/polling/poll-summary.ts";
import type { PollMode } from "../intake/polling/poller.ts";
import { forgetNotedAhead } from "../intake/store/noted-ahead.ts";
import { savePollState } from "../intake/store/poll-state.ts";
import { counted } from "../lib/counted.ts";
import { gate } from "../vivenu/gate.ts";
import { sparing } from "../vivenu/sparing.ts";
import { buildPoller, buildVivenuClient, type PollerHooks } from "./build/build-vivenu.ts";
import type { Surroundings } from "./build/surroundings.ts";
import { type ExitCode, exitCodes } from "./run/outcome.ts";

/** Each holds the tickets of an event that it counts: more at a time take more memory than they save. */
export const ACCOUNTS_AT_A_TIME = 3;

export interface PollResult {
  complete: boolean;
  accounts: PollSummary[];
}

export interface PollOptions extends PollerHooks {
  regions?: string[];
  /** Everything, or only what changed since the last time. */
  mode?: PollMode;
  /** Nobody waits in this process: its memory is worth more than its time. */
  isSparing?: boolean;
  /** Goes around each account's poll. */
  watch?: (account: string, poll: () => Promise<PollSummary>) => Promise<PollSummary>;
}

/** Polls every account, or those named, some at a time. What fails in one stops no other. */
export async function poll(
  surroundings: Surroundings,
  signal: AbortSignal,
  options: PollOptions = {},
): Promise<PollResult> {
  const { regions, mode = "full", isSparing, watch = (_, work) => work(), ...hooks } = options;
  const { sql, clock, logger, config } = surroundings;
  const { accounts } = config.vivenu;
  await forgetNotedByWrongClock({ sql, clock, logger });
  const wanted = regions ?? accounts.map(({ region }) => region);
  const { pollAccount } = buildPoller(surroundings, hooks);
  const through = gate(ACCOUNTS_AT_A_TIME);
  const clientOf = (account: AccountConfig) => {
    const client = buildVivenuClient(account, surroundings, "nightly");
    return isSparing ? sparing(client) : client;
  };
  const summaries = await Promise.all(
    accounts
      .filter(({ region }) => wanted.includes(region))
      .map((account) =>
        through(() =>
          alone(account.region, surroundings, () =>
            watch(account.region, () => pollAccount(clientOf(account), signal, { mode })),
          ),
        ),
      ),
  );
  return { complete: summaries.every(({ complete }) => complete), accounts: summaries };
}

/** To be called before anybody asks what is due. */
export async function forgetNotedByWrongClock({
  sql,
  clock,
  logger,
}: Pick<Surroundings, "sql" | "clock" | "logger">) {
  const accounts = await forgetNotedAhead(sql, clock.now());
  if (accounts.length > 0) logger.warn({ accounts }, "account.noted_ahead");
}

/** An account whose poll cannot even be told of: the others' are, and nobody polls them all again for it. */
async function alone(
  account: string,
  { sql, clock, logger }: Surroundings,
  work: () => Promise<PollSummary>,
): Promise<PollSummary> {
  const startedAt = clock.now().toISOString();
  try {
    return await work();
  } catch (error) {
    if (blameOf(error) === "outage") throw error;
    const reason = causeOf(error);
    logger.error({ account, reason }, "account.failed");
    const failed = { account, startedAt, finishedAt: clock.now().toISOString(), complete: false };
    // Else it would be due again at once, and for ever.
    await savePollState(sql, failed);
    return {
      ...failed,
      eventsRead: 0,
      eventsCounted: 0,
      ticketsRead: 0,
      requests: 0,
      failures: [{ eventId: null, kind: "fault", reason }],
    };
  }
}

interface Read {
  complete: boolean;
  accounts: { failures: { kind: string }[] }[];
}

/** Nothing but refused keys: whoever tries again is refused again. */
export function exitCodeOf({ complete, accounts }: Read): ExitCode {
  if (complete) return exitCodes.well;
  const failures = accounts.flatMap((account) => account.failures);
  const isRefused = failures.every(({ kind }) => kind === KEY_REFUSED);
  return isRefused ? exitCodes.configuration : exitCodes.unfinished;
}

/** The result for a person to read. Who looks for changes reads no list of all events. */
export const describeResult = ({ accounts }: PollResult, mode: PollMode = "full") =>
  accounts
    .flatMap(({ account, eventsCounted, eventsRead, ticketsRead, requests, failures }) => [
      `${account.padEnd(12)} ${mode === "full" ? `${eventsCounted} of ${counted(eventsRead, "event")}` : counted(eventsCounted, "event")} counted, ${counted(ticketsRead, "ticket")}, ${counted(requests, "request")}`,
      ...failures.map(({ eventId, reason }) => `  ${eventId ?? "the account"}: ${reason}`),
    ])
    .join("\n");
