import { type Config, variables } from "../../config/config.ts";
import { keyFaults } from "../../config/named-regions.ts";
import { secretsOf } from "../../config/secret.ts";
import type { Pool } from "../../database/connect.ts";
import { readSellerIds } from "../../intake/store/sellers.ts";
import type { Clock } from "../../lib/clock.ts";
import { hideSecrets } from "../../lib/redact.ts";
import { projectRoot } from "../../lib/root.ts";
import { isZoneDataOld, runtimeDifferences, zoneData } from "../../lib/zones.ts";
import { describeFaults, readKeysFile } from "../build/keys-file.ts";
import { type ExitCode, exitCodes } from "../run/outcome.ts";
import { checkChannels, checkCollector } from "./channels.ts";
import { checkDatabase, openFor } from "./database.ts";
import { checkEvents } from "./events.ts";
import { type Finding, ok, SETTINGS, unchecked, wrong } from "./finding.ts";
import { checkFlowcore, checkPathway } from "./flowcore.ts";
import { checkNamedEvents, isAnyNamed, NAMED_EVENTS } from "./named-events.ts";
import { settingFindings, settingOrigins, usableSettings } from "./settings.ts";
import { checkSheets } from "./sheet.ts";
import { checkAccount, checkClock, checkListeners, checkSellers } from "./vivenu.ts";

const FLOWCORE = ["FLOWCORE_TENANT", "FLOWCORE_DATA_CORE", "FLOWCORE_API_KEY", "FLOWCORE_BASE_URL"];
const traceNames = variables.filter((name) => name.startsWith("OTEL_"));
const GOOGLE = ["GOOGLE_SHEET_ID", "GOOGLE_SERVICE_ACCOUNT_EMAIL", "GOOGLE_PRIVATE_KEY"];

export interface DoctorOptions {
  dev: boolean;
  clock: Clock;
  /** Where Vivenu reaches the service; without it the webhook listeners are not checked. */
  publicUrl: string | undefined;
  /** What a running `dev` left, where that is asked. */
  devFile?: string | undefined;
}

/**
 * Looks at every setting and every system. What fails in one check stops no other, and a setting that is
 * missing or wrong only those that need it.
 */
export async function doctor(
  env: Record<string, string | undefined>,
  { dev, clock, publicUrl, devFile }: DoctorOptions,
): Promise<Finding[]> {
  const settings = usableSettings(env, { dev });
  const { config, broken } = settings;
  const regions = config?.vivenu.regions ?? [];
  const found = [
    ...settingFindings(settings),
    ...(await settingOrigins(variables, { env, root: projectRoot(), devFile, regions })),
  ];
  if (!config) return found;
  hideSecrets(secretsOf(config));
  const url = config.database.url.reveal();
  const opened = openFor(url);
  /** A check that needs a setting that is not usable is not made, and says so. */
  const given = (check: string, names: readonly string[], work: () => Promise<Finding[]>) => {
    const lacking = names.filter((name) => broken.has(name));
    return lacking.length === 0
      ? work()
      : [unchecked(check, `it needs ${lacking.join(", ")}; see ${SETTINGS}`)];
  };
  const rows = (check: string, work: (sql: Pool) => Promise<Finding[]>) =>
    given(check, ["DATABASE_URL"], async () => {
      if (typeof opened === "function") return work(opened);
      return [check === opened.check ? opened : unchecked(check, "see `database`")];
    });
  const sellers = new Map<string, string>();
  const learned =
    typeof opened === "function" && !broken.has("DATABASE_URL")
      ? readSellerIds(opened).catch(() => new Map<string, string>())
      : Promise.resolve(new Map<string, string>());
  try {
    const checks = await Promise.all([
      rows("database", (sql) => checkDatabase(sql, { url, pool: config.database.pool }, clock)),
      rows("events", (sql) => checkEvents(sql, config, clock)),
      ...(isAnyNamed(config) ? [rows(NAMED_EVENTS, (sql) => checkNamedEvents(sql, config))] : []),
      given("flowcore", FLOWCORE, () => checkFlowcore(config, clock)),
      given("data pathway", [...FLOWCORE, "FLOWCORE_PATHWAY_NAME"], () => checkPathway(config)),
      ...config.vivenu.accounts.map((account) =>
        given(`${account.region} account`, ["VIVENU_BASE_URL"], () =>
          checkAccount(account, { config, clock, broken, sellers, learned }),
        ),
      ),
      given("clock", ["VIVENU_BASE_URL"], () => checkClock(config, clock)),
      checkZones(clock),
      given("webhook listeners", ["VIVENU_BASE_URL"], () =>
        checkListeners(config, clock, publicUrl),
      ),
      given("spreadsheet", GOOGLE, () => checkSheets(config)),
      checkKeysFile(config),
      given("notifications", ["NOTIFICATIONS", "NOTIFICATIONS_FILE"], () =>
        checkChannels(config, env),
      ),
      given("traces", traceNames, () => checkCollector(config)),
    ]);
    return [...found, ...checks.flat(), ...checkSellers(sellers, config.vivenu.accounts)];
  } finally {
    if (typeof opened === "function") await opened.end({ timeout: 1 });
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

async function checkKeysFile({ http: { keysFile }, vivenu }: Config): Promise<Finding[]> {
  const check = "keys of the API";
  if (keysFile === undefined) return [];
  const { keys, faults } = await readKeysFile(keysFile);
  const unknown = keyFaults("API_KEYS_FILE", keys, vivenu.regions);
  const found = unknown.map((fault) =>
    wrong(check, fault, "name an account there, or drop that key"),
  );
  const mend =
    "make API_KEYS_FILE a file that this process may read, an entry of `api-key` on each line";
  if (faults.length > 0) found.push(wrong(check, `API_KEYS_FILE: ${describeFaults(faults)}`, mend));
  return found.length > 0 ? found : [ok(check, `${keys.length} in API_KEYS_FILE`)];
}

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
  const left = findings.filter(({ state }) => state === "unchecked").length;
  return [...lines, "", summaryOf(bad, left)].join("\n");
}

/** All is well only where all was looked at. */
function summaryOf(bad: number, left: number): string {
  const open = `${left} left open, marked ?`;
  if (bad > 0) return left > 0 ? `${bad} to mend, ${open}` : `${bad} to mend`;
  return left > 0 ? `nothing to mend in what was checked; ${open}` : "all is well";
}
