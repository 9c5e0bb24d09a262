import { sheets, type sheets_v4 } from "@googleapis/sheets";
import { JWT } from "google-auth-library";
import { type Answer, field, refusal, request } from "../http.ts";

export type Request = sheets_v4.Schema$Request;
export type Cell = sheets_v4.Schema$CellData;

export interface Settings {
  email: string;
  privateKey: string;
  spreadsheetId: string;
  /** A stand-in for Google; its token endpoint is `/token`. */
  baseUrl: string | undefined;
  pauseMs: number;
}

/** Google's own client at one spreadsheet. */
export interface Google extends Settings {
  client: sheets_v4.Resource$Spreadsheets;
  /** One request of the API with this header of authorization and no client between. */
  plain(path: string, authorization?: string): Promise<Answer>;
  /** The token endpoint by nothing but HTTP. */
  token(form: Record<string, string>): Promise<Answer>;
}

/** A tab of the run's own. */
export interface Tab extends Google {
  sheetId: number;
  title: string;
  write(...requests: Request[]): Promise<sheets_v4.Schema$BatchUpdateSpreadsheetResponse>;
  /** Empties the tab, and writes rows from its first cell. */
  put(...rows: Cell[][]): Promise<unknown>;
  values(range: string, render?: string): Promise<unknown>;
  /** What `sheets.data` holds of a range, by a mask of its cells. */
  cells(range: string, mask: string): Promise<unknown>;
}

const TOKEN_URL = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/spreadsheets";
export const ROWS = 30;
export const COLUMNS = 8;

export function googleOf(settings: Settings): Google {
  const { email, privateKey, baseUrl, pauseMs } = settings;
  const pause = () => new Promise((resolve) => setTimeout(resolve, pauseMs));
  const auth = new JWT({
    ...{ email, key: privateKey, scopes: [SCOPE] },
    transporterOptions: { retryConfig: { retry: 0 } },
  });
  auth.transporter.interceptors.request.add({
    async resolved(asked) {
      await pause();
      if (baseUrl && asked.url.href === TOKEN_URL) asked.url = new URL("/token", baseUrl);
      return asked;
    },
  });
  const { spreadsheets } = sheets({
    ...{ version: "v4", auth, retry: false },
    ...(baseUrl && { rootUrl: baseUrl }),
  });
  return {
    ...settings,
    client: spreadsheets,
    async plain(path, authorization) {
      await pause();
      const headers = authorization ? { authorization } : {};
      return request(`${baseUrl ?? "https://sheets.googleapis.com"}/v4/${path}`, { headers });
    },
    token: (form) =>
      request(baseUrl ? `${baseUrl}/token` : TOKEN_URL, {
        method: "POST",
        body: new URLSearchParams(form),
      }),
  };
}

export async function makeTab(google: Google, title: string): Promise<Tab> {
  const { client, spreadsheetId } = google;
  const write = async (...requests: Request[]) =>
    (await client.batchUpdate({ spreadsheetId, requestBody: { requests } })).data;
  const gridProperties = { rowCount: ROWS, columnCount: COLUMNS };
  const made = await write({ addSheet: { properties: { title, gridProperties } } });
  const sheetId = Number(field(made, "replies", 0, "addSheet", "properties", "sheetId"));
  return {
    ...google,
    ...{ sheetId, title, write },
    put: (...rows) =>
      write(
        { updateCells: { range: { sheetId }, fields: "*" } },
        {
          updateCells: {
            start: { sheetId, rowIndex: 0, columnIndex: 0 },
            rows: rows.map((values) => ({ values })),
            fields: "*",
          },
        },
      ),
    async values(range, valueRenderOption = "UNFORMATTED_VALUE") {
      const asked = { spreadsheetId, range: `'${title}'!${range}`, valueRenderOption };
      return (await client.values.get(asked)).data.values ?? [];
    },
    async cells(range, mask) {
      const fields = `sheets.data.rowData.values(${mask})`;
      const { data } = await client.get({ spreadsheetId, ranges: [`'${title}'!${range}`], fields });
      return field(data, "sheets", 0, "data", 0, "rowData") ?? [];
    },
  };
}

export const removeTab = ({ client, spreadsheetId }: Google, sheetId: number) =>
  client.batchUpdate({ spreadsheetId, requestBody: { requests: [{ deleteSheet: { sheetId } }] } });

export const text = (stringValue: string): Cell => ({ userEnteredValue: { stringValue } });
export const number = (numberValue: number, type?: string, pattern?: string): Cell => ({
  userEnteredValue: { numberValue },
  ...(type && { userEnteredFormat: { numberFormat: { type, ...(pattern && { pattern }) } } }),
});

/** Of a refusal the code and Google's name for it. */
export async function refused(call: Promise<unknown>) {
  const error = await refusal(call);
  // What was never answered is no refusal.
  if (error instanceof Error && field(error, "status") === undefined) throw error;
  return `${field(error, "status")} ${field(error, "response", "data", "error", "status")}`;
}

export const INVALID = "400 INVALID_ARGUMENT";
