import type { Sql } from "../database/connect.ts";
import { projectionsFor } from "../projections/derived/projections.ts";
import { isSame, type TableComparison } from "../projections/rebuild/compare.ts";
import { type ReplayProgress, type ReplayReport, replay } from "../projections/rebuild/replay.ts";
import { buildDatacore } from "./build-datacore.ts";
import { rowPolicyOf } from "./policies.ts";
import type { Surroundings } from "./surroundings.ts";

export interface ReplayCommand {
  from?: string;
  dryRun: boolean;
  /** In the transaction that swaps. */
  onSwap?: (tx: Sql) => Promise<void>;
}

/** Rebuilds the rows from the log beside the live ones, and swaps them unless it is a trial. */
export async function replayRows(
  { config, sql, clock, logger }: Surroundings,
  { from, dryRun, onSwap }: ReplayCommand,
  signal: AbortSignal,
  onProgress: (progress: ReplayProgress) => void,
): Promise<ReplayReport> {
  const datacore = buildDatacore(config);
  try {
    return await replay({
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
      ...(onSwap && { onSwap }),
      onProgress,
    });
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
}: ReplayReport): string {
  const differing = tables.filter((table) => !isSame(table));
  return [
    `${resumed ? "resumed: " : ""}${facts} facts read${setAside > 0 ? `, ${setAside} set aside` : ""}`,
    ...tables.map(describeTable),
    differing.length === 0 ? "the rebuilt rows are the live rows" : "the rebuilt rows differ",
    swapped ? "the rebuilt rows are live now" : "nothing was changed",
  ].join("\n");
}

const describeTable = (comparison: TableComparison) => {
  const { table, liveRows, replayedRows, differing } = comparison;
  const name = table.padEnd(20);
  if (isSame(comparison)) return `  ${name} ${replayedRows} rows, the same`;
  return [
    `  ${name} ${liveRows} rows live, ${replayedRows} rebuilt; different:`,
    ...differing.map((row) => `      ${row}`),
  ].join("\n");
};
