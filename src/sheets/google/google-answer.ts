import type { sheets_v4 } from "@googleapis/sheets";
import { z } from "zod";
import { sameTitle } from "./spreadsheet.ts";

const Tab = z.object({ properties: z.object({ sheetId: z.int().optional(), title: z.string() }) });
const Tabs = z.array(Tab).min(1);
const Token = z.object({ access_token: z.string().min(1) });

/** Google has every spreadsheet's id in its answer where it is asked for, and nobody else knows it. */
export const isSpreadsheet =
  (spreadsheetId: string, titles: readonly string[] = []) =>
  (data: sheets_v4.Schema$Spreadsheet) => {
    const answered = z.object({ spreadsheetId: z.literal(spreadsheetId), sheets: Tabs });
    const parsed = answered.safeParse(data);
    if (!parsed.success) return false;
    const found = parsed.data.sheets.map(({ properties }) => properties.title);
    return titles.every((title) => found.some((one) => sameTitle(one, title)));
  };

/** What Google answers when it has carried out all requests: one reply for each. */
export const isWritten =
  (spreadsheetId: string, { requests, titles }: { requests: number; titles: readonly string[] }) =>
  (data: sheets_v4.Schema$BatchUpdateSpreadsheetResponse) => {
    const replies = z.array(z.unknown()).length(requests).optional();
    const answered = z.object({ spreadsheetId: z.literal(spreadsheetId), replies });
    if (!answered.safeParse(data).success) return false;
    return (
      titles.length === 0 || isSpreadsheet(spreadsheetId, titles)(data.updatedSpreadsheet ?? {})
    );
  };

export const isToken = (data: unknown) => Token.safeParse(data).success;
