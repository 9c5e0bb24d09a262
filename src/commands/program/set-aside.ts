import { type Command, InvalidArgumentError, Option } from "commander";
import { databaseUrlOf } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { systemClock } from "../../lib/clock.ts";
import { describeActs, describeDeadLetters, describeDone } from "../dead-letter-words.ts";
import type { Done } from "../dead-letters.ts";
import { exitCodes, type Outcome, WrongUsage } from "../run/outcome.ts";
import {
  type Common,
  type Runner,
  requireMigrated,
  withDatabase,
  withSurroundings,
} from "../run/run.ts";
import { devOption } from "./options.ts";

interface Chosen extends Common {
  id?: string[];
  fact?: string;
  all?: boolean;
  by?: string;
}

/** Imported when one of these commands runs: the others, and `serve` above all, never need it. */
const deadLetterCommands = () => import("../dead-letters.ts");

const idOption = () => new Option("--id <id...>", "only these");
const factOption = () => new Option("--fact <id>", "one fact of the log, the same as --id");
const byOption = () => new Option("--by <name>", "who does it; you, if it is not said");

export function addSetAside(
  program: Command,
  { run, configure, environment, quietLog, stopSignal }: Runner,
) {
  const command = program
    .command("set-aside")
    .description("webhooks and facts that could not be worked on: dead letters");

  const onRows =
    <Options extends Common>(work: (sql: Pool, options: Options) => Promise<Outcome>) =>
    async (options: Options) =>
      withDatabase(databaseUrlOf(await environment(options)), async (sql) => {
        await requireMigrated(sql);
        return work(sql, options);
      });

  command
    .command("list")
    .description("which, whose, since when and why")
    .addOption(idOption())
    .addOption(factOption())
    .option("--all", "those too that were dropped")
    .addOption(devOption("those"))
    .action(
      run(
        onRows(async (sql, { all = false, ...options }: Chosen) => {
          const { listDeadLetters: listSetAside } = await deadLetterCommands();
          const letters = await listSetAside({ sql }, { ...idsOf(options), all });
          return { value: letters, text: describeDeadLetters(letters) };
        }),
      ),
    );

  command
    .command("retry")
    .description(
      "try them again after a fix: facts of the log at once, others by the running service; exit code 0 only if none is left",
    )
    .addOption(idOption())
    .addOption(factOption())
    .addOption(byOption())
    .addOption(devOption("those"))
    .action(
      run(async (options: Chosen) => {
        const signal = stopSignal();
        const config = await configure(options);
        const done = await withSurroundings(config, quietLog(config), async (surroundings) => {
          await requireMigrated(surroundings.sql);
          const { retryDeadLetters: retrySetAside, whoActs } = await deadLetterCommands();
          return retrySetAside(surroundings, signal, {
            ...idsOf(options),
            by: options.by ?? whoActs(),
          });
        });
        return outcomeOf(done);
      }),
    );

  command
    .command("release")
    .description("of them what is not in the log yet: refused webhooks and facts are tried again")
    .addOption(idOption())
    .addOption(byOption())
    .addOption(devOption("those"))
    .action(
      run(
        onRows(async (sql, options: Chosen) => {
          const { releaseRefused, whoActs } = await deadLetterCommands();
          const who = { ...idsOf(options), by: options.by ?? whoActs() };
          return outcomeOf(await releaseRefused({ sql, clock: systemClock }, who));
        }),
      ),
    );

  command
    .command("drop")
    .description("they are not wanted: /status says nothing of them any more")
    .addOption(idOption())
    .option("--all", "all of them")
    .addOption(byOption())
    .addOption(devOption("those"))
    .action(
      run(
        onRows(async (sql, options: Chosen) => {
          if (!options.id && !options.all)
            throw new WrongUsage("say which with --id, or --all for all of them");
          const { dropDeadLetters: dropSetAside, whoActs } = await deadLetterCommands();
          const who = { ...idsOf(options), by: options.by ?? whoActs() };
          return outcomeOf(await dropSetAside({ sql, clock: systemClock }, who));
        }),
      ),
    );

  command
    .command("acts")
    .description("who did what with them, and what came of it, newest first")
    .addOption(new Option("--limit <n>", "how many").argParser(countOf).default(50))
    .addOption(devOption("those"))
    .action(
      run(
        onRows(async (sql, { limit }: Common & { limit: number }) => {
          const { listActs } = await deadLetterCommands();
          const done = await listActs({ sql }, limit);
          return { value: done, text: describeActs(done) };
        }),
      ),
    );
}

function idsOf({ id, fact }: Chosen) {
  const ids = [...(id ?? []), ...(fact === undefined ? [] : [fact])];
  return ids.length > 0 ? { ids: [...new Set(ids)] } : {};
}

function outcomeOf(done: Done[]): Outcome {
  const isLeft = done.some(({ outcome }) => outcome === "kept");
  const code = isLeft ? exitCodes.unfinished : exitCodes.well;
  return { value: done, text: describeDone(done), code };
}

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 10_000) return count;
  throw new InvalidArgumentError("It is a number from 1 to 10000.");
}
