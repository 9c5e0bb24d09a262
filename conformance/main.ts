/**
 * `npm run conformance -- flowcore|vivenu|google`: asks an outside system what the sandbox plays of it, and
 * prints what it answers otherwise. Exit code 0 when nothing differs, 1 when something does, 2 when
 * credentials are missing. Without `--write` it only reads.
 */
import { Command, Option } from "commander";
import { MissingCredentials, type Opened, type System } from "./probe.ts";
import { systems } from "./systems.ts";
import { differences, everything, summary } from "./table.ts";

interface Options {
  url?: string;
  region?: string;
  spreadsheet?: string;
  write?: true;
  all?: true;
}

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

const program = new Command("npm run conformance --")
  .description("ask an outside system what the sandbox plays of it, and print what differs")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

for (const system of systems) {
  const command = program
    .command(system.name)
    .description(system.about)
    .option("--url <address>", "ask this one: a stand-in for the real system")
    .option("--write", "also run the probes that write; what they make is said first and removed")
    .option("--all", "print every probe with its sentence")
    .action((options: Options) => run(system, options));
  for (const [flags, description] of system.options)
    command.addOption(new Option(flags, description));
}

async function run(system: System, { write, all, ...given }: Options) {
  let opened: Opened;
  try {
    opened = system.open(process.env, { ...given, signal: stop.signal });
  } catch (error) {
    if (!(error instanceof MissingCredentials)) throw error;
    process.stderr.write(`Not tried: ${error.message}\n`);
    process.exit(2);
  }
  const redact = redacting(opened.secrets);
  const print = (text: string) => void process.stdout.write(`${redact(text)}\n`);
  print(`Asking ${opened.url}.`);
  print(write ? opened.makes : `Only reading. With --write: ${opened.makes}`);
  const outcomes = await opened.reading();
  let early = "";
  try {
    if (write && !stop.signal.aborted) outcomes.push(...(await opened.writing()));
  } catch (error) {
    early = `What is written in was not made or not removed: ${error instanceof Error ? error.message : error}`;
  }
  // Before the table cuts them: half a secret would be found by nobody.
  const shown = outcomes.map((outcome) => ({ ...outcome, came: redact(outcome.came) }));
  const differing = differences(shown);
  if (all) print(`\n${everything(outcomes)}`);
  if (differing) print(`\n${differing}`);
  print(`\n${summary(outcomes)}`);
  if (early) print(early);
  if (stop.signal.aborted) print("Stopped before the end.");
  process.exit(stop.signal.aborted || differing || early ? 1 : 0);
}

/** Whatever is printed, secrets are not. */
const redacting = (secrets: readonly string[]) => (text: string) =>
  secrets.filter(Boolean).reduce((said, secret) => said.replaceAll(secret, "[secret]"), text);

await program.parseAsync();
