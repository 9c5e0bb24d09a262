import { createHash } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { matchedRoutes } from "hono/route";
import type { Clock } from "../lib/clock.ts";
import { insteadOf } from "./answer/instead-of.ts";
import type { KeptAnswers } from "./answer/kept-answers.ts";
import { paceFilters, paceSorts } from "./events/events-by-pace.ts";
import { isFile } from "./files/table.ts";
import { pagePaths } from "./pages.ts";
import { sightOf } from "./request/callers.ts";
import type { ApiEnv } from "./request/problem.ts";
import { zoneOf } from "./request/viewer.ts";

export interface Keeping {
  /** Names what rows say at an instant; undefined while that cannot be told. */
  readRevision: (now: Date) => Promise<string | undefined>;
  /** What answers hang on beside the rows: the program and its settings. */
  salt: string;
  /** Without them each answer is made anew. */
  answers?: KeptAnswers;
}

interface Moves {
  movesByMinute: boolean | ((asked: URLSearchParams, now: Date) => boolean);
  /** A day that has begun is a row more, and days begin at whole hours, as what a pace is of ends. */
  movesByHour?: (asked: URLSearchParams) => boolean;
  /** Shows who is signed in, and times by the clock of who looks. */
  isPage?: boolean;
}

const always = () => true;

/** A list that is chosen or sorted by pace hangs on it as well, whatever it shows. */
const hangsOnPace = (asked: URLSearchParams) => {
  const fields = asked.getAll("fields");
  if (fields.length === 0 || /(^|,)\s*pace\s*(,|$)/i.test(fields.join())) return true;
  const sort = asked.get("sort")?.replace(/^-/, "").toLowerCase();
  return (
    Object.keys(paceSorts).some((name) => name.toLowerCase() === sort) ||
    Object.keys(paceFilters).some((name) => asked.has(name))
  );
};

const HALF_DAY_MS = 43_200_000;

/** When the day begins that is asked from, how it stood by then is a row more: somewhere on earth until noon UTC. */
const beginsLater = (asked: URLSearchParams, now: Date) =>
  Date.parse(asked.get("from") ?? "") + HALF_DAY_MS > now.getTime();

/**
 * Answers that are made of the rows, the settings and the question alone; no others may be kept. Of time they
 * know how statuses turn, which is in the revision, or they move with every minute or hour.
 */
export const keptRoutes: ReadonlyMap<string, Moves> = new Map([
  ["/api/events", { movesByMinute: false, movesByHour: hangsOnPace }],
  ["/api/events/:eventId", { movesByMinute: false, movesByHour: hangsOnPace }],
  ["/api/events/:eventId/ticket-types", { movesByMinute: false }],
  ["/api/events/:eventId/sales", { movesByMinute: false }],
  ["/api/events/:eventId/levels", { movesByMinute: beginsLater }],
  // It moves with time alone: a wave is over, another stretch begins, and the backtest is through.
  ["/api/events/:eventId/forecast", { movesByMinute: true }],
  ["/api/sales", { movesByMinute: false, movesByHour: always }],
  ["/api/ticket-types", { movesByMinute: false }],
  ["/api/changes", { movesByMinute: false }],
  // Unless somebody says when it begins, their window begins with a minute.
  // The next launch and the next race are those that are still to come.
  ["/api/summary", { movesByMinute: true }],
  ["/api/regions", { movesByMinute: true }],
  ["/api/launches", { movesByMinute: true }],
  ["/api/launches.ics", { movesByMinute: true }],
]);

/** They say how long ago and how long until, in minutes. */
const page: Moves = { movesByMinute: true, isPage: true };

const MINUTE_MS = 60_000;
const MAY_BE_KEPT = "private, no-cache";

/**
 * Whoever has an answer already is told that it still holds, before a row is read; whoever has not gets what was
 * made for somebody else with the same sight. The revision is looked up first: rows that change behind the look-up make an answer newer than its tag, and never older.
 * Tags are weak, because what is compressed on its way has the same one.
 */
export function kept(
  { readRevision, salt, answers }: Keeping,
  clock: Clock,
): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const route = ["GET", "HEAD"].includes(c.req.raw.method) ? keptRouteOf(c) : undefined;
    if (!route) return next();
    const now = clock.now();
    const revision = await readRevision(now);
    if (revision === undefined) return next();
    const { search, searchParams } = new URL(c.req.url);
    const { movesByMinute: byMinute } = route;
    const isByMinute = typeof byMinute === "function" ? byMinute(searchParams, now) : byMinute;
    const minutes = isByMinute ? 1 : route.movesByHour?.(searchParams) ? 60 : Infinity;
    const minute = String(Math.floor(now.getTime() / (minutes * MINUTE_MS)));
    const { name, isAdmin } = c.get("caller");
    const looker = route.isPage ? [name, String(isAdmin), zoneOf(c) ?? ""] : [];
    const question = [sightOf(c.get("caller")), c.req.path, search, formOf(c), ...looker];
    const tag = tagOf([salt, revision, minute, ...question]);
    const asked = c.req.header("if-none-match")?.trim();
    if (asked !== undefined && namesTag(asked, tag)) return unchanged(c, tag);
    const key = `${tag} ${c.req.header("accept-encoding") ?? ""}`;
    if (asked === "*") {
      await next();
      if (c.res.status === 200) insteadOf(c, unchanged(c, tag));
      return;
    }
    // A file is streamed to the one who asked.
    const shared = isFile(c) ? undefined : answers;
    // Who has it made may go away before: then one of those who wait has it made, and once more is enough.
    let end: (() => void) | undefined;
    for (let waits = 0; shared && !end && waits < 2; waits += 1) {
      const found = shared.find(key);
      if (found === undefined) end = shared.begin(key);
      const known = await found;
      if (known) return c.body(known.body, 200, known.headers);
    }
    try {
      await next();
      if (c.res.status !== 200) return;
      const { headers } = c.res;
      headers.set("etag", tag);
      headers.set("cache-control", MAY_BE_KEPT);
      for (const name of ["Accept-Encoding", "Accept"]) vary(headers, name);
      if (shared) insteadOf(c, await shared.keep(key, c.res));
    } finally {
      end?.();
    }
  };
}

function keptRouteOf(c: Context): Moves | undefined {
  const paths = matchedRoutes(c).map(({ path }) => path);
  const path = paths.find((one) => keptRoutes.has(one));
  if (path !== undefined) return keptRoutes.get(path);
  return paths.some((one) => pagePaths.includes(one)) ? page : undefined;
}

/** What of a request decides in which form it is answered. */
const formOf = (c: Context) => c.req.header("accept") ?? "";

const tagOf = (parts: readonly string[]) =>
  `W/"${createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 27)}"`;

/** Compares weakly, as RFC 9110 has it for `If-None-Match`. */
function namesTag(asked: string, tag: string) {
  const opaque = tag.slice("W/".length);
  return [...asked.matchAll(/"[^"]*"/g)].some(([one]) => one === opaque);
}

function unchanged(c: Context<ApiEnv>, tag: string): Response {
  return c.body(null, 304, {
    etag: tag,
    "cache-control": MAY_BE_KEPT,
    vary: "Accept-Encoding, Accept",
  });
}

function vary(headers: Headers, name: string) {
  const said = headers.get("vary") ?? "";
  if (!said.toLowerCase().split(/, */).includes(name.toLowerCase()))
    headers.set("vary", said === "" ? name : `${said}, ${name}`);
}
