import { eventFilter } from "../intake/events/event-filter.ts";
import {
  type BackfillOptions,
  type BackfillSummary,
  backfill,
} from "../intake/polling/backfill.ts";
import type { Progress } from "../intake/polling/poller.ts";
import { counted } from "../lib/counted.ts";
import { sparing } from "../vivenu/sparing.ts";
import { buildVivenuClient } from "./build/build-vivenu.ts";
import type { Surroundings } from "./build/surroundings.ts";

export interface BackfillResult {
  complete: boolean;
  accounts: BackfillSummary[];
}

/** Fills the datacore from Vivenu, one account after the other, within each account's budget. */
export async function fillFromVivenu(
  surroundings: Surroundings,
  signal: AbortSignal,
  regions: string[] | undefined,
  onProgress: (progress: Progress) => void,
): Promise<BackfillResult> {
  const { backfillAccount } = buildBackfill(surroundings, onProgress);
  const summaries: BackfillSummary[] = [];
  for (const account of surroundings.config.vivenu.accounts) {
    if (regions && !regions.includes(account.region)) continue;
    const client = sparing(buildVivenuClient(account, surroundings, "nightly"));
    summaries.push(await backfillAccount(client, signal));
  }
  return { complete: summaries.every(({ complete }) => complete), accounts: summaries };
}

/** The result for a person to read. */
export const describeBackfill = ({ accounts }: BackfillResult) =>
  accounts
    .flatMap(({ account, events, ticketsRead, requests, failures }) => [
      `${account.padEnd(12)} ${counted(events, "event")}, ${counted(ticketsRead, "ticket")}, ${counted(requests, "request")}`,
      ...failures.map(({ eventId, reason }) => `  ${eventId ?? "the account"}: ${reason}`),
    ])
    .join("\n");

function buildBackfill(
  { config, sql, clock, logger }: Surroundings,
  onProgress: BackfillOptions["onProgress"],
) {
  const { filter, pageSize, cutoffMs } = config.vivenu;
  return backfill({
    sql,
    clock,
    logger,
    pageSize,
    filter: eventFilter(filter),
    cutoffMs,
    overrides: config.rules.classes,
    ...(onProgress && { onProgress }),
  });
}
