import { z } from "zod";
import { isZone } from "../lib/zones.ts";
import { DEFAULT_REQUESTS_PER_MINUTE } from "./google/limiter.ts";
import { defaultLayout, type LayoutSettings, type TabName, tabNames } from "./layout/layout.ts";
import { defaultMirrorPace } from "./sync/pace.ts";

/** One more spreadsheet: of some regions or events only, with tabs of its own choice. */
export interface SheetCopy {
  id: string;
  regions: readonly string[] | undefined;
  eventIds: readonly string[] | undefined;
  tabs: readonly TabName[] | undefined;
}

export interface SheetSettings {
  layout: LayoutSettings;
  gatherMs: number;
  lookMs: number;
  statusMs: number;
  requestsPerMinute: number;
  /** The newest so many of each event. */
  salesDays: number;
  /** The newest so many. */
  changes: number;
  copies: readonly SheetCopy[];
}

const names = z.string().transform((text) =>
  text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean),
);
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

const EVENTS_OWN = "event";
const timezone = z.string().refine((zone) => zone === EVENTS_OWN || isZone(zone), {
  error: 'must be "event" or a timezone like Europe/Berlin',
});

const pattern = (letters: RegExp) =>
  z.string().regex(letters, "must be a pattern like yyyy-mm-dd or dd.mm.yyyy hh:mm");

const Copy = z.strictObject({
  id: z.string().min(1),
  regions: z.array(z.string().toUpperCase()).min(1).optional(),
  eventIds: z.array(z.string().min(1)).min(1).optional(),
  tabs: z.array(z.enum(tabNames)).min(1).optional(),
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

const whole = (from: number, to: number) => z.coerce.number().int().min(from).max(to);

/** The sheet's variables: what each must be, and what the documentation says of it. */
export const sheetVariables = {
  SHEET_TABS: TabList.default([...tabNames]).describe(
    `Which tabs the sheet has: some of ${tabNames.join(", ")}.`,
  ),
  SHEET_TITLES: titles
    .default({ ...defaultLayout.titles })
    .describe("Other titles of tabs, as `events=Races,status=Health`."),
  SHEET_TIMEZONE: timezone
    .default(EVENTS_OWN)
    .describe("What clock the sheet's times are by: each event's own (`event`), or one for all."),
  SHEET_DATE_FORMAT: pattern(/^[ymd ./"'-]+$/i)
    .default(defaultLayout.dateFormat)
    .describe("How days look in new cells, as Google writes patterns."),
  SHEET_DATE_TIME_FORMAT: pattern(/^[ymdhsap ./:"'-]+$/i)
    .default(defaultLayout.dateTimeFormat)
    .describe("How times look in new cells."),
  SHEET_GATHER: whole(0, 600)
    .default(defaultMirrorPace.gatherMs / 1_000)
    .describe("Seconds for which changes are gathered before the sheet is written."),
  SHEET_HEAL_INTERVAL: whole(10, 86_400)
    .default(defaultMirrorPace.lookMs / 1_000)
    .describe(
      "Seconds after which the sheet is looked at unasked, and what people overwrote is put right.",
    ),
  SHEET_STATUS_INTERVAL: whole(60, 86_400)
    .default(defaultMirrorPace.statusMs / 1_000)
    .describe("Seconds after which the Status tab's times are written when nothing else is."),
  SHEET_REQUESTS_PER_MINUTE: whole(2, 300)
    .default(DEFAULT_REQUESTS_PER_MINUTE)
    .describe(
      "Reads, and writes, of Google Sheets a minute, over all spreadsheets. Google allows 60.",
    ),
  SHEET_SALES_DAYS: whole(1, 3_650)
    .default(90)
    .describe("How many of each event's newest days Sales by Day shows."),
  SHEET_CHANGES: whole(1, 100_000)
    .default(2_000)
    .describe("How many of the newest changes Sales Date Changes shows."),
  SHEET_COPIES: copies
    .default([])
    .describe(
      'More spreadsheets, as JSON: `[{"id": "...", "regions": ["DACH"], "eventIds": ["..."], "tabs": ["events"]}]`; all but `id` may be left out.',
    ),
};

const Variables = z.object(sheetVariables);

export const sheetSettingsOf = (e: z.output<typeof Variables>): SheetSettings => ({
  layout: {
    tabs: e.SHEET_TABS,
    titles: e.SHEET_TITLES,
    timezone: e.SHEET_TIMEZONE === EVENTS_OWN ? null : e.SHEET_TIMEZONE,
    dateFormat: e.SHEET_DATE_FORMAT,
    dateTimeFormat: e.SHEET_DATE_TIME_FORMAT,
  },
  gatherMs: e.SHEET_GATHER * 1_000,
  lookMs: e.SHEET_HEAL_INTERVAL * 1_000,
  statusMs: e.SHEET_STATUS_INTERVAL * 1_000,
  requestsPerMinute: e.SHEET_REQUESTS_PER_MINUTE,
  salesDays: e.SHEET_SALES_DAYS,
  changes: e.SHEET_CHANGES,
  copies: e.SHEET_COPIES.map(({ id, regions, eventIds, tabs }) => ({
    id,
    regions,
    eventIds,
    tabs,
  })),
});

export const defaultSheetSettings = sheetSettingsOf(Variables.parse({}));
