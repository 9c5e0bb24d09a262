import { z } from "zod";
import {
  accountFaults,
  accountsOf,
  HYROX_REGIONS,
  regionVariables,
  webhookKeyFaults,
} from "./accounts.ts";
import { apiSettings, apiVariables, devApiVariables } from "./api.ts";
import { sharedKeyFaults } from "./api-keys.ts";
import { databaseSettings, databaseVariables } from "./database.ts";
import {
  datacoreVariables,
  flowcoreSettings,
  pathwaySettings,
  sendingSettings,
} from "./datacore.ts";
import { faultOf, UnusableEnvironment } from "./faults.ts";
import { intakeFaults, intakeSettings, intakeVariables } from "./intake.ts";
import { regionFaults } from "./named-regions.ts";
import { notifyFaults, notifySettings, notifyVariables } from "./notify.ts";
import { passSettings, projectionsVariables } from "./projections.ts";
import { rulesSettings, rulesVariables } from "./rules.ts";
import { devServiceVariables, httpSettings, serviceVariables } from "./service.ts";
import { googleFaults, googleSettings, sheetSettings, sheetVariables } from "./sheets.ts";
import { traceFaults, traceSettings, traceVariables } from "./traces.ts";
import { unknownNames } from "./unknown-names.ts";
import { type Given, setVariables } from "./values.ts";
import { vivenuSettings, vivenuVariables } from "./vivenu.ts";

/**
 * All settings. Each room's variables stand in a file of its own here: what they must be, their defaults,
 * what `docs/configuration.md` says of them, and what the room is told. This is the order of that page.
 */
const Environment = z.object({
  ...serviceVariables,
  ...databaseVariables,
  ...apiVariables,
  ...datacoreVariables,
  ...projectionsVariables,
  ...vivenuVariables,
  ...intakeVariables,
  ...sheetVariables,
  ...rulesVariables,
  ...notifyVariables,
  ...traceVariables,
});

const DevEnvironment = Environment.extend({ ...devServiceVariables, ...devApiVariables });

export const variables = Object.keys(Environment.shape);

/** Name, description and default of each variable, for the documentation. */
export const describeVariables = () =>
  Object.entries(Environment.shape).map(([name, schema]) => ({
    name,
    description: schema.description ?? "",
    required: !schema.safeParse(undefined).success,
    fallback: fallbackOf(schema),
  }));

/** A default that is no plain value is what the description says. */
function fallbackOf(schema: z.ZodType) {
  if (!(schema instanceof z.ZodDefault)) return "";
  const fallback: unknown = schema.def.defaultValue;
  const isList = Array.isArray(fallback);
  return typeof fallback === "object" && !isList ? "" : String(fallback);
}

export type Config = ReturnType<typeof loadConfig>;

export interface LoadOptions {
  dev?: boolean;
  /** What somebody wrote, where `env` holds more. */
  written?: Given;
}

/** The environment as the program knows it. Throws one error that names every fault. */
export function loadConfig(env: Given, { dev = false, written = env }: LoadOptions = {}) {
  const given = setVariables(env);
  const parsed = (dev ? DevEnvironment : Environment).safeParse(given);
  const faults = parsed.success ? [] : parsed.error.issues.map((issue) => faultOf(issue, given));
  // Known although something else is wrong: else its accounts would be said to be missing.
  const regions = Environment.shape.VIVENU_REGIONS.safeParse(given.VIVENU_REGIONS).data;
  const accounts = accountsOf(regions ?? [], given);
  faults.push(...(regions ? accountFaults(regions, accounts) : []), ...googleFaults(given));
  faults.push(...webhookKeyFaults(regions ?? [], given), ...notifyFaults(given));
  faults.push(...traceFaults(given));
  const unknown = unknownNames(setVariables(written), {
    variables: [...variables, ...regionVariables(regions ?? [])],
    regions: { named: regions ?? [], known: HYROX_REGIONS },
  });
  faults.push(...unknown.faults);
  if (parsed.success) {
    const { SHEET_COPIES: copies, API_KEYS: keys } = parsed.data;
    const notify = notifySettings(parsed.data);
    faults.push(...intakeFaults(parsed.data));
    faults.push(...regionFaults({ notify, copies, keys }, regions ?? []));
    const { named } = apiSettings(parsed.data, { dev });
    faults.push(...sharedKeyFaults(named).map((fault) => `API_KEYS ${fault}`));
  }
  if (!parsed.success || faults.length > 0) {
    // Something that nobody reads may be what is missing.
    throw new UnusableEnvironment([...new Set(faults)], unknown.notes);
  }
  const e = parsed.data;
  return {
    /** What is set and does nothing, in plain words. */
    notes: unknown.notes,
    environment: e.NODE_ENV,
    role: e.SERVE_ROLE,
    http: { ...httpSettings(e, { dev }), ...apiSettings(e, { dev }) },
    log: { level: e.LOG_LEVEL },
    database: databaseSettings(e),
    flowcore: flowcoreSettings(e),
    pathway: pathwaySettings(e, { dev }),
    passes: passSettings(e),
    sending: sendingSettings(e),
    vivenu: { ...vivenuSettings(e), ...intakeSettings(e), accounts },
    google: googleSettings(e),
    sheet: sheetSettings(e),
    rules: rulesSettings(e),
    notify: notifySettings(e),
    traces: traceSettings(e),
  };
}

/** The one setting that `migrate` needs. */
export function databaseUrlOf(env: Given): string {
  const parsed = Environment.pick({ DATABASE_URL: true }).safeParse(setVariables(env));
  if (!parsed.success)
    throw new UnusableEnvironment(["DATABASE_URL is missing or not a postgres:// address"]);
  return parsed.data.DATABASE_URL.reveal();
}
