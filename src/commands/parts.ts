import type { AccountConfig } from "../config/accounts.ts";
import type { Config } from "../config/config.ts";
import type { Pool } from "../database/connect.ts";
import type { Datacore } from "../datacore/datacore.ts";
import { flowcore } from "../datacore/flowcore.ts";
import { readDataCoreId } from "../datacore/provision.ts";
import type { RunningOptions } from "../intake/counting/incremental-settings.ts";
import { eventFilter } from "../intake/events/event-filter.ts";
import { type BackfillOptions, backfill } from "../intake/polling/backfill.ts";
import { type PollerOptions, poller } from "../intake/polling/poller.ts";
import { type Priority, sharedBudget } from "../intake/store/request-budget.ts";
import { type Verdict, type WebhookOutcome, webhookOutcomes } from "../intake/webhooks/outcome.ts";
import { webhooks } from "../intake/webhooks/receive.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Metrics } from "../lib/metrics.ts";
import { type VivenuClient, vivenuClient } from "../vivenu/client.ts";
import type { OnOver } from "../vivenu/request.ts";

/** What every command is built from. */
export interface Surroundings {
  config: Config;
  sql: Pool;
  clock: Clock;
  log: Logger;
  /** Told of each request to Vivenu when it is sent, and by what it returns when it is over. */
  onRequest?: (account: string) => OnOver;
  /** Told now and then while a request waits by right, for a limit of ours or of Vivenu's. */
  onWaiting?: (account: string) => void;
  /** Told of each request to Google. */
  onSheetRequest?: (outcome: string) => void;
}

/** Whose events are looked at: the configured accounts', less those that the operator leaves out. */
export const watchedOf = ({ vivenu }: Config) => ({
  accounts: vivenu.accounts.map(({ region }) => region),
  exclude: vivenu.filter.exclude,
});

const INGEST_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 30_000;
const SETTLE_MS = 2_000;
const DEBOUNCE_MS = 30_000;

export function buildDatacore({ flowcore: config }: Config): Datacore {
  const { tenant, dataCore, dataCoreId, baseUrl } = config;
  const apiKey = config.apiKey.reveal();
  return flowcore({
    tenant,
    dataCoreId: dataCoreId ?? (() => readDataCoreId({ tenant, dataCore, apiKey, baseUrl })),
    apiKey,
    baseUrl,
    ingestTimeoutMs: INGEST_TIMEOUT_MS,
    readTimeoutMs: READ_TIMEOUT_MS,
  });
}

/** Its counters begin at 0: Prometheus sees no increase in a series that begins with its first event. */
export function buildWebhooks(
  { config, sql, clock, log }: Surroundings,
  metrics: Metrics,
  onVerdict: (verdict: Verdict) => void,
) {
  const { accounts, mode, webhooks: limits } = config.vivenu;
  const count = (outcome: WebhookOutcome, account: string | null, by = 1) =>
    metrics.webhooks.inc({ outcome, account: account ?? "unknown" }, by);
  for (const account of [...accounts.map(({ region }) => region), null])
    for (const outcome of webhookOutcomes) count(outcome, account, 0);
  return webhooks({
    ...{ sql, mode, clock, log, pace: hintPaceOf(config) },
    accounts: accounts.map(({ region, webhookKeys, sellerId }) => ({
      region,
      keys: webhookKeys.map((key) => key.reveal()),
      sellerId,
    })),
    maxBytes: limits.bodyLimitBytes,
    roomBytes: limits.roomBytes,
    answerWithinMs: limits.answerWithinMs,
    onVerdict(verdict) {
      count(verdict.outcome, verdict.account);
      onVerdict(verdict);
    },
  });
}

export function buildVivenuClient(
  { region, apiKey }: AccountConfig,
  { config, sql, clock, log, onRequest, onWaiting }: Surroundings,
  priority: Priority,
): VivenuClient {
  const { baseUrl, budget, timeoutMs } = config.vivenu;
  const waiting = onWaiting && { onWaiting: () => onWaiting(region) };
  return vivenuClient({
    baseUrl,
    apiKey: apiKey.reveal(),
    region,
    budget: sharedBudget({
      ...{ sql, account: region, ...budget, clock, priority },
      ...waiting,
    }),
    clock,
    log,
    timeoutMs,
    ...waiting,
    ...(onRequest && { onAttempt: () => onRequest(region) }),
  });
}

export interface PollerHooks {
  onProgress?: PollerOptions["onProgress"];
  onDifference?: RunningOptions["onDifference"];
}

/** Reads Vivenu and counts; what it keeps of each ticket lets it read only changes the next time. */
export function buildPoller(
  { config, sql, clock, log }: Surroundings,
  { onProgress, onDifference }: PollerHooks = {},
) {
  const { filter, pageSize, running } = config.vivenu;
  return poller({
    ...{ sql, clock, log, pageSize },
    filter: eventFilter(filter),
    settleMs: SETTLE_MS,
    overrides: config.rules.classes,
    running: { ...running, ...(onDifference && { onDifference }) },
    ...(onProgress && { onProgress }),
  });
}

/** Fills an empty datacore from Vivenu. */
export function buildBackfill(
  { config, sql, clock, log }: Surroundings,
  onProgress: BackfillOptions["onProgress"],
) {
  const { filter, pageSize } = config.vivenu;
  return backfill({
    ...{ sql, clock, log, pageSize },
    filter: eventFilter(filter),
    settleMs: SETTLE_MS,
    overrides: config.rules.classes,
    ...(onProgress && { onProgress }),
  });
}

export const hintPaceOf = ({ vivenu }: Config) => ({
  debounceMs: DEBOUNCE_MS,
  intervalMs: vivenu.hintIntervalMs,
});

/** How rows are made of what is kept. */
export const rowPolicyOf = (config: Config) => ({
  policy: capacityPolicyOf(config),
  classes: config.rules.classes,
  soldOut: config.rules.soldOut,
});

export const capacityPolicyOf = ({ rules }: Config) => ({
  countedClasses: rules.charityInTotals ? (["race", "charity"] as const) : (["race"] as const),
  underShopSales: rules.underShopSales,
});
