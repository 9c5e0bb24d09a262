import type { AccountConfig } from "../../config/accounts.ts";
import type { IncrementalOptions } from "../../intake/counting/incremental-settings.ts";
import { eventFilter } from "../../intake/events/event-filter.ts";
import { type PollerOptions, poller } from "../../intake/polling/poller.ts";
import { type Priority, sharedBudget } from "../../intake/store/request-budget.ts";
import { readSellerIds } from "../../intake/store/sellers.ts";
import { type VivenuClient, vivenuClient } from "../../vivenu/client.ts";
import { ofKnownOwner } from "../../vivenu/known-owner.ts";
import type { Surroundings } from "./surroundings.ts";

export function buildVivenuClient(
  { region, apiKey, sellerId }: AccountConfig,
  { config, sql, clock, logger, onRequest, onWaiting }: Surroundings,
  priority: Priority,
): VivenuClient {
  const { baseUrl, budget, timeoutMs, inFlight } = config.vivenu;
  const waiting = onWaiting && { onWaiting: () => onWaiting(region) };
  const client = vivenuClient({
    baseUrl,
    apiKey: apiKey.reveal(),
    region,
    budget: sharedBudget({
      sql,
      account: region,
      ...budget,
      clock,
      priority,
      ...waiting,
    }),
    clock,
    logger,
    timeoutMs,
    inFlight,
    ...waiting,
    ...(onRequest && { onAttempt: () => onRequest(region) }),
  });
  const readOwner = async () => sellerId ?? (await readSellerIds(sql)).get(region) ?? null;
  return ofKnownOwner(client, { readOwner, clock });
}

export interface PollerHooks {
  onProgress?: PollerOptions["onProgress"];
  onDifference?: IncrementalOptions["onDifference"];
}

/** Reads Vivenu and counts; what it keeps of each ticket lets it read only changes the next time. */
export function buildPoller(
  { config, sql, clock, logger }: Surroundings,
  { onProgress, onDifference }: PollerHooks = {},
) {
  const { filter, pageSize, cutoffMs, incremental } = config.vivenu;
  return poller({
    sql,
    clock,
    logger,
    pageSize,
    filter: eventFilter(filter),
    cutoffMs,
    overrides: config.rules.classes,
    incremental: { ...incremental, ...(onDifference && { onDifference }) },
    ...(onProgress && { onProgress }),
  });
}
