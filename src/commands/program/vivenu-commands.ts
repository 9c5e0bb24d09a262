import type { Command } from "commander";
import type { Surroundings } from "../build/surroundings.ts";
import { addedUp } from "../run/progress.ts";
import {
  type Common,
  type Runner,
  regionsOf,
  requireMigrated,
  withSurroundings,
} from "../run/run.ts";
import { waitingTold } from "../run/waiting-told.ts";
import { devOption, regionOption } from "./options.ts";

export function addVivenuCommands(
  program: Command,
  { run, configure, quietLog, warnings, progress, stopSignal }: Runner,
) {
  const telling = (surroundings: Surroundings): Surroundings => ({
    ...surroundings,
    onWaiting: waitingTold(warnings(), surroundings.clock),
  });
  program
    .command("poll")
    .description(
      "read every account once and record what is new; exit code 0 only if all were read",
    )
    .addOption(regionOption())
    .option("--changes", "read only what changed since the last time")
    .addOption(devOption("against the systems"))
    .action(
      run(async (options: Common & { changes?: boolean }) => {
        const signal = stopSignal();
        const config = await configure(options);
        const regions = regionsOf(options, config);
        const show = progress("poll", "events");
        const { describeResult, exitCodeOf, poll } = await import("../poll.ts");
        const mode = options.changes ? "changes" : "full";
        const result = await withSurroundings(config, quietLog(config), async (surroundings) => {
          await requireMigrated(surroundings.sql);
          return poll(telling(surroundings), signal, {
            isSparing: true,
            ...(regions && { regions }),
            mode,
            onProgress: addedUp(show),
          });
        });
        return { value: result, text: describeResult(result, mode), code: exitCodeOf(result) };
      }),
    );
  program
    .command("backfill")
    .description(
      "fill an empty datacore from Vivenu: events, counts and sales by hour; goes on where it stopped",
    )
    .addOption(regionOption())
    .addOption(devOption("against the systems"))
    .action(
      run(async (options: Common) => {
        const signal = stopSignal();
        const config = await configure(options);
        const regions = regionsOf(options, config);
        const show = progress("backfill", "events");
        const { describeBackfill, fillFromVivenu } = await import("../backfill.ts");
        const { exitCodeOf } = await import("../poll.ts");
        const result = await withSurroundings(config, quietLog(config), async (surroundings) => {
          await requireMigrated(surroundings.sql);
          return fillFromVivenu(telling(surroundings), signal, regions, addedUp(show));
        });
        return { value: result, text: describeBackfill(result), code: exitCodeOf(result) };
      }),
    );
}
