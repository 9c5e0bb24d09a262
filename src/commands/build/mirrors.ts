import { agoMs, type Clock } from "../../lib/clock.ts";
import { googleSpreadsheet } from "../../sheets/google/google.ts";
import { limiter } from "../../sheets/google/limiter.ts";
import { filterRows } from "../../sheets/layout/filter.ts";
import { defaultSheetSettings } from "../../sheets/settings.ts";
import { createMirror, type Mirror } from "../../sheets/sync/mirror.ts";
import { type SheetOptions, sheetReader } from "./sheet-reader.ts";

const GOOGLE_TIMEOUT_MS = 30_000;

/** One for each spreadsheet; all of them keep within one limit, because Google counts the account. */
export function buildMirrors(options: SheetOptions): Mirror[] {
  const { config, clock, logger, onSheetRequest, settings = defaultSheetSettings } = options;
  if (!config.google) return [];
  const { privateKey, baseUrl, spreadsheetId, ...google } = config.google;
  const { admit } = limiter({ clock, perMinute: settings.requestsPerMinute });
  const readAll = together(sheetReader({ ...options, caches: true }), clock);
  const all = {
    id: spreadsheetId,
    regions: undefined,
    eventIds: undefined,
    tabs: undefined,
    columns: undefined,
  };
  return [all, ...settings.copies].map(({ id, tabs, columns, ...filter }, sheet) =>
    createMirror({
      spreadsheet: googleSpreadsheet({
        ...google,
        spreadsheetId: id,
        privateKey: privateKey.reveal(),
        timeoutMs: GOOGLE_TIMEOUT_MS,
        admit: (use) => admit(use, () => options.onProgress?.(sheet)),
        ...(baseUrl && { baseUrl }),
        ...(options.onGoogleDate && { onDate: options.onGoogleDate }),
        onAttempt(outcome) {
          onSheetRequest?.(outcome);
          if (outcome === "answered") options.onProgress?.(sheet);
        },
      }),
      readRows: async () => filterRows(await readAll(), filter),
      clock,
      logger,
      settings: { ...settings.layout, ...(tabs && { tabs }), ...(columns && { columns }) },
      gatherMs: settings.gatherMs,
      lookMs: settings.lookMs,
      statusMs: settings.statusMs,
    }),
  );
}

const SAME_MOMENT_MS = 500;

/** Several spreadsheets that are woken by the same signal share one read. */
export function together<Rows>(read: () => Promise<Rows>, clock: Clock) {
  let last: { at: number; rows: Promise<Rows> } | undefined;
  return () => {
    const at = clock.now().getTime();
    if (last && agoMs(last.at, at) < SAME_MOMENT_MS) return last.rows;
    last = { at, rows: read() };
    return last.rows;
  };
}
