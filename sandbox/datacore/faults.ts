import { type FaultBoard, type FaultSwitch, faultBoard } from "../faults/board.ts";
import { hang, hold, type Line, reset, signInPage } from "../faults/line.ts";
import { between } from "../random.ts";
import {
  catalogue,
  type DatacoreFaultSettings,
  type Failure,
  type Place,
} from "./fault-catalogue.ts";
import { Problem, type ProblemStatus, problemAnswer } from "./problem.ts";
import type { NewEvent, Stamp, Writer } from "./store.ts";
import { eventIds } from "./uuid-v1.ts";

export interface DatacoreFaults extends FaultSwitch<DatacoreFaultSettings> {
  /** Answers in the place of what is behind `answer`, or lets it answer. */
  around(line: Line, answer: () => Response | Promise<Response>): Promise<Response>;
  /** The ids that a request to ingest is answered with, and what is really stored of it. */
  stamped(stamps: Stamp[]): { eventIds: string[]; stored: NewEvent[] };
  /** How many of so many rows a page holds. */
  pageLength(rows: number): number;
  isPageEmpty(): boolean;
  isCursorDangling(): boolean;
  areCommandsRepeated(): boolean;
  isDeliveryStateUnsaid(): boolean;
  /** What the list of buckets is answered as of; `undefined` is now. */
  bucketsAsOf(): Date | undefined;
}

export function datacoreFaults(now: () => Date, initial?: DatacoreFaultSettings): DatacoreFaults {
  const board = faultBoard(catalogue, initial);
  const honest: Writer = { now, eventIds: eventIds() };
  const skewed = new Map<number, Writer>();

  function chooseWriter(): Writer {
    const struck = board.strike("clockSkew");
    if (!struck) return honest;
    const { rule, random } = struck;
    const skewMs = rule.skewsMs[between(random, 0, rule.skewsMs.length - 1)] ?? 0;
    const writer = skewed.get(skewMs) ?? {
      now: () => new Date(now().getTime() + skewMs),
      eventIds: eventIds(),
    };
    skewed.set(skewMs, writer);
    return writer;
  }

  return {
    set: board.set,
    clear: board.clear,
    read: board.read,
    around: (line, answer) => around(board, line, answer),
    stamped(stamps) {
      const writer = chooseWriter();
      const pairs = stamps.map((stamp) => ({ event: stamp(writer), stamp }));
      const events = pairs.map(({ event }) => event);
      return {
        eventIds: events.map(({ eventId }) => eventId),
        stored: board.active
          ? pairs.flatMap((pair) => copiesOf(board, { ...pair, chooseWriter, now }))
          : events,
      };
    },
    pageLength(rows) {
      const struck = rows > 1 ? board.strike("shortPages") : undefined;
      return struck ? between(struck.random, 1, rows - 1) : rows;
    },
    isPageEmpty: () => board.strike("emptyPages") !== undefined,
    isCursorDangling: () => board.strike("danglingCursor") !== undefined,
    areCommandsRepeated: () => board.strike("commandsRepeated") !== undefined,
    isDeliveryStateUnsaid: () => board.strike("deliveryStateUnsaid") !== undefined,
    bucketsAsOf() {
      const struck = board.strike("bucketLag");
      return struck && new Date(now().getTime() - struck.rule.ms);
    },
  };
}

type Board = FaultBoard<typeof catalogue>;

interface Arrival {
  event: NewEvent;
  stamp: Stamp;
  chooseWriter: () => Writer;
  now: () => Date;
}

/** None, one or several of an event; each copy is delayed on its own. */
function copiesOf(board: Board, { event, stamp, chooseWriter, now }: Arrival): NewEvent[] {
  if (board.strike("silentDrop")) return [];
  const more = (name: "duplicateSameId" | "duplicateNewId") => board.strike(name)?.rule.copies ?? 0;
  const same = Array.from({ length: 1 + more("duplicateSameId") }, () => event);
  const others = Array.from({ length: more("duplicateNewId") }, () => stamp(chooseWriter()));
  return [...same, ...others].map((copy) => {
    const struck = board.strike("visibilityDelay");
    if (!struck) return copy;
    const { minMs, maxMs } = struck.rule;
    const visibleAt = new Date(now().getTime() + between(struck.random, minMs, maxMs));
    return { ...copy, visibleAt };
  });
}

async function around(
  board: Board,
  line: Line,
  answer: () => Response | Promise<Response>,
): Promise<Response> {
  if (!board.active) return answer();
  const url = new URL(line.request.url);
  const path = url.pathname.replaceAll(/\/{2,}/g, "/");
  const place = placeOf(path);
  if (!place) return answer();
  const isMeant = (rule: { on?: Place }) => rule.on === undefined || rule.on === place;
  const refuse = (problem: Problem) => problemAnswer(problem, path);

  if (board.strike("revokedKey", isMeant)) return refuse(new Problem(401, "Unauthorized"));
  if (board.strike("forbidden", isMeant)) return refuse(notAllowed(path));
  const before = board.strike("failBefore", isMeant);
  if (before) return fail(before.rule, line, path);
  if (board.strike("html", isMeant)) return signInPage();
  if (place === "read") {
    const slow = await slowDown(board, line, Number(url.searchParams.get("pageSize") ?? 10_000));
    if (slow) return slow;
  }
  const answered = await answer();
  const after = place === "ingest" && answered.ok ? board.strike("failAfter") : undefined;
  return after ? fail(after.rule, line, path) : answered;
}

function placeOf(path: string): Place {
  if (/^\/events?\//.test(path)) return "ingest";
  if (path === "/api/v1/events") return "read";
  if (path.startsWith("/api/v1/time-buckets")) return "buckets";
  if (/^\/api\/v1\/(pathways|pump-pulse)(\/|$)/.test(path)) return "pathways";
  return path.startsWith("/api/") ? "resources" : undefined;
}

const notAllowed = (path: string) =>
  new Problem(403, "IAM validation failed", {
    validPolicies: [],
    invalidRequest: [{ action: ["any"], resource: [path] }],
  });

async function fail({ status, holdMs, retryAfterS }: Failure, line: Line, path: string) {
  if (status === "timeout") return hang(line, holdMs);
  if (status === "reset") return reset();
  const answer = problemAnswer(new Problem(status, MESSAGES[status]), path);
  if (retryAfterS !== undefined) answer.headers.set("retry-after", String(retryAfterS));
  return answer;
}

const MESSAGES = {
  409: "Conflict",
  429: "Too many requests",
  500: "Internal server error",
  502: "Bad gateway",
  503: "Service unavailable",
  504: "Gateway timeout",
} as const satisfies Partial<Record<ProblemStatus, string>>;

/** Production gets slower with the size that is asked for, and above some size it never answers. */
async function slowDown(board: Board, line: Line, pageSize: number) {
  const slow = board.strike("slowPages")?.rule;
  if (!slow) return undefined;
  if (slow.hangAbove !== undefined && pageSize > slow.hangAbove) return hang(line);
  await hold(line, pageSize * slow.msPerEvent);
  return undefined;
}
