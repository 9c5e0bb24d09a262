import type { Command } from "commander";
import { databaseUrlOf } from "../../config.ts";
import { systemClock } from "../../lib/clock.ts";
import { exitCodes } from "../outcome.ts";
import { type Common, type Runner, requireMigrated, withDatabase, withParts } from "../run.ts";
import {
  describeReleased,
  describeRetried,
  describeSetAside,
  listSetAside,
  releaseRefused,
  retrySetAside,
} from "../set-aside.ts";
import { devOption } from "./options.ts";

export function addSetAside(
  program: Command,
  { run, configure, environment, quietLog, stopSignal }: Runner,
) {
  const setAside = program
    .command("set-aside")
    .description("facts of the log that could not be applied");
  setAside
    .command("list")
    .description("which, where and why")
    .option("--fact <id>", "only this one")
    .addOption(devOption("those"))
    .action(
      run(async (options: Common & { fact?: string }) => {
        const url = databaseUrlOf(await environment(options));
        const facts = await withDatabase(url, async (sql) => {
          await requireMigrated(sql);
          return listSetAside({ sql }, options.fact);
        });
        return { value: facts, text: describeSetAside(facts) };
      }),
    );
  setAside
    .command("release")
    .description(
      "send what Flowcore refused, and translate what was refused of webhooks, once more",
    )
    .addOption(devOption("those"))
    .action(
      run(async (options: Common) => {
        const url = databaseUrlOf(await environment(options));
        const released = await withDatabase(url, async (sql) => {
          await requireMigrated(sql);
          return releaseRefused({ sql, clock: systemClock });
        });
        return { value: released, text: describeReleased(released) };
      }),
    );
  setAside
    .command("retry")
    .description("put them back after a fix; exit code 0 only if none is left of them")
    .option("--fact <id>", "only this one")
    .addOption(devOption("those"))
    .action(
      run(async (options: Common & { fact?: string }) => {
        const signal = stopSignal();
        const config = await configure(options);
        const retried = await withParts(config, quietLog(config), async (parts) => {
          await requireMigrated(parts.sql);
          return retrySetAside(parts, signal, options.fact);
        });
        const isLeft = retried.some(({ outcome }) => outcome === "kept");
        const code = isLeft ? exitCodes.unfinished : exitCodes.well;
        return { value: retried, text: describeRetried(retried), code };
      }),
    );
}
