import { appendFileSync, closeSync, openSync, readFileSync } from "node:fs";
import { inherited, PROGRAM } from "../support/program.ts";
import { until } from "../support/stage.ts";

export interface ProgramOptions {
  environment: Record<string, string>;
  /** Where all that the processes say is kept. */
  logPath: string;
  /** Another checkout, whose sources run. */
  folder?: string;
}

const running = new Set<Bun.Subprocess>();
/** Whoever started them may end in any way: nothing of it is to stay. */
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export interface Program {
  /** Undefined once it has ended: then `exited` says how. */
  readonly pid: number;
  readonly url: string;
  readonly exited: Promise<number>;
  kill(signal: "SIGKILL" | "SIGTERM"): void;
  /** Until it answers that it is ready. */
  ready(): Promise<void>;
  isReady(): Promise<boolean>;
}

/** The real program as an operator starts it, with nothing of this process's environment but what `inherited` says. */
export function startProgram(
  command: string[],
  { environment, logPath, folder }: ProgramOptions,
): Program {
  const output = openSync(logPath, "a");
  const program = folder === undefined ? PROGRAM : "src/main.ts";
  const child = Bun.spawn([process.execPath, program, ...command], {
    env: { ...inherited(), ...environment },
    ...(folder !== undefined && { cwd: folder }),
    stdin: "ignore",
    stdout: output,
    stderr: output,
  });
  closeSync(output);
  running.add(child);
  const exited = child.exited.finally(() => running.delete(child));
  const url = `http://127.0.0.1:${environment.PORT}`;
  const isReady = () =>
    fetch(`${url}/ready`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  return {
    pid: child.pid,
    url,
    exited,
    kill: (signal) => child.kill(signal),
    isReady,
    async ready() {
      await until(
        async () => {
          if (child.exitCode !== null || child.signalCode !== null)
            throw new Error(`${command[0]} ended before it was ready: ${lastLines(logPath)}`);
          return isReady();
        },
        { withinMs: 60_000, what: `${command[0]} is ready` },
      );
    },
  };
}

/** Starts programs, and kills in the end what still lives of them, however whoever started them ends. */
export function programs() {
  const started: Program[] = [];
  return {
    start(command: string[], options: ProgramOptions): Program {
      const program = startProgram(command, options);
      started.push(program);
      return program;
    },
    async [Symbol.asyncDispose]() {
      for (const program of started) program.kill("SIGKILL");
      await Promise.all(started.map(({ exited }) => exited));
    },
  };
}

export const note = (logPath: string, line: string) => appendFileSync(logPath, `# ${line}\n`);

/** The last that needs a person. */
export const complaints = (logPath: string, count: number) =>
  readFileSync(logPath, "utf8")
    .split("\n")
    .filter((line) => line.startsWith('{"level":"error"'))
    .slice(-count);

const lastLines = (logPath: string, count = 5) =>
  readFileSync(logPath, "utf8").trimEnd().split("\n").slice(-count).join("\n");
