import { type Command, InvalidArgumentError, Option } from "commander";
import manifest from "../../../package.json" with { type: "json" };
import { databaseUrlOf } from "../../config/config.ts";
import { LONG_LIMIT_MS } from "../../database/connect.ts";
import { migrate } from "../../database/migrate.ts";
import { isHour } from "../../pathway/wanted.ts";
import { keepHeapSmall } from "../../service/processes/heap.ts";
import type { Surroundings } from "../build/surroundings.ts";
import {
  type Common,
  type Runner,
  regionsOf,
  requireMigrated,
  withDatabase,
  withSurroundings,
} from "../run/run.ts";
import { devOption, regionOption } from "./options.ts";

const { version } = manifest;

/** A tenth of the share of whoever answers webhooks beside it, and a third of the loops'. */
const REPLAY_NICE = 10;

/** An hour of the log, as its time bucket is called. */
function hour(text: string) {
  if (isHour(text)) return text;
  throw new InvalidArgumentError("20260301110000 is 1 March 2026, 11:00 UTC.");
}

export function addRowCommands(
  program: Command,
  { run, put, configure, environment, progress, stopSignal, giveWay, warnings }: Runner,
) {
  program
    .command("migrate")
    .description("migrate the database to the newest schema")
    .addOption(devOption("the database"))
    .action(
      run(async (options: Common) => {
        const applied = await withDatabase(databaseUrlOf(await environment(options)), migrate);
        return { value: { applied }, text: applied.join("\n") || "it is at the newest already" };
      }),
    );
  program
    .command("replay")
    .description("rebuild the rows from the log beside the live ones, compare, and swap")
    .option("--from <bucket>", "only from this hour on, over what is there: 20260301110000", hour)
    .option("--dry-run", "report what would differ and change nothing")
    .addOption(devOption("the log and the database"))
    .action(
      run(async (options: Common & { from?: string; dryRun?: boolean }) => {
        const { from, dryRun = false } = options;
        const signal = stopSignal();
        const config = await configure(options);
        // Nobody waits for it, and whoever waits for an answer is not to wait for it either.
        giveWay(REPLAY_NICE);
        keepHeapSmall("worker", signal);
        const show = progress("replay", "hours");
        const { describeReplay, replayRows } = await import("../replay.ts");
        const command = { dryRun, ...(from !== undefined && { from }) };
        const work = async (surroundings: Surroundings) => {
          await requireMigrated(surroundings.sql);
          return replayRows(surroundings, command, signal, ({ facts, bucketsDone, buckets }) =>
            show({ done: bucketsDone, of: buckets, beside: { facts } }),
          );
        };
        const report = await withSurroundings(config, warnings(), work, { limitMs: LONG_LIMIT_MS });
        return { value: report, text: describeReplay(report) };
      }),
    );
  program
    .command("forecast")
    .description("how good forecasts are: past events again as they stood then, and what came")
    .requiredOption("--backtest", "forecast past events, and hold it against what came")
    .addOption(devOption("the rows"))
    .action(
      run(
        async (options: Common) => {
          const { backtest, describeBacktest } = await import("../forecast.ts");
          const config = await configure(options);
          giveWay(REPLAY_NICE);
          const report = await withSurroundings(config, warnings(), async (surroundings) => {
            await requireMigrated(surroundings.sql);
            return backtest(surroundings);
          });
          return { value: report, text: describeBacktest(report) };
        },
        { piped: "text" },
      ),
    );
  program
    .command("export")
    .description("write the sheet's tabs as files, without Google")
    .addOption(
      new Option("--format <format>", "what kind of files")
        .choices(["xlsx", "csv"])
        .default("xlsx"),
    )
    .option(
      "--folder <folder>",
      "where they are written; - puts the workbook onto standard output",
      "export",
    )
    .addOption(regionOption())
    .addOption(devOption("the rows"))
    .action(
      run(
        async (options: Common & { format: "xlsx" | "csv"; folder: string }) => {
          const { format, folder } = options;
          const { exportFiles } = await import("../export.ts");
          const config = await configure(options);
          const regions = regionsOf(options, config);
          const files = await withSurroundings(config, warnings(), async (surroundings) => {
            await requireMigrated(surroundings.sql);
            return exportFiles({
              ...surroundings,
              version: version,
              settings: config.sheet,
              format,
              folder,
              toOutput: put,
              ...(regions && { filter: { regions } }),
            });
          });
          if (files.length === 0) return undefined;
          return { value: { files }, text: files.join("\n") };
        },
        { piped: "text" },
      ),
    );
}
