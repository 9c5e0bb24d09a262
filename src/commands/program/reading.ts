import type { Command } from "commander";
import { describeBackfill, fillFromVivenu } from "../backfill.ts";
import { describeResult, exitCodeOf, poll } from "../poll.ts";
import { addedUp } from "../progress.ts";
import { type Common, type Runner, regionsOf, withParts } from "../run.ts";
import { devOption, regionOption } from "./options.ts";

export function addReading(
  program: Command,
  { run, configure, quietLog, progress, stopSignal }: Runner,
) {
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
        const { show, end } = progress("poll", "events");
        const result = await withParts(config, quietLog(config), (parts) =>
          poll(parts, signal, {
            ...(regions && { regions }),
            mode: options.changes ? "changes" : "full",
            onProgress: addedUp(show),
          }),
        );
        end();
        return { value: result, text: describeResult(result), code: exitCodeOf(result) };
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
        const { show, end } = progress("backfill", "events");
        const result = await withParts(config, quietLog(config), (parts) =>
          fillFromVivenu(parts, signal, regions, addedUp(show)),
        );
        end();
        return { value: result, text: describeBackfill(result), code: exitCodeOf(result) };
      }),
    );
}
