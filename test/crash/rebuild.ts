import { readFileSync } from "node:fs";
import type { Random } from "../../sandbox/random.ts";
import { isSame, type TableComparison } from "../../src/projections/rebuild/compare.ts";
import { type Program, type ProgramOptions, startProgram } from "./process.ts";

/** Rebuilds of the rows by chance, beside a service that is killed and often killed themselves. */
export function rebuilds(options: ProgramOptions, random: Random) {
  let running: Program | undefined;
  let swapped = 0;

  return {
    swapped: () => swapped,
    /** One at a time, as an operator would. */
    maybeStart() {
      if (running || random() < 0.4) return;
      const program = startProgram(["replay"], options);
      running = program;
      void program.exited.then((code) => {
        running = undefined;
        // With faults around it may fail: the next one goes on from where it stopped.
        if (code === 0) swapped += 1;
      });
    },
    maybeKill() {
      if (random() < 0.5) running?.kill("SIGKILL");
    },
    async stop() {
      running?.kill("SIGKILL");
      await running?.exited;
    },
  };
}

/** What a whole rebuild finds different from the rows that live made: nothing. */
export async function compareReplayed({ environment, logPath }: ProgramOptions): Promise<string[]> {
  const saidPath = `${logPath}.replay`;
  const program = startProgram(["replay", "--json"], { environment, logPath: saidPath });
  const code = await program.exited;
  const said = readFileSync(saidPath, "utf8");
  if (code !== 0) return [`the replay ended with ${code}: ${said.slice(-500)}`];
  const report = said.split("\n").find((line) => line.includes('"tables"'));
  if (report === undefined) return [`the replay gave no report: ${said.slice(-500)}`];
  // The cast: the command's own JSON, held by its own tests.
  const { tables } = JSON.parse(report) as { tables: TableComparison[] };
  return tables
    .filter((table) => !isSame(table))
    .map(
      ({ table, differing }) =>
        `the replay has other rows in ${table}: ${differing.slice(0, 5).join(", ")}`,
    );
}
