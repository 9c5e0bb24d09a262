import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { isZone } from "../lib/zones.ts";
import { columnChoices, defaultLayout, tabNames } from "../sheets/layout/layout.ts";
import { defaultSheetSettings, type SheetSettings } from "../sheets/settings.ts";
import { Secret } from "./secret.ts";
import { type Given, names, origin, secondsOf, type Values, whole } from "./values.ts";

const TabList = names.pipe(
  z.array(z.enum(tabNames, `must be some of ${tabNames.join(", ")}`)).min(1, "names no tab"),
);

const TITLE_LENGTH = 100;
const titles = names
  .transform((pairs) => pairs.map((pair) => pair.split("=").map((part) => part.trim())))
  .pipe(
    z.array(
      z.tuple([z.enum(tabNames), z.string().min(1).max(TITLE_LENGTH)], {
        error: `must be like events=Races,status=Health; tabs are ${tabNames.join(", ")}`,
      }),
    ),
  )
  .transform((pairs) => ({ ...defaultLayout.titles, ...Object.fromEntries(pairs) }))
  .refine(
    (chosen) =>
      new Set(Object.values(chosen).map((title) => title.toLowerCase())).size === tabNames.length,
    { error: "gives two tabs one title" },
  );

const SPREADSHEETS_OWN = "spreadsheet";
/** What it was before only the service's own times were by it. */
const NONE = "event";
const timezone = z
  .string()
  .refine((zone) => zone === SPREADSHEETS_OWN || zone === NONE || isZone(zone), {
    error: 'must be "spreadsheet" or a timezone like Europe/Berlin',
  });

const pattern = (letters: RegExp) =>
  z.string().regex(letters, "must be a pattern like yyyy-mm-dd or dd.mm.yyyy hh:mm");

const Copy = z.strictObject({
  id: z.string().min(1),
  regions: z.array(z.string().toUpperCase()).min(1).optional(),
  eventIds: z.array(z.string().min(1)).min(1).optional(),
  tabs: z.array(z.enum(tabNames)).min(1).optional(),
  columns: z.enum(columnChoices).optional(),
});

const copies = z.string().transform((text, context) => {
  const parsed = z.array(Copy).safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const message = 'must be JSON like [{"id": "<spreadsheet id>", "regions": ["DACH"]}]';
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const sheetVariables = {
  GOOGLE_SERVICE_ACCOUNT_EMAIL: z
    .string()
    .optional()
    .describe("The service account that writes the sheet."),
  GOOGLE_PRIVATE_KEY: z
    .string()
    .refine(
      isPrivateKey,
      "is no private key: give what stands between the quotes of private_key in the key file",
    )
    .optional()
    .describe("Its private key (PEM), with `\\n` as text."),
  GOOGLE_SHEET_ID: z
    .string()
    .refine((id) => !id.includes("/"), "is the part of the address between /d/ and /edit")
    .optional()
    .describe("The spreadsheet's id. With none of the three, no sheet is written."),
  GOOGLE_SHEETS_BASE_URL: origin
    .optional()
    .describe("A stand-in for Google Sheets; unset, the real one."),
  SHEET_TABS: TabList.default([...tabNames]).describe(
    `Which tabs the sheet has: some of ${tabNames.join(", ")}.`,
  ),
  SHEET_COLUMNS: z
    .enum(columnChoices, `must be ${columnChoices.join(" or ")}`)
    .default(defaultLayout.columns)
    .describe(
      "`all`, or only the `fixed` columns of Events, Ticket Types and Sales by Day, without those to their right.",
    ),
  SHEET_TITLES: titles
    .default({ ...defaultLayout.titles })
    .describe(
      "What tabs are called when they are made, as `events=Races,status=Health`. A tab that is there is renamed in the sheet; another title here makes another tab.",
    ),
  SHEET_TIMEZONE: timezone
    .default(SPREADSHEETS_OWN)
    .describe(
      "What clock the service's own times are by (Last Updated, Changed At, Counted At): the spreadsheet's (`spreadsheet`; UTC in files), or that of a zone. An event's dates are by the event's.",
    ),
  SHEET_DATE_FORMAT: pattern(/^[ymd ./"'-]+$/i)
    .default(defaultLayout.dateFormat)
    .describe("How days look in new cells, as Google writes patterns."),
  SHEET_DATE_TIME_FORMAT: pattern(/^[ymdhsap ./:"'-]+$/i)
    .default(defaultLayout.dateTimeFormat)
    .describe("How times look in new cells."),
  SHEET_GATHER: whole(0, 600)
    .default(secondsOf(defaultSheetSettings.gatherMs))
    .describe(
      "Seconds from one sync of the sheet to the next at least; changes are gathered meanwhile. What comes later is written at once.",
    ),
  SHEET_HEAL_INTERVAL: whole(10, 86_400)
    .default(secondsOf(defaultSheetSettings.lookMs))
    .describe(
      "Seconds after which all tabs are looked at, and what people overwrote is put right; between that only tabs whose rows changed are read.",
    ),
  SHEET_STATUS_INTERVAL: whole(60, 86_400)
    .default(secondsOf(defaultSheetSettings.statusMs))
    .describe("Seconds after which the Status tab's times are written when nothing else is."),
  SHEET_REQUESTS_PER_MINUTE: whole(2, 300)
    .default(defaultSheetSettings.requestsPerMinute)
    .describe(
      "Reads, and writes, of Google Sheets a minute, over all spreadsheets. Google allows 60.",
    ),
  SHEET_SALES_DAYS: whole(1, 3_650)
    .default(defaultSheetSettings.salesDays)
    .describe(
      "How many rows of each event Sales by Day has at most: where it has had more days, old ones are told week by week (long sales in four weeks), but never those of the week of its launch.",
    ),
  SHEET_CHANGES: whole(1, 100_000)
    .default(defaultSheetSettings.changes)
    .describe("How many of the newest changes Changes and Sales Date Changes show."),
  SHEET_COPIES: copies
    .default([])
    .describe(
      'More spreadsheets, as JSON: `[{"id": "...", "regions": ["DACH"], "eventIds": ["..."], "tabs": ["events"], "columns": "fixed"}]`; all but `id` may be left out.',
    ),
};

export const sheetSettings = (e: Values<typeof sheetVariables>): SheetSettings => ({
  layout: {
    tabs: e.SHEET_TABS,
    columns: e.SHEET_COLUMNS,
    titles: e.SHEET_TITLES,
    timezone: isZone(e.SHEET_TIMEZONE) ? e.SHEET_TIMEZONE : null,
    dateFormat: e.SHEET_DATE_FORMAT,
    dateTimeFormat: e.SHEET_DATE_TIME_FORMAT,
  },
  gatherMs: e.SHEET_GATHER * 1_000,
  lookMs: e.SHEET_HEAL_INTERVAL * 1_000,
  statusMs: e.SHEET_STATUS_INTERVAL * 1_000,
  requestsPerMinute: e.SHEET_REQUESTS_PER_MINUTE,
  salesDays: e.SHEET_SALES_DAYS,
  changes: e.SHEET_CHANGES,
  copies: e.SHEET_COPIES.map(({ id, regions, eventIds, tabs, columns }) => ({
    id,
    regions,
    eventIds,
    tabs,
    columns,
  })),
});

/** In the key file, and in most variables, ends of lines are text. */
const pemOf = (key: string) => key.replaceAll("\\n", "\n");

function isPrivateKey(key: string): boolean {
  try {
    createPrivateKey(pemOf(key));
    return true;
  } catch {
    return false;
  }
}

export const googleSettings = (e: Values<typeof sheetVariables>) =>
  e.GOOGLE_SHEET_ID && e.GOOGLE_SERVICE_ACCOUNT_EMAIL && e.GOOGLE_PRIVATE_KEY
    ? {
        spreadsheetId: e.GOOGLE_SHEET_ID,
        serviceAccountEmail: e.GOOGLE_SERVICE_ACCOUNT_EMAIL,
        privateKey: new Secret(pemOf(e.GOOGLE_PRIVATE_KEY)),
        baseUrl: e.GOOGLE_SHEETS_BASE_URL,
      }
    : undefined;

/** The sheet needs all three or none: a part of them is a mistake, not a wish for no sheet. */
export function googleFaults(given: Given): string[] {
  const wanted = ["GOOGLE_SERVICE_ACCOUNT_EMAIL", "GOOGLE_PRIVATE_KEY", "GOOGLE_SHEET_ID"];
  const missing = wanted.filter((name) => given[name] === undefined);
  if (missing.length === wanted.length) return [];
  return missing.map((name) => `${name} is missing (the sheet needs ${wanted.join(", ")})`);
}
