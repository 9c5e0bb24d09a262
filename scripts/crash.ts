/**
 * `npm run crash`: the service killed a thousand times; with `--matrix` every fault of the outside world
 * alone and in pairs; with `--rolling` replicas replaced under load. Says how to run a failure again.
 */
import { Command } from "commander";
import { seeded } from "../sandbox/random.ts";
import { crashTest } from "../test/crash/crash.ts";
import { everyCase, runMatrix } from "../test/crash/matrix.ts";
import { rollingRestart } from "../test/crash/rolling.ts";
import { startServer } from "../test/support/server.ts";

interface Options {
  kills: string;
  seed: string;
  minutes?: string;
  replicas: string;
  matrix?: boolean;
  case?: string;
  rolling?: boolean;
}

/** A world wears out: its log grows. A new one has a seed of its own, and can be run again alone. */
const KILLS_A_WORLD = 50;

const say = (line: string) => void process.stdout.write(`${line}\n`);

const program = new Command("npm run crash --")
  .description("try to make the service lose a fact or count one twice")
  .option("--kills <n>", "so many times SIGKILL", "1000")
  .option("--seed <n>", "decides on faults, changes and moments", "1")
  .option("--minutes <n>", "end after so long")
  .option("--replicas <n>", "so many programs beside each other, 1 or 2", "1")
  .option("--matrix", "every fault alone and in pairs instead, without kills")
  .option("--case <n>", "of the matrix only this one, or from one to another: 12-40")
  .option("--rolling", "replicas replaced under 200 webhooks a second instead")
  .parse();

const options = program.opts<Options>();
const seed = Number(options.seed);
const deadline = options.minutes
  ? performance.now() + Number(options.minutes) * 60_000
  : Number.POSITIVE_INFINITY;

const replicas = options.replicas === "2" ? 2 : 1;

const server = await startServer();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => void server.stop().finally(() => process.exit(130)));
let failures = 1;
try {
  failures = options.matrix ? await matrix() : options.rolling ? await rolling() : await crash();
} finally {
  await server.stop();
}
process.exit(failures === 0 ? 0 : 1);

async function crash() {
  let killed = 0;
  let failed = 0;
  const totals = { facts: 0, deliveries: 0, changes: 0 };
  const struck: Record<string, number> = {};
  for (let world = 0; killed < Number(options.kills); world += 1) {
    if (performance.now() > deadline) break;
    const kills = Math.min(KILLS_A_WORLD, Number(options.kills) - killed);
    const report = await crashTest({ kills, seed: seed + world, replicas, deadline, say });
    killed += report.kills;
    totals.facts += report.facts;
    totals.deliveries += report.deliveries;
    totals.changes += sum(report.changes);
    for (const [name, times] of Object.entries(report.struck))
      struck[name] = (struck[name] ?? 0) + times;
    const { faults, logPath } = report;
    say(
      `seed ${seed + world}: ${report.kills} kills, ${report.rebuilt} rebuilds swapped in, ${sum(report.changes)} changes, ${report.deliveries} deliveries, ${report.facts} facts, ${report.messages} messages (${report.sentAgain} again under the same id), ${report.commands} commands of an operator, ${sum(report.struck)} faults outside: ${faults.length === 0 ? "all is right" : "WRONG"}`,
    );
    if (faults.length === 0) continue;
    failed += 1;
    for (const fault of faults.slice(0, 20)) say(`  ${fault}`);
    say(`  what the service said is in ${logPath}`);
    say(
      `  again: npm run crash -- --kills ${report.kills} --seed ${seed + world} --replicas ${replicas}`,
    );
  }
  sayStruck(struck);
  say(
    `${killed} kills, ${totals.changes} changes, ${totals.deliveries} deliveries, ${totals.facts} facts; ${failed} worlds went wrong`,
  );
  return failed;
}

async function matrix() {
  const all = everyCase(seeded(seed));
  const [first = 1, last = first] = options.case?.split("-").map(Number) ?? [1, all.length];
  const from = first - 1;
  const cases = all.slice(from, last);
  const { failed, struck } = await runMatrix({ cases, seed: seed + from, deadline, say });
  for (const { number } of failed)
    say(`again: npm run crash -- --matrix --seed ${seed} --case ${from + number}`);
  sayStruck(struck);
  return failed.length;
}

async function rolling() {
  const report = await rollingRestart({ perSecond: 200, rounds: 3 });
  say(JSON.stringify(report, null, 1));
  return report.failed + report.faults.length;
}

function sayStruck(struck: Record<string, number>) {
  const lines = Object.entries(struck).sort(([a], [b]) => (a < b ? -1 : 1));
  say("how often each fault of the outside world struck:");
  for (const [name, times] of lines) say(`  ${name}: ${times}`);
}

function sum(counts: Readonly<Record<string, number>>) {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
