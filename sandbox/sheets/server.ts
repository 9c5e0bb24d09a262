import type postgres from "postgres";
import { faultRoutes } from "../faults/admin.ts";
import type { FaultSwitch } from "../faults/board.ts";
import type { Played } from "../played.ts";
import { account, createKey } from "./account.ts";
import { apiRoutes, type Call, type Route } from "./api.ts";
import { type Book, openBook } from "./book.ts";
import { type SheetsFaultSettings, sheetsFaults } from "./faults.ts";
import { page } from "./page.ts";
import { personRoutes } from "./person.ts";
import { createQuota, type QuotaLimits } from "./quota.ts";
import { errorBody, Refusal } from "./refusal.ts";
import { openStore } from "./store.ts";

export interface SheetsOptions {
  /** Of the database in which the schema `sheets` is kept, and made if it is not there. */
  sql: postgres.Sql;
  /** 0 takes a free one. */
  port: number;
  hostname?: string;
  /** Is there from the start, with one empty tab. */
  spreadsheetId: string;
  /** More spreadsheets, for configurations with several. */
  copies?: readonly string[];
  serviceAccountEmail: string;
  /** What the quota's minutes are measured with. */
  now?: () => Date;
  log: (line: string) => void;
  /** Google's own limits if it is left out. */
  quota?: QuotaLimits;
  /** Faults from the start on; at run time `PUT /sandbox/faults` sets others. */
  faults?: SheetsFaultSettings;
}

export interface PlayedSheets extends Played {
  /** The service account's private key as PEM, made once and kept with the spreadsheet. */
  privateKey: string;
  faults: FaultSwitch<SheetsFaultSettings>;
}

const GOOGLES_QUOTA: QuotaLimits = {
  readsPerMinute: 60,
  writesPerMinute: 60,
  perMinuteAndProject: 300,
};

const LARGEST_BODY_BYTES = 256 * 1024 * 1024;

const PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
};

/** Google Sheets with one spreadsheet or a few, one account that may edit them, and a page to look at them. */
export async function playSheets(options: SheetsOptions): Promise<PlayedSheets> {
  const { log, spreadsheetId, serviceAccountEmail, now = () => new Date() } = options;
  const store = await openStore(options.sql);
  const privateKey = await store.keyOf(serviceAccountEmail, createKey);
  const books = new Map<string, Book>();
  for (const id of [spreadsheetId, ...(options.copies ?? [])])
    books.set(id, await openBook(store, id));
  const bookOf = (id: string | null) => books.get(id ?? spreadsheetId);
  const routes: Route[] = [
    ...apiRoutes({
      bookOf,
      robot: account(serviceAccountEmail, privateKey),
      quota: createQuota(options.quota ?? GOOGLES_QUOTA, now),
      log,
    }),
    { method: "GET", pattern: /^\/sheets\/?$/, answer: show },
  ];
  const faults = sheetsFaults(options.faults);
  const server = Bun.serve({
    port: options.port,
    hostname: options.hostname ?? "127.0.0.1",
    maxRequestBodySize: LARGEST_BODY_BYTES,
    routes: { ...faultRoutes(faults), ...personRoutes(bookOf) },
    fetch: (request, own) =>
      faults.around({ request, server: own }, (asked) =>
        handle(asked).catch((error) => refuse(error, asked)),
      ),
  });
  return {
    url: `http://${server.hostname}:${server.port}`,
    privateKey,
    faults,
    async stop() {
      await server.stop(true);
      for (const book of books.values()) await book.settled();
    },
  };

  async function handle(request: Request) {
    const url = new URL(request.url);
    for (const { method, pattern, answer } of routes) {
      const match = pattern.exec(url.pathname);
      if (!match || request.method !== method) continue;
      return answer({ request, url, caught: match.slice(1).map(decodeURIComponent) });
    }
    throw new Refusal(404, "The requested URL was not found on this server.");
  }

  function refuse(error: unknown, request: Request) {
    if (!(error instanceof Refusal)) log(`sheets: ${error instanceof Error ? error.stack : error}`);
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, "Internal error encountered.");
    log(`sheets: ${request.method} refused, ${refusal.code}: ${refusal.message.slice(0, 300)}`);
    return Response.json(errorBody(refusal), { status: refusal.code });
  }

  function show({ url: { searchParams } }: Call) {
    const from = Number.parseInt(searchParams.get("from") ?? "", 10) || 0;
    const id = searchParams.get("id");
    const book = bookOf(id);
    if (!book) throw new Refusal(404, "Requested entity was not found.");
    const [gid, view] = [searchParams.get("gid"), searchParams.get("view")];
    const query = { gid, view, from: Math.max(0, from), id };
    const html = page(book.current(), query);
    return new Response(html, { headers: PAGE_HEADERS });
  }
}
