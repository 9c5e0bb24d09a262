import { expect, test } from "bun:test";
import { existsSync, openSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../package.json";
import { freePorts } from "./support/free-ports.ts";
import { inherited, PROGRAM } from "./support/program.ts";
import { until } from "./support/stage.ts";

/** What README tells people to type, each way of it: of its blocks and of its table of commands. */
async function commandsOfReadme(): Promise<string[]> {
  const text = await Bun.file("README.md").text();
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = ""]) =>
    block.split("\n").map((line) => line.replace(/ +#.*/, "")),
  );
  const table = [...text.matchAll(/^\| `([^`]+)` \|/gm)].flatMap(([, cell = ""]) => cell);
  const typed = [...blocks, ...table]
    .filter((line) => /^(npm|curl|vivenu-event-monitor) /.test(line))
    .map((line) => line.replace("https://...", HOST));
  return [...new Set(typed.flatMap(alternatives))];
}

/** `set-aside -- list\|retry` is two commands. */
function alternatives(command: string): string[] {
  const [choice] = /\S+(?:\\\|\S+)+/.exec(command) ?? [];
  const ways = choice?.split("\\|").map((one) => command.replace(choice, one)) ?? [command];
  return ways.filter((way) => !way.endsWith("..."));
}

const HOST = "https://monitor.example.com";

interface Tried {
  /** What is typed after it, so that it works on the played systems. */
  behind?: string[];
  says: RegExp;
  /** It reads files of the checkout, which stands around the sources and not around a build. */
  readsCheckout?: true;
}

/** Every command of README: tried here, in this order, or by the test that is named. */
const commands: Record<string, Tried | `${string}.test.ts`> = {
  "npm run dev": "test/dev.e2e.test.ts",
  "npm test": "test/levels.test.ts",
  "npm start": "test/failover/worker.e2e.test.ts",
  "curl localhost:18765/api/events": { says: /"eventName":"HYROX / },
  "curl localhost:18765/status": { says: /"problems":/ },
  "npm run webhook -- --sell-start 2027-01-15T11:00:00Z --times 10": { says: /^(200 .+\n){10}$/ },
  "npm run webhook -- --wrong": { says: /^401 / },
  "npm run poll -- --dev": { says: /"complete":true/ },
  "npm run poll": { behind: ["--dev", "--changes"], says: /"complete":true/ },
  "npm run backfill": { behind: ["--dev", "--region", "FRANCE"], says: /"complete":true/ },
  "npm run migrate": { behind: ["--dev"], says: /^\{"applied":\[\]\}$/m },
  "npm run export": {
    behind: ["--dev", "--format", "csv", "--folder", "FOLDER"],
    says: /events\.csv/i,
  },
  "npm run forecast -- --backtest": { behind: ["--dev"], says: /past events of the played Vivenu/ },
  "npm run set-aside -- list": { behind: ["--dev"], says: /^\[\]$/m },
  "npm run set-aside -- retry": { behind: ["--dev"], says: /^\[\]$/m },
  "npm run set-aside -- release": { behind: ["--dev"], says: /^\[\]$/m },
  "npm run set-aside -- drop": { behind: ["--dev", "--all"], says: /^\[\]$/m },
  "npm run set-aside -- acts": { behind: ["--dev"], says: /^\[/ },
  "npm run replay": { behind: ["--dev"], says: /"swapped":true/ },
  "npm run api-key -- NAME": { says: /^ {2}slack:read:[0-9a-f]{64}$/m },
  "npm run doctor": { behind: ["--dev"], says: /nothing to mend/, readsCheckout: true },
  "npm run datacore -- apply": {
    ...{ behind: ["--dev"], says: /as flowcore\.yaml declares it/, readsCheckout: true },
  },
  [`npm run webhooks -- sync --public-url ${HOST}`]: {
    ...{ behind: ["--dev"], says: /^DACH +created/m },
  },
  [`npm run webhooks -- list --public-url ${HOST}`]: { behind: ["--dev"], says: /^DACH +/m },
  [`npm run webhooks -- remove --public-url ${HOST}`]: {
    ...{ behind: ["--dev"], says: /^DACH +removed/m },
  },
  "npm run notify -- --test NAME": { behind: ["--dev"], says: /slack\) took the test message/ },
  "npm link": "test/manifest.e2e.test.ts",
  "vivenu-event-monitor doctor": "test/manifest.e2e.test.ts",
  "vivenu-event-monitor completions bash": "src/commands/program/completions.e2e.test.ts",
  "vivenu-event-monitor completions zsh": "src/commands/program/completions.e2e.test.ts",
  "vivenu-event-monitor completions fish": "src/commands/program/completions.e2e.test.ts",
  "npm run docs": "test/documents.db.test.ts",
  "npm run traces": "test/traces.e2e.test.ts",
  "npm run findings": "test/manifest.e2e.test.ts",
  "npm run attack": "test/attack.e2e.test.ts",
  "npm run crash -- --kills 1000": "test/crash.e2e.test.ts",
  "npm run soak -- --minutes 480": { behind: ["--help"], says: /^Usage: npm run soak/ },
  "npm run mutants -- src/rules": "scripts/mutants.e2e.test.ts",
  ...Object.fromEntries(
    ["webhooks", "freshness", "replay", "history", "reads", "sheet", "memory", "forecast"].map(
      (kind) => [`npm run bench -- ${kind}`, "test/bench-ended.e2e.test.ts" as const],
    ),
  ),
  "npm run bench -- page": { behind: ["--help"], says: /^Usage: npm run bench -- page/ },
  "npm run conformance -- flowcore": "test/conformance.e2e.test.ts",
  "npm run conformance -- vivenu": "test/conformance.e2e.test.ts",
  "npm run conformance -- google": "test/conformance.e2e.test.ts",
};

interface Answered {
  problems: string[];
  inbox: { waiting: number };
  outbox: { waiting: number };
}

/** `dev` of a small season, with env.example as everybody's settings, and what is typed beside it. */
async function stage() {
  const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-readme-"));
  // PostgreSQL's own user enters it, where root runs the tests.
  await chmod(folder, 0o755);
  const port = freePorts();
  const env = {
    ...{ ...inherited(), PORT: String(port), SANDBOX_PORT: String(port + 1) },
    ...{ DATA_DIR: folder, SANDBOX_SEASON: "small", SANDBOX_LIVE_SALES: "off" },
  };
  const bun = [process.execPath, "--env-file=env.example"];
  const said = openSync(join(folder, "said.txt"), "a");
  const dev = Bun.spawn([...bun, "src/main.ts", "dev"], {
    ...{ env, stdin: "ignore", stdout: said, stderr: said },
  });
  const local = (address: string) => address.replace("localhost:18765", `127.0.0.1:${port}`);
  return {
    /** The whole season was read, and nothing is on its way. */
    async isSettled() {
      const answer = await fetch(`http://${local("localhost:18765/status")}`).catch(
        () => undefined,
      );
      if (!answer?.ok) return false;
      const { problems, inbox, outbox } = (await answer.json()) as Answered;
      return problems.length === 0 && inbox.waiting === 0 && outbox.waiting === 0;
    },
    /** Runs what the npm script is, with what is typed behind it. */
    async type(command: string, { behind = [], readsCheckout }: Omit<Tried, "says">) {
      const [, address] = /^curl (\S+)$/.exec(command) ?? [];
      if (address) {
        const answer = await fetch(`http://${local(address)}`);
        return { out: await answer.text(), code: answer.ok ? 0 : 1 };
      }
      const [, name = "", args = ""] = /^npm run (\S+)(?: -- (.+))?$/.exec(command) ?? [];
      const script =
        scripts[name]
          ?.replace(/^node scripts\/run\.mjs /, "")
          .replace(/^src\/main\.ts /, readsCheckout ? "$&" : `${PROGRAM} `) ?? "";
      const words = `${script} ${args.replace("NAME", "slack")}`.split(" ").filter(Boolean);
      const typed = [...bun, ...words, ...behind.map((word) => word.replace("FOLDER", folder))];
      const child = Bun.spawn(typed, { env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
      const [out, error] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      return { out, error, code: await child.exited };
    },
    async [Symbol.asyncDispose]() {
      dev.kill("SIGINT");
      await dev.exited;
      await rm(folder, { recursive: true });
    },
  };
}

const scripts: Record<string, string> = manifest.scripts;

test("every command of README does what it says where env.example is the settings", async () => {
  await using played = await stage();
  await until(() => played.isSettled(), { withinMs: 60_000, what: "the season was read" });
  const wrong: unknown[] = [];
  for (const [command, tried] of Object.entries(commands)) {
    if (typeof tried === "string") continue;
    const said = await played.type(command, tried);
    if (said.code !== 0 || !tried.says.test(said.out)) wrong.push({ command, ...said });
  }
  expect(wrong).toEqual([]);
});

test("README names no command that is not tried", async () => {
  expect((await commandsOfReadme()).toSorted()).toEqual(Object.keys(commands).toSorted());
  const tests = Object.values(commands).filter((one) => typeof one === "string");
  expect(tests.filter((path) => !existsSync(path))).toEqual([]);
});
