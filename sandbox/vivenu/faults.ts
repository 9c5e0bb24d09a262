import { type FaultSwitch, faultBoard } from "../faults/board.ts";
import { hang, type Line, reset, signInPage, truncated } from "../faults/line.ts";
import { between, type Random } from "../random.ts";
import type { StoredAccount } from "./accounts.ts";
import { catalogue, type VivenuFaultSettings, type Where } from "./fault-catalogue.ts";
import { copySome, type ListRow, refundSome, sellSome } from "./fault-changes.ts";
import { HttpError } from "./http-error.ts";
import type { Stage } from "./stage.ts";
import type { Oddity } from "./tickets.ts";

interface List<Row> {
  rows: Row[];
  total: number;
}

/** Which list is asked for, and with what. */
interface ListPlace {
  on: "events" | "tickets";
  account: string;
  search: URLSearchParams;
}

export interface VivenuFaults extends FaultSwitch<VivenuFaultSettings> {
  /** Answers in the place of what is behind `answer`, or lets it answer. */
  around(line: Line, answer: () => Response | Promise<Response>): Promise<Response>;
  /** A page as `read` gives it, or not quite. */
  list<Row extends ListRow>(
    where: ListPlace,
    read: (oddity: Oddity) => Promise<List<Row>>,
  ): Promise<List<Row>>;
}

export interface VivenuFaultOptions {
  stage: Stage;
  accounts: readonly StoredAccount[];
  initial?: VivenuFaultSettings | undefined;
}

export function vivenuFaults({ stage, accounts, initial }: VivenuFaultOptions): VivenuFaults {
  const board = faultBoard(catalogue, initial);
  const regionOf = new Map(accounts.map(({ apiKey, region }) => [`Bearer ${apiKey}`, region]));
  return { set: board.set, clear: board.clear, read: board.read, around, list };

  async function around(line: Line, answer: () => Response | Promise<Response>) {
    if (!board.active) return answer();
    const url = new URL(line.request.url);
    if (!url.pathname.startsWith("/api/")) return answer();
    const here: Where = {
      on: placeOf(line.request, url),
      account: regionOf.get(line.request.headers.get("authorization") ?? ""),
    };
    const top = Number(url.searchParams.get("top") ?? 25);
    const isMeant = meantFor(here);
    const isLarge = (rule: Where & { topAbove?: number | undefined }) =>
      isMeant(rule) && (rule.topAbove === undefined || top > rule.topAbove);

    const denied = board.strike("refused", isMeant);
    if (denied) return refuse(denied.rule.status);
    const throttle = board.strike("throttle", isMeant);
    if (throttle) return refuse(429, retryAfter(throttle.rule, new Date()));
    const unavailable = board.strike("unavailable", isLarge);
    if (unavailable) return refuse(unavailable.rule.status);
    const hung = board.strike("hang", isLarge);
    if (hung) return hang(line, hung.rule.holdMs);
    if (board.strike("reset", isMeant)) return reset();
    if (board.strike("html", isMeant)) return signInPage();
    const answered = await answer();
    const cut = answered.ok ? board.strike("truncatedJson", isMeant) : undefined;
    return cut ? truncated(answered, cut.random) : answered;
  }

  async function list<Row extends ListRow>(
    here: ListPlace,
    read: (oddity: Oddity) => Promise<List<Row>>,
  ) {
    if (!board.active) return read({});
    const isMeant = meantFor(here);
    const unsorted = board.strike("unsorted", isMeant);
    const late = here.on === "tickets" ? board.strike("lateTickets", isMeant) : undefined;
    const page = await read({
      shuffle: unsorted && orderOf(unsorted),
      late: late && { ...late.rule, now: stage.now(), of: `${late.seed}` },
    });
    const hiding = isOfChanges(here.search) ? board.strike("missingChanges", isMeant) : undefined;
    if (hiding) return withoutMost(page, here.search, hiding.rule.atMost);
    const wrong = board.strike("wrongTotals", isMeant);
    const total = wrong ? wrongTotal(page.total, wrong) : page.total;
    if (page.rows.length > 0) await changeBehind(page.rows, here);
    return { ...page, total };
  }

  async function changeBehind(rows: readonly ListRow[], here: Where) {
    const name = here.on === "tickets" ? "changingTickets" : "changingEvents";
    const struck = board.strike(name, meantFor(here));
    if (!struck) return;
    const { rule, random } = struck;
    const behind = { stage, rows, random };
    if ("copies" in rule) return copySome(behind, rule.copies);
    await sellSome(behind, rule.sales);
    await refundSome(behind, rule.refunds);
  }
}

const meantFor =
  (here: Where) =>
  (rule: Where): boolean =>
    (rule.on === undefined || rule.on === here.on) &&
    (rule.account === undefined || rule.account === here.account);

function placeOf({ method }: Request, { pathname }: URL): Where["on"] {
  if (method !== "GET") return "other";
  if (pathname === "/api/events") return "events";
  return pathname === "/api/tickets" ? "tickets" : "other";
}

const isOfChanges = (search: URLSearchParams) =>
  [...search.keys()].some((key) => key.startsWith("updatedAt"));

function withoutMost<Row>({ rows, total }: List<Row>, search: URLSearchParams, atMost: number) {
  const left = Math.max(atMost - Number(search.get("skip") ?? 0), 0);
  return { rows: rows.slice(0, left), total: Math.min(total, atMost) };
}

const refuse = (status: HttpError["status"], headers: Record<string, string> = {}) =>
  Response.json(new HttpError(status, MESSAGES[status] ?? "Refused").document, { status, headers });

const MESSAGES: Partial<Record<HttpError["status"], string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  429: "Too many requests",
  500: "Internal server error",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway timeout",
};

/** An HTTP date knows no milliseconds: it is rounded up, so that who keeps to it is not too early. */
function retryAfter(
  rule: { retryAfterS?: number | undefined; retryAfterAs: "seconds" | "date" },
  now: Date,
): Record<string, string> {
  if (rule.retryAfterS === undefined) return {};
  if (rule.retryAfterAs === "seconds") return { "retry-after": String(rule.retryAfterS) };
  const at = Math.ceil(now.getTime() / 1000 + rule.retryAfterS) * 1000;
  return { "retry-after": new Date(at).toUTCString() };
}

const orderOf = ({
  rule,
  random,
  seed,
}: {
  rule: { stable: boolean };
  random: Random;
  seed: number;
}) => (rule.stable ? `${seed}` : `${seed} ${random()}`);

/** Off by one to three if the rule does not say by how many; a total is wrong, but never negative. */
function wrongTotal(
  total: number,
  { rule, random }: { rule: { by?: number | undefined }; random: Random },
) {
  const some = between(random, 1, 3);
  const by = rule.by ?? (random() < 0.5 ? -some : some);
  return total + (total + by < 0 ? Math.abs(by) : by);
}
