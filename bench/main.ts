/** `npm run bench -- NAME`: measures, and prints each figure as a ratio to a baseline of the same run. */
import { Command } from "commander";
import { endOnSignals, untilEnded } from "./ending.ts";
import { forecastBench } from "./forecast.ts";
import { freshness } from "./freshness.ts";
import { historyBench } from "./history.ts";
import { lateBench } from "./late.ts";
import { launchBench } from "./launch.ts";
import { memoryBench } from "./memory.ts";
import { pageBench } from "./page.ts";
import { pollBench } from "./poll.ts";
import { readsBench } from "./reads.ts";
import { readNames } from "./reads-kinds.ts";
import { replayBench } from "./replay.ts";
import { scaleBench } from "./scale.ts";
import { sheetBench } from "./sheet.ts";
import { webhookParts, webhooksBench } from "./webhooks.ts";
import { windowsBench } from "./windows.ts";

const program = new Command("npm run bench --").description(
  "measure; each figure against a baseline of the same run",
);

/** `100x50,1000x100` */
const sizesOf = (text: string) =>
  text
    .split(",")
    .filter((size) => size !== "")
    .map((size) => {
      const [events = 0, types = 0] = size.split("x").map(Number);
      return [events, types] as const;
    });

program
  .command("webhooks")
  .description(
    "a webhook's answer against a bare server with one insert, a burst until it is rows, and webhooks beside reads and a replay",
  )
  .option("--seconds <n>", "of load in each part", "10")
  .option("--part <name...>", webhookParts.join(", "), [...webhookParts])
  .option("--facts <n>", "that a replay reads beside the load", "5000")
  .option("--profile <folder>", "write CPU profiles of the service's processes there")
  .action((given: { seconds: string; part: string[]; facts: string; profile?: string }) =>
    webhooksBench({
      seconds: Number(given.seconds),
      parts: webhookParts.filter((name) => given.part.includes(name)),
      facts: Number(given.facts),
      profile: given.profile,
    }),
  );

program
  .command("freshness")
  .description("from a webhook's answer to its row in the API, idle and under load")
  .option("--samples <n>", "in each part", "100")
  .action(({ samples }: { samples: string }) => freshness(Number(samples)));

program
  .command("replay")
  .description(
    "rows from the log, against the floor and, of whole counts, against an earlier build",
  )
  .option("--facts <n>", "in the log", "20000")
  .option(
    "--log <kind>",
    "whole: counts name all ticket types; changed: those that changed",
    "whole",
  )
  .option("--types <n>", "ticket types of each event; without it 20 to 165")
  .option("--against <commit>", "measure the replay of this commit as well")
  .option("--emmett", "measure the rebuild of these rows by a published library as well")
  .option("--profile <folder>", "write CPU profiles of the parts there")
  .action(
    (given: {
      facts: string;
      log: "whole" | "changed";
      types?: string;
      against?: string;
      emmett?: boolean;
      profile?: string;
    }) =>
      replayBench({
        facts: Number(given.facts),
        kind: given.log,
        types: given.types === undefined ? [20, 165] : [Number(given.types), Number(given.types)],
        ...(given.against !== undefined && { against: given.against }),
        ...(given.profile !== undefined && { profile: given.profile }),
        emmett: given.emmett ?? false,
      }),
  );

program
  .command("windows")
  .description("requests that a full count takes, against windows that are halved until they fit")
  .option("--tickets <n>", "of one event", "20000")
  .action(({ tickets }: { tickets: string }) => windowsBench(Number(tickets)));

program
  .command("history")
  .description(
    "from a fact to its row, and bytes a fact, after few and after many facts of an event",
  )
  .option("--facts <n>", "that many are", "10000")
  .option("--profile", "say when each statement of a fact is sent and answered")
  .action(({ facts, profile = false }: { facts: string; profile?: boolean }) =>
    historyBench({ many: Number(facts), profiled: profile }),
  );

program
  .command("late")
  .description(
    "rows written and CPU of a fact that comes behind others of its event, against one that comes in time",
  )
  .option("--steps <n>", "facts that the event has had", "200")
  .action(({ steps }: { steps: string }) => lateBench({ steps: Number(steps) }));

program
  .command("reads")
  .description(
    "each kind of read at an even rate beside a replay, over seasons of two sizes, against a bare server with the same statements",
  )
  .option("--sizes <list>", "events x ticket types of each", "100x50,1000x100")
  .option("--rate <n>", "reads a second", "500")
  .option("--seconds <n>", "of each kind of read", "10")
  .option("--only <list>", "of these kinds", readNames.join(","))
  .option("--changes <n>", "of the past that are kept beside those of the log", "0")
  .option("--no-replay", "nothing is replayed meanwhile")
  .option("--against <commit>", "measure this commit as well")
  .action(
    (given: {
      sizes: string;
      rate: string;
      seconds: string;
      only: string;
      changes: string;
      replay: boolean;
      against?: string;
    }) =>
      readsBench({
        sizes: sizesOf(given.sizes),
        ...{ rate: Number(given.rate), seconds: Number(given.seconds) },
        ...{ only: given.only.split(","), replaying: given.replay },
        changes: Number(given.changes),
        ...(given.against !== undefined && { against: given.against }),
      }),
  );

program
  .command("poll")
  .description("requests and time of counting a season: ours, and every ticket each time")
  .option("--events <n>", "in the season", "40")
  .option("--tickets <n>", "of all events", "800000")
  .option("--factor <n>", "times as fast as Vivenu answers", "50")
  .action((given: { events: string; tickets: string; factor: string }) =>
    pollBench({
      events: Number(given.events),
      tickets: Number(given.tickets),
      factor: Number(given.factor),
    }),
  );

program
  .command("sheet")
  .description("a sync of the sheet against clearing it and writing it anew")
  .option("--events <n>", "in the season", "100")
  .option("--ticket-types <n>", "in the season", "5000")
  .option("--syncs <n>", "of an unchanged world, for memory", "10")
  .action(({ events, ticketTypes, syncs }: Record<"events" | "ticketTypes" | "syncs", string>) =>
    sheetBench(Number(events), Number(ticketTypes), Number(syncs)),
  );

program
  .command("launch")
  .description("how far behind the shown count is while an event sells out in 40 minutes")
  .option("--entries <n>", "sold", "10000")
  .action(({ entries }: { entries: string }) => launchBench(Number(entries)));

program
  .command("forecast")
  .description("how good forecasts are on played seasons, against a straight line and a pace")
  .option("--seeds <n>", "seasons", "4")
  .option("--report", "print each season's backtest as well")
  .action(({ seeds, report = false }: { seeds: string; report?: boolean }) =>
    forecastBench({ seeds: Number(seeds), isVerbose: report }),
  );

program
  .command("memory")
  .description("of each process of `serve` while a season is on sale, against bare processes")
  .option("--minutes <n>", "of live sales", "4")
  .option("--warm-up <n>", "of these minutes, before it has to be flat", "2")
  .option("--events <n>", "in the season, of 20 to 165 ticket types each", "40")
  .option("--tickets <n>", "of an event, when it begins", "2000")
  .option("--webhooks <n>", "a second, each of an event that sells three ticket types", "1")
  .option("--reads <n>", "a second", "2")
  .action(
    (given: Record<"minutes" | "warmUp" | "events" | "tickets" | "webhooks" | "reads", string>) =>
      memoryBench({
        ...{ minutes: Number(given.minutes), warmUpMinutes: Number(given.warmUp) },
        ...{ events: Number(given.events), tickets: Number(given.tickets) },
        ...{ webhooks: Number(given.webhooks), reads: Number(given.reads) },
      }),
  );

program
  .command("page")
  .description(
    "bytes, first sight on a slow line, a change in place, answers under load, a change until it is seen",
  )
  .option("--samples <n>", "of changes", "20")
  .option("--seconds <n>", "of load", "10")
  .option(
    "--season <kind>",
    "small, or full: as large as a real one, and minutes until it is counted",
    "small",
  )
  .option(
    "--sizes <list>",
    "of seasons that are not on sale, events x ticket types of each; the largest real event has 165: 40x165",
    "",
  )
  .option("--sizes-alone", "leave out the season that is on sale")
  .action(
    ({
      samples,
      seconds,
      season,
      sizes,
      sizesAlone = false,
    }: Record<"samples" | "seconds" | "season" | "sizes", string> & { sizesAlone?: boolean }) =>
      pageBench({
        ...{ samples: Number(samples), seconds: Number(seconds), season },
        ...{ sizes: sizesOf(sizes), isOfSizesAlone: sizesAlone },
      }),
  );

program
  .command("scale")
  .description("a fact, each read, the workbook, memory and disk, with rows of ever more events")
  .option("--events <list>", "sizes", "10,1000,10000,100000")
  .option("--types <n>", "ticket types of each", "10")
  .action((given: { events: string; types: string }) =>
    scaleBench({ events: given.events.split(",").map(Number), types: Number(given.types) }),
  );

endOnSignals();
await untilEnded(program.parseAsync());
process.exit();
