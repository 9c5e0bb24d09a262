/**
 * The outside world, played on this machine: `SANDBOX_PLAY` names the systems. Says on one line of
 * standard output how to reach them, and ends when its standard input does, so that it never outlives
 * whoever started it.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, statfs, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import postgres from "postgres";
import { playDatacore } from "./datacore/server.ts";
import { holdFolder } from "./hold.ts";
import { playNotices } from "./notices/server.ts";
import type { Played } from "./played.ts";
import { startPostgres } from "./postgres.ts";
import { sandboxSettings } from "./settings.ts";
import { playSheets } from "./sheets/server.ts";
import { playVivenu } from "./vivenu/server.ts";

/** What is set and empty sets nothing. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([, value = ""]) => value.trim() !== ""),
);
const dataDir = resolve(env.DATA_DIR ?? ".data");
/** A PostgreSQL takes 40 when it is new. */
const LEAST_MB = 40;
const SPREADSHEET = "played-spreadsheet";
const SERVICE_ACCOUNT = "sheet-writer@sandbox.example.com";

const log = (line: string) => void process.stderr.write(`sandbox: ${line}\n`);
const opened: (() => Promise<void>)[] = [];
const environment: Record<string, string> = {};
const { firstPort, plays, liveSales, season } = settings();

await mkdir(dataDir, { recursive: true });
const asked = stopAsked();
try {
  opened.push(await holdFolder(dataDir));
  const sql = await openDatabase();
  const sheetPage = await play(sql);
  const noticesPage = plays.has("Notifications") ? await playReceivers() : undefined;
  process.stdout.write(`${JSON.stringify({ environment, sheetPage, noticesPage })}\n`);
  await asked;
} catch (error) {
  log((await noSpaceIn(dataDir)) ?? (error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}
for (const close of opened.reverse()) await close().catch((error) => log(String(error)));
process.exit();

/** Whatever failed: on a full disk PostgreSQL says so in many words, and others in none. */
async function noSpaceIn(folder: string) {
  const { bavail, bsize } = await statfs(folder);
  const megabytes = (bavail * bsize) / 1e6;
  if (megabytes > LEAST_MB) return undefined;
  return `no space is left in ${folder} (${megabytes.toFixed(0)} MB, and a season needs some hundred): make some, or set DATA_DIR`;
}

function settings() {
  try {
    return sandboxSettings(env);
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    process.exit(78);
  }
}

/** Ends with standard input, or with SIGTERM. A terminal's Ctrl-C and its end are for the service first. */
function stopAsked() {
  const { promise, resolve: stop } = Promise.withResolvers<void>();
  process.stdin
    .on("end", stop)
    .on("close", stop)
    .on("error", () => stop())
    .resume();
  process.once("SIGTERM", stop);
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  return promise;
}

/** What is played lives in a database of its own, beside the service's. */
async function openDatabase() {
  const server = await startPostgres({ dataDir: join(dataDir, "postgres"), port: firstPort + 3 });
  opened.push(server.stop);
  if (server.adopted) log("a PostgreSQL that was left over goes on");
  const admin = postgres(server.url.href, { max: 1, onnotice: () => {} });
  const urlOf = async (name: string) => {
    const [found] = await admin`select from pg_database where datname = ${name}`;
    if (!found) await admin`create database ${admin(name)}`;
    return Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  };
  const service = await urlOf("vivenu_event_monitor");
  if (plays.has("PostgreSQL")) environment.DATABASE_URL = service;
  const sql = postgres(await urlOf("sandbox"), { max: 10, onnotice: () => {} });
  await admin.end({ timeout: 5 });
  opened.push(() => sql.end({ timeout: 2 }));
  return sql;
}

async function play(sql: postgres.Sql): Promise<string | undefined> {
  let sheetPage: string | undefined;
  if (plays.has("Google Sheets")) {
    const sheets = await onPort(firstPort, (port) =>
      playSheets({
        sql,
        port,
        spreadsheetId: SPREADSHEET,
        serviceAccountEmail: SERVICE_ACCOUNT,
        log,
      }),
    );
    sheetPage = `${sheets.url}/sheets`;
    environment.GOOGLE_SHEETS_BASE_URL = sheets.url;
    environment.GOOGLE_SHEET_ID = SPREADSHEET;
    environment.GOOGLE_SERVICE_ACCOUNT_EMAIL = SERVICE_ACCOUNT;
    environment.GOOGLE_PRIVATE_KEY = sheets.privateKey.replaceAll("\n", "\\n");
  }
  if (plays.has("Vivenu")) await playAccounts(sql);
  if (plays.has("Flowcore")) {
    const apiKey = await keptKey();
    const tenant = env.FLOWCORE_TENANT ?? "hyrox";
    const datacore = await onPort(firstPort + 2, (port) =>
      playDatacore({ sql, port, apiKey, tenant, log }),
    );
    environment.FLOWCORE_BASE_URL = datacore.url;
    environment.FLOWCORE_API_KEY = apiKey;
    environment.FLOWCORE_TENANT = tenant;
    environment.FLOWCORE_PATHWAY_NAME = env.FLOWCORE_PATHWAY_NAME ?? "vivenu-event-monitor";
  }
  return sheetPage;
}

async function playAccounts(sql: postgres.Sql) {
  const target = env.SANDBOX_WEBHOOK_TARGET;
  const vivenu = await onPort(firstPort + 1, (port) =>
    playVivenu({
      sql,
      port,
      ...{ liveSales, season },
      ...(env.VIVENU_SECRET && { webhookSecret: env.VIVENU_SECRET.split(",")[0] ?? "" }),
      ...(target && { webhookTarget: (region: string) => `${target}/${region.toLowerCase()}` }),
      log,
    }),
  );
  environment.VIVENU_BASE_URL = vivenu.url;
  environment.VIVENU_MODE = "any";
  environment.VIVENU_REGIONS = vivenu.accounts.map(({ region }) => region).join(",");
  // The played Vivenu has no limit that is worth waiting for.
  environment.VIVENU_REQUESTS_PER_HOUR ??= "1000000";
  environment.VIVENU_REQUESTS_PER_MINUTE ??= "100000";
  for (const { region, apiKey, hmacKey } of vivenu.accounts) {
    environment[`${region}_API`] = apiKey;
    environment[`${region}_WEBHOOK_SECRET`] = env.VIVENU_SECRET ?? hmacKey;
  }
}

/** Who is told: everything of whole events to each channel, and what is grave of ticket types as well. */
async function playReceivers(): Promise<string> {
  const notices = await playNotices();
  opened.push(notices.stop);
  const all = ["slack", "webhook", "email"];
  environment.NOTIFICATIONS = JSON.stringify({
    channels: {
      slack: { slack: notices.slackUrl },
      webhook: { webhook: notices.webhookUrl, keys: [notices.key] },
      email: { email: ["office@example.com"] },
    },
    smtp: { url: notices.smtpUrl, from: "monitor@example.com" },
    ...(env.SANDBOX_WEBHOOK_TARGET && { page: new URL(env.SANDBOX_WEBHOOK_TARGET).origin }),
    digest: { to: all, at: "07:30", zone: "Europe/Berlin" },
    rules: [
      { to: all, of: ["event", "account"] },
      { to: all, severity: "critical" },
    ],
  });
  return `${notices.url}/notices`;
}

/** A port that the run before has not quite left yet is free in a moment. */
async function onPort<P extends Played>(port: number, start: (port: number) => Promise<P>) {
  for (let tries = 1; ; tries += 1) {
    try {
      const played = await start(port);
      opened.push(played.stop);
      return played;
    } catch (error) {
      const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
      if (!isTaken) throw error;
      if (tries === 20)
        throw new Error(`port ${port} is taken: set SANDBOX_PORT to another first of four`);
      await Bun.sleep(500);
    }
  }
}

/** The played datacore's key, the same for every start on this data directory. */
async function keptKey() {
  const path = join(dataDir, "flowcore.key");
  const kept = await readFile(path, "utf8").catch(() => undefined);
  if (kept) return kept.trim();
  const key = `fc_sandbox_${randomBytes(20).toString("hex")}`;
  await writeFile(path, `${key}\n`, { mode: 0o600 });
  return key;
}
