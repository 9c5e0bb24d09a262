/**
 * `npm run attack`: bad requests without number, and as many that are rightly signed and hostile, against a
 * service of its own on this machine. Says what came of them, and how to run it again.
 */
import { Command } from "commander";
import { attack } from "../test/attack/attack.ts";
import { startServer } from "../test/support/server.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

const options = new Command("npm run attack --")
  .description("try to make the service fail, forget, or take what nobody signed")
  .option("--requests <n>", "bad ones, and then as many that are rightly signed", "1000000")
  .option("--seed <n>", "decides on every one of them", "1")
  .parse()
  .opts<{ requests: string; seed: string }>();

// Thousands of events appear within minutes: without statistics PostgreSQL would read all of them for each.
const server = await startServer(["autovacuum=on"]);
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => void server.stop().finally(() => process.exit(130)));
let failures = 1;
try {
  const given = { requests: Number(options.requests), seed: Number(options.seed) };
  const { faults, outcomes, goodMs, used } = await attack({ ...given, onProgress: say });
  for (const [name, count] of Object.entries(outcomes).sort()) say(`${count}  ${name}`);
  const at = (share: number) => goodMs.toSorted((a, b) => a - b)[Math.floor(share * goodMs.length)];
  say(
    `good webhooks meanwhile: ${goodMs.length}, p50 ${at(0.5)?.toFixed(0)} ms, p99 ${at(0.99)?.toFixed(0)} ms`,
  );
  for (const [when, { memory, handles }] of Object.entries(used))
    say(`${when}: ${memory.toFixed(0)} MB, ${handles} handles`);
  for (const fault of faults.slice(0, 50)) say(`fault: ${fault}`);
  failures = faults.length;
  say(
    `${failures} faults; again: npm run attack -- --requests ${given.requests} --seed ${given.seed}`,
  );
} finally {
  await server.stop();
}
process.exit(failures === 0 ? 0 : 1);
