import type { Config } from "../../config/config.ts";
import { isFailure } from "../../lib/failure.ts";
import { googleSpreadsheet } from "../../sheets/google/google.ts";
import { type Found, sameTitle, tabOf } from "../../sheets/google/spreadsheet.ts";
import { type TabHead, tabHeads } from "../../sheets/layout/layout.ts";
import { isTaken } from "../../sheets/sync/plan.ts";
import { type Finding, ok, said, unchecked, wrong } from "./finding.ts";

const TIMEOUT_MS = 20_000;

/** The spreadsheet and each copy of it. */
export async function checkSheets({ google, sheet }: Config): Promise<Finding[]> {
  if (!google) return [unchecked("spreadsheet", "none is configured, so none is written")];
  const { layout, copies } = sheet;
  const first = { id: google.spreadsheetId, tabs: undefined };
  const found = [first, ...copies].map(({ id, tabs }, index) =>
    checkSheet({
      google: { ...google, spreadsheetId: id },
      heads: tabHeads({ ...layout, ...(tabs && { tabs }) }),
      check: index === 0 ? "spreadsheet" : `spreadsheet, copy ${index}`,
      named: index === 0 ? "GOOGLE_SHEET_ID" : `of SHEET_COPIES ${id}`,
    }),
  );
  return (await Promise.all(found)).flat();
}

interface Checked {
  google: NonNullable<Config["google"]>;
  heads: readonly TabHead[];
  check: string;
  /** Where its id is said. */
  named: string;
}

async function checkSheet({ google, heads, check, named }: Checked): Promise<Finding[]> {
  const { privateKey, baseUrl, ...rest } = google;
  try {
    const spreadsheet = googleSpreadsheet({
      ...rest,
      privateKey: privateKey.reveal(),
      timeoutMs: TIMEOUT_MS,
      ...(baseUrl && { baseUrl }),
    });
    const found = await spreadsheet.read(heads);
    // Gives a tab the title that it has: changes nothing, and only an editor may.
    const [sheetId = 0] = found.takenIds;
    const [title = ""] = found.titles ?? [];
    const properties = { sheetId, title };
    await spreadsheet.write([{ updateSheetProperties: { properties, fields: "title" } }]);
    return [ok(check, `it can be read and written${tabsIn(found, heads)}`), ...taken()];

    function taken() {
      const titles = heads.flatMap((head) => (isTaken(head, found) ? head.title : []));
      if (titles.length === 0) return [];
      const what = `tabs that are not ours have the titles ${titles.join(", ")}, and ours are not written`;
      return [wrong(check, what, "rename these tabs, or give ours other titles by SHEET_TITLES")];
    }
  } catch (error) {
    const mend = mendOf(error, `${named} with ${google.serviceAccountEmail}`);
    return [wrong(check, said(error), mend)];
  }
}

function mendOf(error: unknown, sharing: string): string {
  if (isFailure(error, "unavailable"))
    return "check that Google Sheets is reachable; Google may answer later";
  // What was refused before the spreadsheet was asked for is the key's.
  if (!isFailure(error) || error.context.status === undefined)
    return "check GOOGLE_SERVICE_ACCOUNT_EMAIL and GOOGLE_PRIVATE_KEY";
  return `mend what Google names; where that is nothing else, share the spreadsheet ${sharing} as an editor`;
}

/** What people called ours otherwise. */
function tabsIn({ tabs }: Found, heads: readonly TabHead[]) {
  if (tabs.length === 0) return "; its tabs are made at the first sync";
  const renamed = heads.flatMap((head) => {
    const there = tabOf(tabs, head);
    return there && !sameTitle(there.title, head.title)
      ? `; ${head.title} is called ${there.title} in it`
      : [];
  });
  return renamed.join("");
}
