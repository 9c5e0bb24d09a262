import type { Config } from "../../config/config.ts";
import { isFailure } from "../../lib/failure.ts";
import { googleSpreadsheet } from "../../sheets/google/google.ts";
import { type Finding, ok, said, unchecked, wrong } from "./finding.ts";

const TIMEOUT_MS = 20_000;

export async function checkSheet({ google }: Config): Promise<Finding[]> {
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
