/**
 * `npm run soak`: the whole service in a played world for as long as one likes. Says what held: nothing lost,
 * nobody told twice, and what memory, handles, connections and tables did meanwhile.
 */
import { Command } from "commander";
import { soak } from "../test/soak/soak.ts";
import { startServer } from "../test/support/server.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

const options = new Command("npm run soak --")
  .description("the whole service for hours, with sales, faults, restarts, replays and open pages")
  .option("--minutes <n>", "so long", "480")
  .option("--seed <n>", "decides on changes and faults", "1")
  .parse()
  .opts<{ minutes: string; seed: string }>();

const server = await startServer([
  "shared_preload_libraries=pg_stat_statements",
  // Of rows that gave way a quarter of a million would lie among five thousand after an hour.
  "autovacuum=on",
]);
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => void server.stop().finally(() => process.exit(130)));
let failures = 1;
try {
  const given = { minutes: Number(options.minutes), seed: Number(options.seed) };
  const { faults, lines, logPath } = await soak({ ...given, say });
  for (const line of lines) say(line);
  for (const fault of faults) say(`fault: ${fault}`);
  if (logPath !== undefined) say(`what the service said: ${logPath}`);
  failures = faults.length;
  say(`${failures} faults in ${given.minutes} minutes`);
} finally {
  await server.stop();
}
process.exit(failures === 0 ? 0 : 1);
