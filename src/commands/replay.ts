import { isSame, type TableComparison } from "../projections/compare.ts";
import { projections } from "../projections/index.ts";
import { type ReplayProgress, type ReplayReport, replay } from "../projections/replay.ts";
import { buildDatacore, type Surroundings } from "./parts.ts";

const HOURS_AT_A_TIME = 4;
const TELL_EVERY_MS = 2_000;

export interface ReplayCommand {
  from?: string;
  dryRun: boolean;
}

/** Rebuilds the rows from the log beside the live ones, and swaps them unless it is a trial. */
export async function replayRows(
  { config, sql, clock, log }: Surroundings,
  { from, dryRun }: ReplayCommand,
  signal: AbortSignal,
  onProgress: (progress: ReplayProgress) => void,
): Promise<ReplayReport> {
  const datacore = buildDatacore(config);
  try {
    return await replay({
      ...{ sql, clock, log, signal, dryRun, projections, datacore },
      url: config.database.url.reveal(),
      settings: config.reading,
      concurrency: HOURS_AT_A_TIME,
      ...(from !== undefined && { from }),
      onProgress,
    });
  } finally {
    datacore.close();
  }
}

/** A bar with rate and time left on a terminal, a JSON line every two seconds elsewhere. */
export function replayProgress(stream: NodeJS.WriteStream) {
  const startedAt = performance.now();
  let toldAt = 0;
  return {
    show({ facts, bucketsDone, buckets }: ReplayProgress) {
      const now = performance.now();
      if (now - toldAt < (stream.isTTY ? 100 : TELL_EVERY_MS)) return;
      toldAt = now;
      const seconds = (now - startedAt) / 1_000;
      const factsPerSecond = Math.round(facts / seconds);
      const secondsLeft =
        bucketsDone > 0 ? Math.round((seconds / bucketsDone) * (buckets - bucketsDone)) : null;
      if (!stream.isTTY) {
        const line = { event: "replay.advanced", facts, factsPerSecond, bucketsDone, buckets };
        stream.write(`${JSON.stringify({ ...line, secondsLeft })}\n`);
        return;
      }
      const width = 30;
      const filled = buckets === 0 ? 0 : Math.round((bucketsDone / buckets) * width);
      const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
      const left = secondsLeft === null ? "" : `, about ${secondsLeft} s left`;
      stream.write(
        `\r\u001b[K${bar} ${bucketsDone}/${buckets} hours, ${facts} facts, ${factsPerSecond}/s${left}`,
      );
    },
    end: () => void (stream.isTTY && stream.write("\r\u001b[K")),
  };
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
