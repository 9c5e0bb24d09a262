import type { Account } from "./account.ts";
import { spreadsheetAnswer, type ValueRender, valuesAnswer } from "./answer.ts";
import type { Book } from "./book.ts";
import { type Mask, parseMask, pick } from "./mask.ts";
import type { Quota, Use } from "./quota.ts";
import { invalid, Refusal } from "./refusal.ts";

export interface Call {
  request: Request;
  url: URL;
  /** What the route's pattern caught. */
  caught: string[];
}

export interface Route {
  method: "GET" | "POST";
  pattern: RegExp;
  answer(call: Call): Promise<Response> | Response;
}

export interface ApiOptions {
  bookOf(id: string): Book | undefined;
  robot: Account;
  quota: Quota;
  log: (line: string) => void;
}

/** The methods of Google's Sheets API v4, and the token endpoint that goes with them. */
export function apiRoutes({ bookOf, robot, quota, log }: ApiOptions): Route[] {
  return [
    { method: "POST", pattern: /^\/token$/, answer: token },
    { method: "GET", pattern: /^\/v4\/spreadsheets\/([^/:]+)$/, answer: read },
    { method: "POST", pattern: /^\/v4\/spreadsheets\/([^/:]+):batchUpdate$/, answer: write },
    {
      method: "GET",
      pattern: /^\/v4\/spreadsheets\/([^/]+)\/values:batchGet$/,
      answer: readRanges,
    },
    { method: "GET", pattern: /^\/v4\/spreadsheets\/([^/]+)\/values\/([^/]+)$/, answer: readRange },
  ];

  async function token({ request }: Call) {
    const { status, body } = robot.grant(new URLSearchParams(await request.text()));
    return Response.json(body, { status });
  }

  /** Who calls, whether the minute has room, and whether the spreadsheet is there, in this order. */
  function admit({ request, caught }: Call, use: Use): Book {
    const caller = robot.callerOf(request.headers.get("authorization"));
    quota.take(caller.email, use);
    if (use === "Write" && !caller.mayWrite) {
      throw new Refusal(403, "Request had insufficient authentication scopes.");
    }
    // Probe: google/unknown-spreadsheet.
    const book = bookOf(caught[0] ?? "");
    if (!book) throw new Refusal(404, "Requested entity was not found.");
    return book;
  }

  function read(call: Call) {
    const spreadsheet = admit(call, "Read").current();
    const { origin, searchParams } = call.url;
    const mask = maskOf(searchParams);
    const includeGridData = asksForData(mask) ?? searchParams.get("includeGridData") === "true";
    const ranges = searchParams.getAll("ranges");
    return json(spreadsheetAnswer(spreadsheet, { ranges, includeGridData, origin }), mask);
  }

  async function write(call: Call) {
    const book = admit(call, "Write");
    const { spreadsheetId } = book.current();
    const body = await call.request.json().catch(() => {
      throw invalid("Invalid JSON payload received. Unexpected token.");
    });
    // Probe: google/answer-with-cells.
    const { after, replies, asked } = await book.write(body, "editor");
    log(`sheets: batchUpdate carried out ${replies.length} requests: ${kindsOf(asked)}`);
    const query = {
      ranges: asked.responseRanges,
      includeGridData: asked.responseIncludeGridData,
      origin: call.url.origin,
    };
    const updatedSpreadsheet = asked.includeSpreadsheetInResponse
      ? { updatedSpreadsheet: spreadsheetAnswer(after, query) }
      : {};
    return json({ spreadsheetId, replies, ...updatedSpreadsheet }, maskOf(call.url.searchParams));
  }

  function readRanges(call: Call) {
    const spreadsheet = admit(call, "Read").current();
    const ranges = call.url.searchParams.getAll("ranges");
    const valueRanges = ranges.map((range) => valuesAnswer(spreadsheet, range, renderOf(call.url)));
    const { spreadsheetId } = spreadsheet;
    return json({ spreadsheetId, valueRanges }, maskOf(call.url.searchParams));
  }

  function readRange(call: Call) {
    const answer = valuesAnswer(
      admit(call, "Read").current(),
      call.caught[1] ?? "",
      renderOf(call.url),
    );
    return json(answer, maskOf(call.url.searchParams));
  }
}

const kindsOf = ({ requests }: { requests: readonly object[] }) =>
  [...new Set(requests.flatMap((request) => Object.keys(request)))].join(", ");

const json = (answer: object, mask: Mask) => Response.json(pick(answer, mask));

// Probe: google/mask.
function maskOf(params: URLSearchParams): Mask {
  const fields = params.get("fields") ?? params.get("$fields");
  return fields ? parseMask(fields) : "*";
}

/** A mask decides alone whether cells are read; without one `includeGridData` does. */
function asksForData(mask: Mask): boolean | undefined {
  if (mask === "*") return undefined;
  const { sheets } = mask;
  return sheets !== undefined && (sheets === "*" || sheets.data !== undefined);
}

// Probe: google/bad-render.
const RENDERS: readonly ValueRender[] = ["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"];

function renderOf({ searchParams }: URL): ValueRender {
  const asked = searchParams.get("valueRenderOption") ?? "FORMATTED_VALUE";
  const render = RENDERS.find((one) => one === asked);
  if (!render) throw invalid(`Invalid value at 'value_render_option': "${asked}"`);
  return render;
}
