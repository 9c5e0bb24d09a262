import { unescape as decoded } from "node:querystring";
import { inspect } from "node:util";
import { Cron } from "croner";
import { z } from "zod";
import { unknownNames } from "./config-names.ts";
import { defaultRunning } from "./intake/counting/incremental-settings.ts";
import { defaultFollowPace } from "./intake/polling/launch.ts";
import { defaultReading } from "./projections/consumer/reading.ts";
import { ticketClasses } from "./rules/classify.ts";
import { parseOverrides } from "./rules/overrides.ts";
import { defaultSoldOutPolicy } from "./rules/sold-out.ts";
import { sheetSettingsOf, sheetVariables } from "./sheets/settings.ts";
import { DEFAULT_TIMEOUT_MS } from "./vivenu/timeout.ts";

/** A value that prints as "[secret]"; `reveal` is the one way out, so a search for it lists every use. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal = () => this.#value;
  toJSON = () => "[secret]";
  toString = () => "[secret]";
  [inspect.custom] = () => "[secret]";
}

/** Every secret within; of an address only its password is one. */
export function secretsOf(value: unknown): string[] {
  if (value instanceof Secret) {
    const secret = value.reveal();
    return secret.includes("://") ? passwordsOf(secret) : [secret];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(secretsOf);
}

function passwordsOf(address: string): string[] {
  const { password } = new URL(address);
  return [password, decoded(password)];
}

/** The settings cannot be used as they are; each fault is named. */
export class UnusableEnvironment extends Error {
  readonly faults: string[];
  constructor(faults: string[]) {
    super(`the environment is not usable:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/** The accounts of HYROX; another seller's are named in `VIVENU_REGIONS`. */
export const HYROX_REGIONS = [
  "DACH",
  "FRANCE",
  "ITALY",
  "BENELUX",
  "SWITZERLAND",
  "USA",
  "CANADA",
  "AUSTRALIA",
  "NORWAY",
];

export const flag = z.stringbool({ error: "must be on or off" });
export const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be one of ${words.join(", ")}` });
const names = z.string().transform((list) =>
  list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== ""),
);
const origin = z
  .url({ protocol: /^https?$/, error: "must be an http or https address" })
  .transform((url) => url.replace(/\/+$/, ""));
const webOrigins = names.pipe(
  z.array(z.string().refine(isWebOrigin, "must be origins like https://dashboard.example.com")),
);
const apiKeys = (shortest: number) =>
  names
    .pipe(
      z
        .array(z.string().min(shortest, `must be ${shortest} characters at least`))
        .min(1, "names no key"),
    )
    .transform((keys) => keys.map((key) => new Secret(key)));
const regionNames = names
  .transform((list) => [...new Set(list.map((name) => name.toUpperCase()))])
  .pipe(
    z
      .array(z.string().regex(/^[A-Z][A-Z0-9_]{0,31}$/, "must be names like DACH or UK_IRELAND"))
      .min(1, "names no account"),
  );
const OFF = "off";
const schedule = z
  .string()
  .transform((text) => (text.toLowerCase() === OFF ? OFF : text))
  .refine((text) => text === OFF || comes(text), {
    error: 'must be "off" or a cron expression that comes (0 2 * * * is daily at 02:00 UTC)',
  });

/** As browsers name where a page comes from: nothing behind the port. */
function isWebOrigin(text: string) {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function comes(expression: string) {
  try {
    return new Cron(expression, { timezone: "UTC", paused: true }).nextRun() !== null;
  } catch {
    return false;
  }
}
const percents = z
  .string()
  .transform((text) => (text.toLowerCase() === OFF ? [] : text.split(",").map(Number)))
  .refine((list) => list.every((percent) => percent > 0 && percent < 100), {
    error: 'must be "off" or percentages above 0 and below 100, like 80,95',
  });
export const whole = (from: number, to: number) => {
  const error = `must be a whole number from ${from} to ${to}`;
  return z.coerce.number({ error }).int(error).min(from, error).max(to, error);
};
const drain = whole(0, 300);
/** Rooms say their own defaults, in milliseconds. */
const secondsOf = (ms: number) => ms / 1_000;

/**
 * What `serve` is:
 *
 * - `all`     HTTP in this process, and the loops in one beside it, which it supervises
 * - `http`    HTTP alone: webhooks, API, status
 * - `worker`  the loops alone: translator, outbox relay, consumer, poller, mirror
 */
export const roles = ["all", "http", "worker"] as const;
export type Role = (typeof roles)[number];

/** Who can guess a key can read everything, or sign webhooks; Vivenu's own are UUIDs, and `openssl` makes longer ones. */
const SHORTEST_KEY = 16;

/** A variable: what it must be, and for whom it is described in `docs/configuration.md`. */
const Environment = z.object({
  NODE_ENV: oneOf(["development", "test", "production"])
    .default("production")
    .describe("Shown in the log; opens nothing."),
  LOG_LEVEL: oneOf(["debug", "info", "warn", "error"])
    .default("info")
    .describe("Lines below it are not written."),
  SERVE_ROLE: oneOf(roles)
    .default("all")
    .describe("Which part of it `serve` is, where `--role` does not say."),
  PORT: whole(0, 65_535).default(18_765).describe("Where HTTP is served."),
  METRICS_PORT: whole(0, 65_535)
    .optional()
    .describe(
      "A port of its own for `/metrics`, without a key; unset, `/metrics` is on `PORT` alone, behind the key.",
    ),
  HOST: z
    .string()
    .default("0.0.0.0")
    .describe("The address HTTP listens on; `dev` always takes 127.0.0.1."),
  SHUTDOWN_DRAIN: drain
    .default(3)
    .describe(
      "Seconds that requests are still answered after SIGTERM, while `/ready` answers 503; 0 in `dev`. The process ends within 7 s more.",
    ),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: "must be a postgres:// address" })
    .transform((value) => new Secret(value))
    .describe("PostgreSQL 14 or newer (tried with 18), in a database of the service's own."),
  DATABASE_POOL: whole(5, 500)
    .default(20)
    .describe(
      "Connections to PostgreSQL at most, of all processes of `serve` together; five more listen and hold locks. Two pods that overlap in a rolling update need twice as many.",
    ),
  DATABASE_TIMEOUT: whole(2, 3_600)
    .default(10)
    .describe(
      "Seconds until a statement that PostgreSQL does not answer is given up and its connection closed; `migrate` and `replay` have an hour.",
    ),
  BACKEND_API_KEY: apiKeys(SHORTEST_KEY).describe(
    `What callers of the API send, ${SHORTEST_KEY} characters at least; comma-separated while a key is being rotated.`,
  ),
  API_AT_WORK: whole(1, 1_000)
    .default(2)
    .describe("Requests under `/api` that are worked on at one time; of downloads one."),
  API_WAITING: whole(0, 100_000)
    .default(64)
    .describe("Requests that wait for their turn; more are answered with 503 and `Retry-After`."),
  CORS_ORIGINS: webOrigins
    .default([])
    .describe(
      "Origins of pages that may ask the API from a browser, comma-separated, like `https://dashboard.example.com`; unset, none may.",
    ),

  FLOWCORE_TENANT: z.string().min(1).describe("The Flowcore tenant's name."),
  FLOWCORE_DATA_CORE: z.string().min(1).describe("The data core's name."),
  FLOWCORE_DATA_CORE_ID: z
    .uuid()
    .optional()
    .describe("The data core's id; saves the look-up by name."),
  FLOWCORE_API_KEY: z
    .string()
    .regex(/^fc_[^_]+_[^_]+$/, "must have the form fc_<id>_<secret>")
    .transform((value) => new Secret(value))
    .describe("A Flowcore API key that may write and read the data core."),
  FLOWCORE_BASE_URL: origin.optional().describe("A stand-in for Flowcore; unset, the real one."),
  POLL_INTERVAL: z.coerce
    .number({ error: "must be a number" })
    .positive()
    .max(3_600)
    .default(2)
    .describe("Seconds between two looks at the log when nothing wakes the consumer."),
  PROCESS_BACKLOG_ON_STARTUP: flag
    .default(true)
    .describe(
      "Read the newest `BACKLOG_TIME_BUCKETS` hours of the log on start, whatever the position says.",
    ),
  BACKLOG_TIME_BUCKETS: whole(0, 100_000)
    .default(3)
    .describe("How many of the newest hours that is."),
  READ_PAGE_SIZE: whole(50, 10_000)
    .default(defaultReading.pageSize)
    .describe("Facts a request to the log."),
  READ_TAIL: whole(0, 3_600)
    .default(secondsOf(defaultReading.tailMs))
    .describe("Seconds before the newest fact that every look at the log reads again."),
  READ_OVERLAP: whole(1, 86_400)
    .default(secondsOf(defaultReading.overlapMs))
    .describe("Seconds before now that are read again every `READ_OVERLAP_INTERVAL`."),
  READ_OVERLAP_INTERVAL: whole(1, 86_400)
    .default(secondsOf(defaultReading.overlapEveryMs))
    .describe("Seconds between two such readings."),
  READ_PREVIOUS_BUCKET: whole(0, 3_600)
    .default(secondsOf(defaultReading.previousBucketMs))
    .describe("For how many seconds of an hour those readings take the hour before with them."),
  READ_SWEEP: whole(0, 31_536_000)
    .default(secondsOf(defaultReading.sweepMs))
    .describe("Seconds before now that are read again every `READ_SWEEP_INTERVAL`."),
  READ_SWEEP_INTERVAL: whole(1, 604_800)
    .default(secondsOf(defaultReading.sweepEveryMs))
    .describe("Seconds between two such readings."),
  READ_ON_START: whole(0, 31_536_000)
    .default(secondsOf(defaultReading.onStartMs))
    .describe("Seconds before the position that are read again on start."),
  READ_CLOCK_SKEW: whole(0, 3_600)
    .default(secondsOf(defaultReading.skewMs))
    .describe("Seconds that the clock of whoever stamps facts may be ahead of ours."),
  UNCONFIRMED_AFTER: whole(1, 86_400)
    .default(300)
    .describe(
      "Seconds until a fact that Flowcore took and nobody has read back is sent again; doubles each time, up to an hour.",
    ),

  VIVENU_REGIONS: regionNames
    .default(HYROX_REGIONS)
    .describe(
      "The accounts' names; each has the variables `<REGION>_API`, `<REGION>_WEBHOOK_SECRET` and `<REGION>_SELLER_ID`.",
    ),
  VIVENU_SECRET: z
    .string()
    .optional()
    .describe(
      "The webhook key of every account that has none of its own, 16 characters at least; comma-separated while it is being rotated.",
    ),
  VIVENU_BASE_URL: origin.default("https://vivenu.com").describe("Vivenu, or a stand-in for it."),
  VIVENU_MODE: oneOf(["prod", "dev", "any"])
    .default("prod")
    .describe("The `mode` that webhooks must carry."),
  VIVENU_EVENT_FILTER: z
    .string()
    .min(1)
    .default("hyrox")
    .describe(
      "Only events whose name contains it are read, upper and lower case alike; `*` reads all.",
    ),
  VIVENU_INCLUDE_EVENTS: names.default([]).describe("Event ids that are read whatever their name."),
  VIVENU_EXCLUDE_EVENTS: names.default([]).describe("Event ids that are never read."),
  VIVENU_REQUESTS_PER_HOUR: whole(1, 10_000_000)
    .default(900)
    .describe("Requests to Vivenu an hour and account, over all processes."),
  VIVENU_REQUESTS_PER_MINUTE: whole(1, 1_000_000)
    .default(100)
    .describe("Requests to Vivenu a minute and account, over all processes."),
  VIVENU_PAGE_SIZE: whole(10, 1_000).default(1_000).describe("Tickets a request."),
  VIVENU_TIMEOUT: whole(1, 300)
    .default(secondsOf(DEFAULT_TIMEOUT_MS))
    .describe("Seconds before a request to Vivenu is given up."),
  POLL_SCHEDULE: schedule
    .default("0 2 * * *")
    .describe(
      "When `serve` polls Vivenu, as a cron expression in UTC; `off` where a CronJob does it.",
    ),
  HINT_INTERVAL: whole(0, 86_400)
    .default(1_800)
    .describe("Seconds between two early counts of one event."),
  LAUNCH_LEAD: whole(0, 86_400)
    .default(secondsOf(defaultFollowPace.leadMs))
    .describe("Seconds before a sale opens at which launch mode begins."),
  LAUNCH_INTERVAL: whole(10, 86_400)
    .default(secondsOf(defaultFollowPace.launchEveryMs))
    .describe("Seconds between two looks in launch mode."),
  LAUNCH_DURATION: whole(0, 604_800)
    .default(secondsOf(defaultFollowPace.launchForMs))
    .describe("Seconds that launch mode lasts."),
  AFTER_LAUNCH_INTERVAL: whole(10, 86_400)
    .default(secondsOf(defaultFollowPace.afterEveryMs))
    .describe("Seconds between two looks after it."),
  AFTER_LAUNCH_DURATION: whole(0, 2_592_000)
    .default(secondsOf(defaultFollowPace.afterForMs))
    .describe("Until so many seconds after the opening."),
  CHANGES_INTERVAL: whole(10, 604_800)
    .default(secondsOf(defaultFollowPace.everyMs))
    .describe("Seconds between two looks at all other times."),
  CHANGES_OVERLAP: whole(0, 86_400)
    .default(secondsOf(defaultRunning.overlapMs))
    .describe("Seconds that two looks overlap."),
  COUNT_CHECK_INTERVAL: whole(0, 604_800)
    .default(secondsOf(defaultRunning.checkMs))
    .describe("Seconds between two checks of an event against Vivenu's own total; 0 for none."),
  WEBHOOK_BODY_LIMIT: whole(1_024, 1_073_741_824)
    .default(8_388_608)
    .describe("Bytes of a webhook's body at most."),
  WEBHOOK_MEMORY: whole(1_048_576, 17_179_869_184)
    .optional()
    .describe(
      "Bytes that the bodies of all webhooks may take at one time, `WEBHOOK_BODY_LIMIT` at least; unset, four times that. What does not fit is answered with 503.",
    ),
  WEBHOOK_TIMEOUT: whole(1, 60)
    .default(8)
    .describe(
      "Seconds until a webhook that could not be read and kept is answered with 503; Vivenu itself waits 10.",
    ),

  GOOGLE_SERVICE_ACCOUNT_EMAIL: z
    .string()
    .optional()
    .describe("The service account that writes the sheet."),
  GOOGLE_PRIVATE_KEY: z.string().optional().describe("Its private key (PEM), with `\\n` as text."),
  GOOGLE_SHEET_ID: z
    .string()
    .optional()
    .describe("The spreadsheet's id. With none of the three, no sheet is written."),
  GOOGLE_SHEETS_BASE_URL: origin
    .optional()
    .describe("A stand-in for Google Sheets; unset, the real one."),

  ...sheetVariables,

  CHARITY_IN_TOTALS: flag
    .default(true)
    .describe("Whether charity places are part of an event's totals."),
  TICKET_TYPE_CLASSES: z
    .string()
    .transform((text, context) => {
      try {
        return parseOverrides(text);
      } catch {
        const message = `must be like <ticket type id>=<class>, a class being one of ${ticketClasses.join(", ")}`;
        context.addIssue({ code: "custom", message });
        return z.NEVER;
      }
    })
    .optional()
    .describe(
      "What ticket types are, whatever their name: `id=race,id=secondary`. `/status` names those that nothing else speaks for.",
    ),
  NEARLY_SOLD_OUT: percents
    .default([...defaultSoldOutPolicy.nearlyFromPercents])
    .describe(
      "From how many percent sold an event or ticket type is told to be nearly sold out; `off` for never.",
    ),
  REOPEN_PLACES: whole(1, 1_000_000)
    .default(defaultSoldOutPolicy.reopenPlaces)
    .describe(
      "What was sold out is told to be open again when so many places are left, or `REOPEN_PERCENT`.",
    ),
  REOPEN_PERCENT: z.coerce
    .number({ error: "must be a number" })
    .positive()
    .max(100)
    .default(defaultSoldOutPolicy.reopenPercent)
    .describe("The same in percent of its capacity: whichever is reached first."),
  UNDERSHOP_SALES: oneOf(["direct", "all"])
    .default("direct")
    .describe(
      "What a type's amount is held against where an independent undershop sells it too: all but what that shop sold (direct), or all.",
    ),
});

/** On a developer's own machine the API may do without a key: it answers only that machine. */
const DevEnvironment = Environment.extend({
  BACKEND_API_KEY: apiKeys(1).optional(),
  SHUTDOWN_DRAIN: drain.default(0),
});

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

const REGION_VARIABLES = ["API", "WEBHOOK_SECRET", "SELLER_ID"] as const;

export const regionVariables = (regions: string[]) =>
  regions.flatMap((region) => REGION_VARIABLES.map((name) => `${region}_${name}`));

export interface AccountConfig {
  region: string;
  apiKey: Secret;
  /** Tried in turn; more than one while a key is being rotated, none where webhooks are refused. */
  webhookKeys: Secret[];
  /** Configured; else learned from Vivenu. */
  sellerId: string | undefined;
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
  faults.push(...webhookKeyFaults(regions ?? [], given));
  const unknown = unknownNames(setVariables(written), {
    variables: [...variables, ...regionVariables(regions ?? [])],
    regions: { named: regions ?? [], known: HYROX_REGIONS },
  });
  faults.push(...unknown.faults);
  if (parsed.success && (parsed.data.WEBHOOK_MEMORY ?? Infinity) < parsed.data.WEBHOOK_BODY_LIMIT)
    faults.push("WEBHOOK_MEMORY must be WEBHOOK_BODY_LIMIT at least");
  if (!parsed.success || faults.length > 0) {
    // Something that nobody reads may be what is missing.
    throw new UnusableEnvironment([...new Set([...faults, ...unknown.notes])]);
  }
  const e = parsed.data;
  return {
    /** What is set and does nothing, in plain words. */
    notes: unknown.notes,
    environment: e.NODE_ENV,
    role: e.SERVE_ROLE,
    http: {
      port: e.PORT,
      metricsPort: e.METRICS_PORT,
      host: dev ? "127.0.0.1" : e.HOST,
      keys: e.BACKEND_API_KEY,
      origins: e.CORS_ORIGINS,
      bounds: { atWork: e.API_AT_WORK, waiting: e.API_WAITING },
      drainMs: e.SHUTDOWN_DRAIN * 1_000,
    },
    log: { level: e.LOG_LEVEL },
    database: {
      url: e.DATABASE_URL,
      pool: e.DATABASE_POOL,
      limitMs: e.DATABASE_TIMEOUT * 1_000,
    },
    flowcore: {
      tenant: e.FLOWCORE_TENANT,
      dataCore: e.FLOWCORE_DATA_CORE,
      dataCoreId: e.FLOWCORE_DATA_CORE_ID,
      apiKey: e.FLOWCORE_API_KEY,
      baseUrl: e.FLOWCORE_BASE_URL,
    },
    reading: {
      pollIntervalMs: e.POLL_INTERVAL * 1_000,
      pageSize: e.READ_PAGE_SIZE,
      tailMs: e.READ_TAIL * 1_000,
      overlapMs: e.READ_OVERLAP * 1_000,
      overlapEveryMs: e.READ_OVERLAP_INTERVAL * 1_000,
      previousBucketMs: e.READ_PREVIOUS_BUCKET * 1_000,
      sweepMs: e.READ_SWEEP * 1_000,
      sweepEveryMs: e.READ_SWEEP_INTERVAL * 1_000,
      onStartMs: e.READ_ON_START * 1_000,
      onStartBuckets: e.PROCESS_BACKLOG_ON_STARTUP ? e.BACKLOG_TIME_BUCKETS : 0,
      skewMs: e.READ_CLOCK_SKEW * 1_000,
    },
    sending: { unconfirmedMs: e.UNCONFIRMED_AFTER * 1_000 },
    vivenu: {
      baseUrl: e.VIVENU_BASE_URL,
      mode: e.VIVENU_MODE,
      regions: e.VIVENU_REGIONS,
      accounts,
      filter: {
        name: e.VIVENU_EVENT_FILTER,
        include: e.VIVENU_INCLUDE_EVENTS,
        exclude: e.VIVENU_EXCLUDE_EVENTS,
      },
      budget: { perHour: e.VIVENU_REQUESTS_PER_HOUR, perMinute: e.VIVENU_REQUESTS_PER_MINUTE },
      pageSize: e.VIVENU_PAGE_SIZE,
      timeoutMs: e.VIVENU_TIMEOUT * 1_000,
      pollSchedule: e.POLL_SCHEDULE === OFF ? undefined : e.POLL_SCHEDULE,
      hintIntervalMs: e.HINT_INTERVAL * 1_000,
      following: {
        leadMs: e.LAUNCH_LEAD * 1_000,
        launchEveryMs: e.LAUNCH_INTERVAL * 1_000,
        launchForMs: e.LAUNCH_DURATION * 1_000,
        afterEveryMs: e.AFTER_LAUNCH_INTERVAL * 1_000,
        afterForMs: e.AFTER_LAUNCH_DURATION * 1_000,
        everyMs: e.CHANGES_INTERVAL * 1_000,
      },
      running: {
        overlapMs: e.CHANGES_OVERLAP * 1_000,
        checkMs: e.COUNT_CHECK_INTERVAL * 1_000,
      },
      webhooks: {
        bodyLimitBytes: e.WEBHOOK_BODY_LIMIT,
        roomBytes: e.WEBHOOK_MEMORY ?? Math.max(4 * e.WEBHOOK_BODY_LIMIT, 1_048_576),
        answerWithinMs: e.WEBHOOK_TIMEOUT * 1_000,
      },
    },
    google:
      e.GOOGLE_SHEET_ID && e.GOOGLE_SERVICE_ACCOUNT_EMAIL && e.GOOGLE_PRIVATE_KEY
        ? {
            spreadsheetId: e.GOOGLE_SHEET_ID,
            serviceAccountEmail: e.GOOGLE_SERVICE_ACCOUNT_EMAIL,
            privateKey: new Secret(e.GOOGLE_PRIVATE_KEY.replaceAll("\\n", "\n")),
            baseUrl: e.GOOGLE_SHEETS_BASE_URL,
          }
        : undefined,
    sheet: sheetSettingsOf(e),
    rules: {
      charityInTotals: e.CHARITY_IN_TOTALS,
      underShopSales: e.UNDERSHOP_SALES,
      classes: e.TICKET_TYPE_CLASSES ?? {},
      soldOut: {
        ...defaultSoldOutPolicy,
        nearlyFromPercents: e.NEARLY_SOLD_OUT,
        reopenPlaces: e.REOPEN_PLACES,
        reopenPercent: e.REOPEN_PERCENT,
      },
    },
  };
}

export const faultOf = ({ path, message }: z.core.$ZodIssue, given: Record<string, unknown>) => {
  const name = String(path[0] ?? "the environment");
  return given[name] === undefined ? `${name} is missing` : `${name} ${message}`;
};

type Given = Record<string, string | undefined>;

/** In a manifest an unset variable often arrives as an empty one, and a secret's file ends with a newline. */
export const setVariables = (env: Given): Given =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  );

const accountsOf = (regions: string[], given: Given): AccountConfig[] =>
  regions.flatMap((region) => {
    const apiKey = given[`${region}_API`];
    if (apiKey === undefined) return [];
    const keys = given[`${region}_WEBHOOK_SECRET`] ?? given.VIVENU_SECRET ?? "";
    return {
      region,
      apiKey: new Secret(apiKey),
      webhookKeys: names.parse(keys).map((key) => new Secret(key)),
      sellerId: given[`${region}_SELLER_ID`],
    };
  });

function accountFaults(regions: string[], accounts: AccountConfig[]): string[] {
  if (accounts.length === 0)
    return [`no account: set at least one of ${regions.map((name) => `${name}_API`).join(", ")}`];
  return accounts
    .filter(({ apiKey }) => !/^[\x21-\x7e]+$/.test(apiKey.reveal()))
    .map(({ region }) => `${region}_API holds a character that no key can`);
}

const webhookKeyFaults = (regions: string[], given: Given): string[] =>
  ["VIVENU_SECRET", ...regions.map((region) => `${region}_WEBHOOK_SECRET`)]
    .filter((name) => {
      const keys = given[name] === undefined ? undefined : names.parse(given[name]);
      return keys && (keys.length === 0 || keys.some((key) => key.length < SHORTEST_KEY));
    })
    .map((name) => `${name} must be ${SHORTEST_KEY} characters at least`);

/** The sheet needs all three or none: a part of them is a mistake, not a wish for no sheet. */
function googleFaults(given: Given): string[] {
  const wanted = ["GOOGLE_SERVICE_ACCOUNT_EMAIL", "GOOGLE_PRIVATE_KEY", "GOOGLE_SHEET_ID"];
  const missing = wanted.filter((name) => given[name] === undefined);
  if (missing.length === wanted.length) return [];
  return missing.map((name) => `${name} is missing (the sheet needs ${wanted.join(", ")})`);
}

/** The one setting that `migrate` needs. */
export function databaseUrlOf(env: Given): string {
  const parsed = Environment.pick({ DATABASE_URL: true }).safeParse(setVariables(env));
  if (!parsed.success)
    throw new UnusableEnvironment(["DATABASE_URL is missing or not a postgres:// address"]);
  return parsed.data.DATABASE_URL.reveal();
}
