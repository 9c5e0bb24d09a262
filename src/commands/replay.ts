import type { Sql } from "../database/connect.ts";
import { timeBucketOf } from "../datacore/time-bucket.ts";
import { counted } from "../lib/counted.ts";
import { checkNothingHeld, readHeld } from "../pathway/held.ts";
import { projectionsFor } from "../projections/derived/projections.ts";
import { isSame, type TableComparison } from "../projections/rebuild/compare.ts";
import { type ReplayProgress, type ReplayReport, replay } from "../projections/rebuild/replay.ts";
import { buildDatacore } from "./build/build-datacore.ts";
import { rowPolicyOf } from "./build/policies.ts";
import type { Surroundings } from "./build/surroundings.ts";
import { WrongUsage } from "./run/outcome.ts";

export interface ReplayCommand {
  from?: string;
  dryRun: boolean;
  /** In the transaction that swaps. */
  onSwap?: (tx: Sql) => Promise<void>;
}

export interface RowsReplayed extends ReplayReport {
  /** Flow types that are held on purpose: what came of them since is in the rebuilt rows of a trial alone. */
  held: string[];
}

/**
 * Rebuilds the rows from the log beside the live ones, and swaps them unless it is a trial. Nothing is
 * swapped in while a flow type is held, for it would show what is not to be shown yet.
 */
export async function replayRows(
  { config, sql, clock, logger }: Surroundings,
  { from, dryRun, onSwap }: ReplayCommand,
  signal: AbortSignal,
  onProgress: (progress: ReplayProgress) => void,
): Promise<RowsReplayed> {
  if (from !== undefined && from > timeBucketOf(clock.now()))
    throw new WrongUsage(
      `the hour ${from} has not begun: there is nothing to make again from it on`,
    );
  if (!dryRun) await checkNothingHeld(sql);
  const datacore = buildDatacore(config);
  try {
    const report = await replay({
      sql,
      clock,
      logger,
      signal,
      dryRun,
      datacore,
      projections: projectionsFor(rowPolicyOf(config)),
      url: config.database.url.reveal(),
      settings: config.passes,
      ...(from !== undefined && { from }),
      async onSwap(tx) {
        await checkNothingHeld(tx);
        await onSwap?.(tx);
      },
      onProgress,
    });
    return { ...report, held: (await readHeld(sql)).map(({ flowType }) => flowType) };
  } finally {
    datacore.close();
  }
}

/** The report for a person to read. */
export function describeReplay({
  facts,
  setAside,
  swapped,
  resumed,
  tables,
  held,
}: RowsReplayed): string {
  const differing = tables.filter((table) => !isSame(table));
  return [
    `${resumed ? "resumed: " : ""}${counted(facts, "fact")} read${setAside > 0 ? `, ${setAside} set aside` : ""}`,
    ...tables.map(describeTable),
    ...held.map((flowType) => `${flowType} is paused: what came of it since is rebuilt as well`),
    differing.length === 0 ? "the rebuilt rows are the live rows" : "the rebuilt rows differ",
    swapped ? "the rebuilt rows are live now" : "nothing was changed",
  ].join("\n");
}

const describeTable = (comparison: TableComparison) => {
  const { table, liveRows, replayedRows, differing } = comparison;
  const name = table.padEnd(20);
  if (isSame(comparison)) return `  ${name} ${counted(replayedRows, "row")}, the same`;
  return [
    `  ${name} ${counted(liveRows, "row")} live, ${replayedRows} rebuilt; different:`,
    ...differing.map((row) => `      ${row}`),
  ].join("\n");
};
