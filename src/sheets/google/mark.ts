import type { sheets_v4 } from "@googleapis/sheets";
import { z } from "zod";
import type { Mark, SheetRequest } from "./spreadsheet.ts";

const KEY = "vivenu-event-monitor.tab";

/** It names the tab's own number: a copy of the tab, which has another one, may have got it from its original. */
const Said = z.object({ name: z.string(), title: z.string(), sheetId: z.int() });

/** Google calls it developer metadata: nobody sees it in the sheet, and it is deleted with its tab. */
export const markTab = (
  sheetId: number,
  { name, title }: Mark,
): Pick<SheetRequest, "createDeveloperMetadata"> => ({
  createDeveloperMetadata: {
    developerMetadata: {
      metadataKey: KEY,
      metadataValue: JSON.stringify({ name, title, sheetId }),
      location: { sheetId },
      visibility: "DOCUMENT",
    },
  },
});

export function markIn(
  { metadataKey, metadataValue }: sheets_v4.Schema$DeveloperMetadata,
  sheetId: number,
): Mark | undefined {
  if (metadataKey !== KEY) return undefined;
  const said = Said.safeParse(parsed(metadataValue ?? ""));
  if (!said.success || said.data.sheetId !== sheetId) return undefined;
  const { name, title } = said.data;
  return { name, title };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
