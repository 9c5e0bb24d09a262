import { z } from "zod";
import { type FaultSwitch, fault, faultBoard, type Settings } from "../faults/board.ts";
import { hang, type Line, reset, signInPage } from "../faults/line.ts";
import { type Code, errorBody, Refusal } from "./refusal.ts";

const on = z.enum(["read", "write", "token"]).optional();
const ms = z.int().nonnegative();
/** The id of the only one that is meant. */
const spreadsheet = z.string().optional();

export const catalogue = {
  failBefore: fault({
    on,
    spreadsheet,
    /** `timeout` says nothing, for `holdMs` or until the caller gives up; `reset` cuts the connection. */
    status: z.literal([401, 403, 404, 429, 500, 503, "timeout", "reset"]),
    holdMs: ms.optional(),
  }),
  /** Of each write that was carried out. */
  failAfter: fault({
    spreadsheet,
    status: z.literal([500, 503, "timeout", "reset"]),
    holdMs: ms.optional(),
  }),
  html: fault({ on, spreadsheet }),
  /** A write is carried out that much later, whether anybody still waits for it or not. */
  lateWrite: fault({ ms: z.int().positive() }),
};

export type SheetsFaultSettings = Settings<typeof catalogue>;
type Place = NonNullable<z.output<typeof on>>;
interface Failure {
  status: 401 | 403 | 404 | 429 | 500 | 503 | "timeout" | "reset";
  holdMs?: number | undefined;
}
type Answer = (request: Request) => Response | Promise<Response>;

export interface SheetsFaults extends FaultSwitch<SheetsFaultSettings> {
  /** Answers in the place of what is behind `answer`, or lets it answer. */
  around(line: Line, answer: Answer): Promise<Response>;
}

export function sheetsFaults(initial?: SheetsFaultSettings): SheetsFaults {
  const board = faultBoard(catalogue, initial);
  return { set: board.set, clear: board.clear, read: board.read, around };

  async function around(line: Line, answer: Answer) {
    const place = board.active ? placeOf(line.request) : undefined;
    if (!place) return answer(line.request);
    const id = spreadsheetOf(line.request);
    const isMeant = (rule: { on?: Place | undefined; spreadsheet?: string | undefined }) =>
      (rule.on ?? place) === place && (rule.spreadsheet ?? id) === id;
    const before = board.strike("failBefore", isMeant);
    if (before) return fail(before.rule, line);
    if (board.strike("html", isMeant)) return signInPage();
    if (place !== "write") return answer(line.request);
    const late = board.strike("lateWrite");
    const answered = await answer(late ? await delayed(line, late.rule.ms) : line.request);
    const after = answered.ok ? board.strike("failAfter", isMeant) : undefined;
    return after ? fail(after.rule, line) : answered;
  }
}

function placeOf({ method, url }: Request): Place | undefined {
  const { pathname } = new URL(url);
  if (pathname === "/token") return "token";
  if (!pathname.startsWith("/v4/")) return undefined;
  return method === "GET" ? "read" : "write";
}

function spreadsheetOf({ url }: Request) {
  const [, id] = /^\/v4\/spreadsheets\/([^/:]+)/.exec(new URL(url).pathname) ?? [];
  return id && decodeURIComponent(id);
}

/** The body is read at once: nothing can be read from a caller who has given up. */
async function delayed({ request, server }: Line, ms: number) {
  const { url, method, headers } = request;
  const copy = new Request(url, { method, headers, body: await request.text() });
  server.timeout(request, 0);
  await Bun.sleep(ms);
  return copy;
}

async function fail({ status, holdMs }: Failure, line: Line) {
  if (status === "timeout") return hang(line, holdMs);
  if (status === "reset") return reset();
  return Response.json(errorBody(new Refusal(status, MESSAGES[status])), { status });
}

const MESSAGES = {
  401: "Request had invalid authentication credentials.",
  404: "Requested entity was not found.",
  403: "The caller does not have permission",
  429: "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute per user' of service 'sheets.googleapis.com' for consumer 'project_number:1'.",
  500: "Internal error encountered.",
  503: "The service is currently unavailable.",
} as const satisfies Partial<Record<Code, string>>;
