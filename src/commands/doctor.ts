import { type Config, loadConfig } from "../config/config.ts";
import { UnusableEnvironment } from "../config/faults.ts";
import { secretsOf } from "../config/secret.ts";
import { connect, type Pool } from "../database/connect.ts";
import { isCurrent } from "../database/migrate.ts";
import { readWrongClocks } from "../intake/store/wrong-clocks.ts";
import type { Clock } from "../lib/clock.ts";
import { isFailure, messageOf } from "../lib/failure.ts";
import { createLogger, redactText } from "../lib/logger.ts";
import { hideSecrets } from "../lib/redact.ts";
import { isZoneDataOld, runtimeDifferences, zoneData } from "../lib/zones.ts";
import { readRows } from "../projections/queries/rows.ts";
import { readUnreadableEvents } from "../projections/queries/unreadable-events.ts";
import { googleSpreadsheet } from "../sheets/google/google.ts";
import { vivenuClient } from "../vivenu/client.ts";
import { clockProblem, unreadableProblem } from "./clock-problems.ts";
import { checkManifest } from "./datacore.ts";
import { describeFaults, readKeysFile } from "./keys-file.ts";
import { type ExitCode, exitCodes } from "./outcome.ts";
import { capacityPolicyOf, watchedOf } from "./policies.ts";
import { listWebhooks } from "./webhooks.ts";

const OLDEST_POSTGRES = 14;
const CLOCK_MS = 30_000;
const TIMEOUT_MS = 20_000;
const SETTINGS = "settings";
const MEND_SETTINGS = "docs/configuration.md says what it must be";

export interface Finding {
  check: string;
  state: "ok" | "wrong" | "unchecked";
  /** What was seen. */
  what: string;
  /** How to mend it; null where nothing is to be mended. */
  mend: string | null;
}

export interface DoctorOptions {
  dev: boolean;
  clock: Clock;
  /** Where Vivenu reaches the service; without it the webhook listeners are not checked. */
  publicUrl: string | undefined;
}

/** Looks at every setting and every system. What fails in one check stops no other. */
export async function doctor(
  env: Record<string, string | undefined>,
  { dev, clock, publicUrl }: DoctorOptions,
): Promise<Finding[]> {
  let config: Config;
  try {
    config = loadConfig(env, { dev });
  } catch (error) {
    const faults = error instanceof UnusableEnvironment ? error.faults : [messageOf(error)];
    return faults.map((fault) => wrong(SETTINGS, fault, MEND_SETTINGS));
  }
  hideSecrets(secretsOf(config));
  const sql = connect(config.database.url.reveal(), { max: 2 });
  try {
    const checks = await Promise.all([
      checkDatabase(sql),
      checkEvents(sql, config, clock),
      checkFlowcore(config),
      ...config.vivenu.accounts.map((account) => checkAccount(account, config, clock)),
      checkClock(config, clock),
      checkZones(clock),
      checkListeners(config, clock, publicUrl),
      checkSheet(config),
      checkKeysFile(config),
    ]);
    const unused = config.notes.map((note) => unchecked(SETTINGS, note));
    return [ok(SETTINGS, "every setting is usable"), ...unused, ...checks.flat()];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function checkDatabase(sql: Pool): Promise<Finding[]> {
  const check = "database";
  try {
    const [row] = await sql<{ version: string }[]>`
      select current_setting('server_version_num') as version
    `;
    const major = Math.floor(Number(row?.version) / 10_000);
    if (major < OLDEST_POSTGRES)
      return [wrong(check, `PostgreSQL ${major}`, `use PostgreSQL ${OLDEST_POSTGRES} or newer`)];
    if (!(await isCurrent(sql)))
      return [wrong(check, `PostgreSQL ${major}, not migrated`, "run `migrate`, or start `serve`")];
    return [ok(check, `PostgreSQL ${major}, migrated`)];
  } catch (error) {
    const mend =
      "check DATABASE_URL: host, port, database, user and password, and that it is reachable";
    return [wrong(check, said(error), mend)];
  }
}

/** What of the rows cannot be shown, or only with a field empty. */
async function checkEvents(sql: Pool, config: Config, clock: Clock): Promise<Finding[]> {
  const check = "events";
  try {
    const met = new Map<string, string>();
    await readRows(sql, {
      now: clock.now(),
      policy: capacityPolicyOf(config),
      classes: config.rules.classes,
      onFault: (eventId) => met.set(eventId, `event ${eventId} cannot be shown`),
    });
    const faults = [...met.values()].map((what) => wrong(check, what, "run `replay`"));
    const odd = (await readUnreadableEvents(sql)).map((event) =>
      wrong(check, unreadableProblem(event), "correct it in Vivenu"),
    );
    const clocks = await readWrongClocks(sql, watchedOf(config));
    const found = [
      ...faults,
      ...odd,
      ...clocks.map((one) =>
        wrong(
          check,
          clockProblem(one),
          "tell Vivenu; `ticket.clock_wrong` in the log names some of them",
        ),
      ),
    ];
    return found.length > 0 ? found : [ok(check, "every one can be read")];
  } catch {
    return [unchecked(check, "the rows cannot be read; see `database`")];
  }
}

async function checkFlowcore(config: Config): Promise<Finding[]> {
  const check = "flowcore";
  try {
    const { missing } = await checkManifest(config);
    if (missing.length === 0) return [ok(check, "the data core has every event type")];
    return [wrong(check, `not there: ${missing.join(", ")}`, "run `datacore apply`")];
  } catch (error) {
    if (isFailure(error, "missing")) return [wrong(check, said(error), "run `datacore apply`")];
    const mend = isFailure(error, "refused")
      ? "give FLOWCORE_API_KEY a key that may read and write this data core"
      : "check FLOWCORE_TENANT, FLOWCORE_BASE_URL and that Flowcore is reachable";
    return [wrong(check, said(error), mend)];
  }
}

async function checkAccount(
  account: Config["vivenu"]["accounts"][number],
  config: Config,
  clock: Clock,
): Promise<Finding[]> {
  const { region } = account;
  const findings: Finding[] = [];
  if (account.webhookKeys.length === 0)
    findings.push(
      wrong(
        `${region} webhooks`,
        "no key, so its webhooks are refused",
        `set ${region}_WEBHOOK_SECRET to its listener's key (\`webhooks sync\` writes it to Vivenu)`,
      ),
    );
  const { baseUrl } = config.vivenu;
  const client = vivenuClient({
    baseUrl,
    region,
    clock,
    apiKey: account.apiKey.reveal(),
    timeoutMs: TIMEOUT_MS,
    logger: createLogger("silent"),
    // It asks once, and must not wait for what a poll has used up.
    budget: { take: async () => {} },
  });
  try {
    const seller = await client.readSeller({ signal: AbortSignal.timeout(TIMEOUT_MS) });
    const isAnother = account.sellerId !== undefined && account.sellerId !== seller._id;
    findings.push(
      isAnother
        ? wrong(
            `${region} account`,
            `its key is of seller ${seller._id}`,
            `correct ${region}_SELLER_ID, or give ${region}_API the key of the right account`,
          )
        : ok(`${region} account`, `seller ${seller._id}, ${seller.currency ?? "currency unknown"}`),
    );
  } catch (error) {
    const mend = isFailure(error, "refused")
      ? `give ${region}_API a valid seller API key`
      : "check VIVENU_BASE_URL and that Vivenu is reachable (https://status.vivenu.com)";
    findings.push(wrong(`${region} account`, said(error), mend));
  }
  return findings;
}

/** Counts and windows are compared by the clock; Vivenu says its own in every answer. */
async function checkClock({ vivenu }: Config, clock: Clock): Promise<Finding[]> {
  const check = "clock";
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(`${vivenu.baseUrl}/api/sellers/me`, { method: "HEAD", signal });
    const theirs = Date.parse(answer.headers.get("date") ?? "");
    const isPage = answer.headers.get("content-type")?.startsWith("text/html");
    if (isPage || Number.isNaN(theirs)) return [unchecked(check, "Vivenu does not say the time")];
    const apartMs = Math.abs(clock.now().getTime() - theirs);
    if (apartMs <= CLOCK_MS) return [ok(check, "as Vivenu's")];
    const what = `${Math.round(apartMs / 1_000)} s apart from Vivenu's`;
    return [wrong(check, what, "set this machine's clock (NTP)")];
  } catch {
    return [unchecked(check, "Vivenu cannot be reached")];
  }
}

/** The runtime's own zone data is not used, but says what people's browsers may show instead. */
function checkZones(clock: Clock): Finding[] {
  const check = "zone data";
  const now = clock.now();
  const data = `${zoneData.version}, of ${zoneData.package}`;
  if (isZoneDataOld(now))
    return [wrong(check, `${data}, is old`, "deploy a newer version of this service")];
  const differing = runtimeDifferences(now);
  const unlike = `; the runtime's own, which is not used, differs in ${differing.join(", ")}`;
  return [ok(check, `${data}${differing.length > 0 ? unlike : ""}`)];
}

async function checkListeners(config: Config, clock: Clock, publicUrl: string | undefined) {
  const check = "webhook listeners";
  if (!publicUrl) return [unchecked(check, "say where Vivenu reaches this service: --public-url")];
  const reports = await listWebhooks({ config, clock }, publicUrl);
  return reports.map(({ region, outcome, detail }) =>
    outcome === "fine"
      ? ok(`${region} listener`, "as it should be")
      : wrong(`${region} listener`, `${outcome}: ${detail.join("; ")}`, "run `webhooks sync`"),
  );
}

async function checkSheet({ google }: Config): Promise<Finding[]> {
  const check = "spreadsheet";
  if (!google) return [unchecked(check, "none is configured, so none is written")];
  const { privateKey, baseUrl, ...rest } = google;
  try {
    const spreadsheet = googleSpreadsheet({
      ...rest,
      privateKey: privateKey.reveal(),
      timeoutMs: TIMEOUT_MS,
      ...(baseUrl && { baseUrl }),
    });
    const { tabs } = await spreadsheet.read(["Events"]);
    const [tab] = tabs;
    if (!tab) return [ok(check, "it can be read; its tabs are made at the first sync")];
    const properties = { sheetId: tab.sheetId, title: tab.title };
    // Gives a tab the title it has: changes nothing, and only an editor may.
    await spreadsheet.write([{ updateSheetProperties: { properties, fields: "title" } }]);
    return [ok(check, "it can be read and written")];
  } catch (error) {
    const mend = isFailure(error, "unavailable")
      ? "check that Google Sheets is reachable; Google may answer later"
      : `share the spreadsheet GOOGLE_SHEET_ID with ${google.serviceAccountEmail} as an editor, and check GOOGLE_PRIVATE_KEY`;
    return [wrong(check, said(error), mend)];
  }
}

async function checkKeysFile({ http: { keysFile } }: Config): Promise<Finding[]> {
  const check = "keys of the API";
  if (keysFile === undefined) return [];
  const { keys, faults } = await readKeysFile(keysFile);
  if (faults.length === 0) return [ok(check, `${keys.length} in API_KEYS_FILE`)];
  const mend =
    "make API_KEYS_FILE a file that this process may read, an entry of `api-key` on each line";
  return [wrong(check, `API_KEYS_FILE: ${describeFaults(faults)}`, mend)];
}

const said = (error: unknown) => redactText(messageOf(error)) || "it does not answer";
const ok = (check: string, what: string): Finding => ({ check, state: "ok", what, mend: null });
const unchecked = (check: string, what: string): Finding => ({
  check,
  what,
  mend: null,
  state: "unchecked",
});
const wrong = (check: string, what: string, mend: string): Finding => ({
  check,
  what,
  mend,
  state: "wrong",
});

export const isHealthy = (findings: Finding[]) => findings.every(({ state }) => state !== "wrong");

export function doctorExitCode(findings: Finding[]): ExitCode {
  if (isHealthy(findings)) return exitCodes.well;
  const isUnusable = findings.some(({ check, state }) => check === SETTINGS && state === "wrong");
  return isUnusable ? exitCodes.configuration : exitCodes.unfinished;
}

export function describeDoctor(findings: Finding[]): string {
  const mark = { ok: "ok   ", wrong: "WRONG", unchecked: "?    " };
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(
    ({ check, state, what, mend }) =>
      `${mark[state]} ${check.padEnd(width)}  ${what}${mend ? `\n      ${" ".repeat(width)}  -> ${mend}` : ""}`,
  );
  const bad = findings.filter(({ state }) => state === "wrong").length;
  return [...lines, "", bad === 0 ? "all is well" : `${bad} to mend`].join("\n");
}
