/**
 * `npm run check:clients`: what others make of the API's document. Its rules are checked by redocly and
 * spectral, and three generators make clients of it, which have to compile under `strict` and to read the same
 * of a started service as a bare request does. It installs public packages in a temporary folder, and so
 * is no part of `npm test`.
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startService } from "./started-service.ts";

const KEY = "a-key-that-only-this-check-knows";

const packages = {
  "openapi-typescript": "7.13.0",
  "openapi-fetch": "0.17.0",
  "@hey-api/openapi-ts": "0.99.0",
  orval: "8.38.0",
  "@redocly/cli": "2.77.0",
  "@stoplight/spectral-cli": "6.16.3",
  "@types/node": "24.0.0",
  typescript: "5.9.3",
};

const compilerOptions = {
  ...{ target: "ESNext", module: "ESNext", moduleResolution: "bundler", strict: true },
  ...{ noEmit: true, skipLibCheck: true, types: ["node"], lib: ["ESNext", "DOM", "DOM.Iterable"] },
};

const clients = ["openapi-fetch", "hey-api", "orval"];
const failures: string[] = [];
const say = (text: string) => process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), "vivenu-event-monitor-clients-"));
try {
  say("installing the generators");
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ type: "module", dependencies: packages }),
  );
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions, include: ["*.ts"] }),
  );
  await run("install", ["install", "--ignore-scripts", "--silent"]);
  await cp(join(import.meta.dir, "clients"), folder, { recursive: true });
  await mkdir(join(folder, "generated"));
  say("starting the service with a small season");
  await using service = await startService({ key: KEY, season: "small" });
  await writeFile(join(folder, "openapi.json"), await (await service.get("/openapi.json")).text());
  await checkRules();
  await generate(service.url);
  await run("the clients compile", ["--bun", "node_modules/.bin/tsc", "-p", "."]);
  const expected = await readBare(service.get);
  for (const client of clients) await compare(client, service.url, expected);
} finally {
  await rm(folder, { recursive: true, force: true });
}
say(
  failures.length === 0 ? "\nAll is well." : `\n${failures.length} failed: ${failures.join(", ")}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;

/** Each rule that is recommended, and no warning of any. */
async function checkRules() {
  await writeFile(join(folder, ".spectral.yaml"), 'extends: ["spectral:oas"]\n');
  await run("spectral has no warning", [
    ...["--bun", "node_modules/.bin/spectral", "lint", "openapi.json", "--fail-severity", "hint"],
  ]);
  const redocly = await run("redocly has no error", [
    ...["--bun", "node_modules/.bin/redocly", "lint", "openapi.json", "--extends=recommended"],
  ]);
  if (/\d+ warning/.test(redocly)) fail("redocly has no warning", redocly);
}

async function generate(url: string) {
  const output = { target: "generated/orval.ts", client: "fetch", baseUrl: url };
  const config = { api: { input: "openapi.json", output } };
  await writeFile(join(folder, "orval.config.mjs"), `export default ${JSON.stringify(config)};\n`);
  const generators = [
    ["openapi-typescript", "openapi.json", "-o", "generated/schema.d.ts"],
    ["openapi-ts", "-i", "openapi.json", "-o", "generated/hey-api"],
    ["orval", "--config", "orval.config.mjs"],
  ];
  for (const [name = "", ...words] of generators)
    await run(`${name} makes a client`, ["--bun", `node_modules/.bin/${name}`, ...words]);
}

async function compare(client: string, url: string, expected: string) {
  const said = await run(`the client of ${client} runs`, [`${client}.ts`], {
    API_URL: url,
    API_KEY: KEY,
  });
  if (said !== expected) fail(`the client of ${client} reads what is there`, `it read ${said}`);
}

/** What every client has to read, by requests that nobody generated. */
async function readBare(get: (path: string) => Promise<Response>) {
  interface Row extends Record<string, unknown> {
    eventId: string;
  }
  const { events } = (await (await get("/api/events?limit=200")).json()) as { events: Row[] };
  const sold = events.map(({ eventId, totalSold, status }) => ({ eventId, totalSold, status }));
  const one = (await (await get(`/api/events/${events[0]?.eventId}`)).json()) as Row & {
    ticketTypes: { ticketName: string }[];
  };
  const types = one.ticketTypes.map(({ ticketName }) => ticketName);
  return JSON.stringify({ sold, name: one.eventName, types, problem: 404 });
}

/** Says whether it went well, and returns what was printed. */
async function run(title: string, words: string[], environment: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, ...words], {
    ...{ cwd: folder, env: { ...process.env, NO_COLOR: "1", ...environment } },
    ...{ stdin: "ignore", stdout: "pipe", stderr: "pipe" },
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code === 0) say(`ok      ${title}`);
  else fail(title, out + err);
  return title.startsWith("redocly") ? out + err : out;
}

function fail(title: string, text: string) {
  failures.push(title);
  say(`FAILED  ${title}\n${text.slice(-4_000)}`);
}
