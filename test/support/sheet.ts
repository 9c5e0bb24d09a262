import type { sheets_v4 } from "@googleapis/sheets";
import { type PlayedSheets, playSheets, type SheetsOptions } from "../../sandbox/sheets/server.ts";
import { visit } from "../../sandbox/sheets/visit.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { createLogger } from "../../src/lib/logger.ts";
import { googleSpreadsheet } from "../../src/sheets/google/google.ts";
import type { SheetRequest, Spreadsheet } from "../../src/sheets/google/spreadsheet.ts";
import {
  defaultLayout,
  type SheetEvent,
  type SheetRows,
  type SheetTicketType,
} from "../../src/sheets/layout/layout.ts";
import { createMirror, type MirrorOptions } from "../../src/sheets/sync/mirror.ts";
import { playedDatabase } from "./played-database.ts";

export const spreadsheetId = "mirrored";
export const serviceAccountEmail = "mirror@played.example.com";

/** Where it counts which column is which: without those that came later. */
export const fixedColumns = { ...defaultLayout, columns: "fixed" } as const;

/** Like Vivenu's: 24 hexadecimal digits. */
export const idOf = (number: number) => (number + 1).toString(16).padStart(24, "0");

export const event = (more: Partial<SheetEvent> = {}): SheetEvent => ({
  eventId: idOf(0),
  region: "DACH",
  eventName: "HYROX Anytown",
  eventDate: "2026-04-01T10:00:00Z",
  timezone: "Europe/Berlin",
  salesLaunchDate: "2026-01-15T09:00:00Z",
  status: "ON_SALE",
  totalCapacity: 300,
  totalSold: 100,
  totalAvailable: 200,
  percentSold: 33.33,
  lastUpdated: "2026-03-01T08:00:00Z",
  ...more,
});

export const ticketType = (more: Partial<SheetTicketType> = {}): SheetTicketType => ({
  eventId: idOf(0),
  eventName: "HYROX Anytown",
  region: "DACH",
  timezone: "Europe/Berlin",
  ticketTypeId: idOf(100),
  ticketName: "HYROX MEN",
  price: 99.5,
  currency: "EUR",
  capacity: 300,
  sold: 100,
  available: 200,
  lastUpdated: "2026-03-01T08:00:00Z",
  ...more,
});

export interface Scene extends AsyncDisposable {
  played: PlayedSheets;
  /** What the mirror reads; tests change it. */
  rows: { -readonly [Name in keyof SheetRows]: SheetRows[Name] };
  writes: SheetRequest[][];
  spreadsheet: Spreadsheet;
  mirror: ReturnType<typeof createMirror>;
  client(more?: { timeoutMs?: number; id?: string }): Spreadsheet;
  mirrorOnto(spreadsheet: Spreadsheet, more?: Partial<MirrorOptions>): Scene["mirror"];
  /** A range as a person sees it. */
  show(range: string, render?: string): Promise<(string | number | boolean)[][]>;
  /** What a person does, by the admin route. */
  edit(...requests: SheetRequest[]): Promise<void>;
  editIn(id: string, ...requests: SheetRequest[]): Promise<void>;
  tab(title: string): Promise<sheets_v4.Schema$Sheet>;
  sheetId(title: string): Promise<number>;
}

/** A played spreadsheet, a mirror onto it whose writes are counted, and a person who works in it. */
export async function scene(
  more: Partial<SheetsOptions> & { clock?: Clock; mirror?: Partial<MirrorOptions> } = {},
): Promise<Scene> {
  const database = await playedDatabase();
  const { clock = systemClock, mirror: mirrorOptions, ...options } = more;
  const played = await playSheets({
    sql: database.sql,
    port: 0,
    spreadsheetId,
    serviceAccountEmail,
    log: () => {},
    quota: { readsPerMinute: 100_000, writesPerMinute: 100_000 },
    ...options,
  });
  const rows: SheetRows = { events: [event()], ticketTypes: [ticketType()] };
  const writes: SheetRequest[][] = [];
  const { url, privateKey } = played;
  const client: Scene["client"] = ({ timeoutMs = 5_000, id = spreadsheetId } = {}) => {
    const account = { serviceAccountEmail, privateKey };
    return googleSpreadsheet({ spreadsheetId: id, ...account, baseUrl: url, timeoutMs });
  };
  const google = client();
  const spreadsheet: Spreadsheet = {
    ...google,
    write(requests, readBack) {
      writes.push([...requests]);
      return google.write(requests, readBack);
    },
  };
  const mirrorOnto: Scene["mirrorOnto"] = (onto, others) =>
    createMirror({
      spreadsheet: onto,
      readRows: async () => rows,
      clock,
      logger: createLogger("silent"),
      ...mirrorOptions,
      ...others,
    });
  const person = visit({ url, privateKey, serviceAccountEmail });
  return {
    ...{ played, rows, writes, spreadsheet, client, mirrorOnto },
    mirror: mirrorOnto(spreadsheet),
    async show(range, valueRenderOption = "FORMATTED_VALUE") {
      const asked = { spreadsheetId, range, valueRenderOption };
      return (await person.values.get(asked)).data.values ?? [];
    },
    edit: (...requests) => editIn(spreadsheetId, ...requests),
    editIn,
    tab,
    sheetId: async (title) => (await tab(title)).properties?.sheetId ?? -1,
    async [Symbol.asyncDispose]() {
      await played.stop();
      await database[Symbol.asyncDispose]();
    },
  };

  async function editIn(id: string, ...requests: SheetRequest[]) {
    const body = JSON.stringify({ requests });
    const answer = await fetch(`${url}/sandbox/person?id=${id}`, { method: "POST", body });
    if (!answer.ok) throw new Error(await answer.text());
  }

  async function tab(title: string) {
    const { data } = await person.get({ spreadsheetId, includeGridData: true });
    const found = data.sheets?.find(({ properties }) => properties?.title === title);
    if (!found) throw new Error(`no tab ${title}`);
    return found;
  }
}

/** Puts values from a cell on, as a person types them. */
export const type = (
  sheetId: number,
  rowIndex: number,
  columnIndex: number,
  ...values: (string | number)[]
): SheetRequest => ({
  updateCells: {
    start: { sheetId, rowIndex, columnIndex },
    rows: [
      {
        values: values.map((value) => ({
          userEnteredValue:
            typeof value === "number"
              ? { numberValue: value }
              : value.startsWith("=")
                ? { formulaValue: value }
                : { stringValue: value },
        })),
      },
    ],
    fields: "userEnteredValue",
  },
});

/** A clock that stands until it is moved; a pause moves it. */
export function steppedClock(start = "2026-03-01T12:00:00Z") {
  let now = Date.parse(start);
  const pauses: number[] = [];
  return {
    now: () => new Date(now),
    async pause(ms: number) {
      pauses.push(ms);
      now += ms;
    },
    pass(ms: number) {
      now += ms;
    },
    pauses,
  };
}
