import { webhooks } from "../../intake/webhooks/receive.ts";
import {
  type Verdict,
  type WebhookOutcome,
  webhookOutcomes,
} from "../../intake/webhooks/webhook-outcome.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { recountPaceOf } from "./policies.ts";
import type { Surroundings } from "./surroundings.ts";

/** Its counters begin at 0: Prometheus sees no increase in a series that begins with its first event. */
export function buildWebhooks(
  { config, sql, clock, logger }: Surroundings,
  metrics: Metrics,
  onVerdict: (verdict: Verdict) => void,
) {
  const { accounts, mode, webhooks: limits } = config.vivenu;
  const count = (outcome: WebhookOutcome, account: string | null, by = 1) =>
    metrics.webhooks.inc({ outcome, account: account ?? "unknown" }, by);
  for (const account of [...accounts.map(({ region }) => region), null])
    for (const outcome of webhookOutcomes) count(outcome, account, 0);
  return webhooks({
    sql,
    mode,
    clock,
    logger,
    pace: recountPaceOf(config),
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
