import { OpenAPIHono } from "@hono/zod-openapi";
import type { Hono, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { requestId } from "hono/request-id";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { acceptable } from "./answer/acceptable.ts";
import { answered, guarded } from "./answer/answered.ts";
import { type Bounds, boundedWork } from "./answer/at-work.ts";
import { requireHandover, requireKey } from "./access/auth.ts";
import type { KeyRing } from "./request/callers.ts";
import { addChanges, type ChangesOptions } from "./changes/changes.ts";
import { compressedFiles, compressedWhole } from "./answer/compressed.ts";
import { addDocs, addSecuritySchemes } from "./docs.ts";
import { addDownloads, type Downloads } from "./files/downloads.ts";
import { addEvents, type ReadPaces } from "./events/events.ts";
import { addForecast, type ForecastRouteOptions } from "./sales/forecast.ts";
import { type Ask, forwarded } from "./answer/forward.ts";
import { lengthOfHead } from "./answer/head.ts";
import { type Keeping, kept } from "./kept.ts";
import { addLaunches, type LaunchesOptions } from "./changes/launches.ts";
import { addLevels, type LevelsOptions } from "./sales/levels.ts";
import { linkNext } from "./answer/link-next.ts";
import { addLinks } from "./access/links.ts";
import { addMetrics, type ReadMetrics } from "./operation/metrics.ts";
import { addOperations, type OperationsOptions } from "./operation/operations.ts";
import { type Pages, pagePaths } from "./pages.ts";
import { askingOfPossibleIds } from "./possible.ts";
import { type ApiEnv, answerError, problem } from "./request/problem.ts";
import { refuseUnreadable } from "./request/query.ts";
import type { Limits } from "./access/rate-limit.ts";
import type {
  ReadAccounts,
  ReadBacktest,
  ReadCurves,
  ReadLists,
  ReadRows,
  ReadSellOuts,
  ReadUnderShops,
} from "./events/row-reads.ts";
import { addSales, type SalesOptions } from "./sales/sales.ts";
import { addSeasonSales, type SeasonSalesOptions } from "./sales/season-sales.ts";
import { narrowed, seenByCaller } from "./sight.ts";
import { addProbes, addStatus, type Status } from "./operation/status.ts";
import { addStream, type StreamOptions } from "./changes/stream.ts";
import { addSummary, type SummaryOptions } from "./events/summary.ts";
import { isWholeFile } from "./files/table.ts";
import { addTicketTypes } from "./events/ticket-types.ts";

export interface ApiOptions {
  version: string;
  clock: Clock;
  logger: Logger;
  /** Any of them opens. Undefined only in development: then only requests to localhost are answered. */
  keys: KeyRing | undefined;
  limits: Limits;
  /** Between the process that is asked and the one that reads: by it the one tells the other who asks. */
  handover?: string;
  /** By it sessions and links are sealed: the same in each replica, and known to nobody who reads keys' digests. */
  sealSecret: string;
  /** Where pages in browsers come from that may ask; no others' may. */
  origins?: readonly string[];
  /** Pages of this machine may as well, at whatever port. */
  isLoopbackLetIn?: boolean;
  /** The accounts' regions, as the rows have them. */
  regions: readonly string[];
  /** Of the requests under `/api`; probes, status and webhooks are not held up by these. */
  bounds: Bounds;
  readRows: ReadRows;
  readUnderShops: ReadUnderShops;
  lists: ReadLists;
  readPaces: ReadPaces;
  readCurves: ReadCurves;
  readAccounts: ReadAccounts;
  readSellOuts: ReadSellOuts;
  readChanges: ChangesOptions["readChanges"];
  readSales: SalesOptions["readSales"];
  readLaunches: LaunchesOptions["readLaunches"];
  readSummary: SummaryOptions["readSummary"];
  readSeasonSales: SeasonSalesOptions["readSeasonSales"];
  readLevels: LevelsOptions["readLevels"];
  readForecast: ForecastRouteOptions["readForecast"];
  readBacktest: ReadBacktest;
  readStatus: () => Promise<Status>;
  /** PostgreSQL answers and is migrated. */
  isReady: () => Promise<boolean>;
  metrics?: ReadMetrics;
  /** The sheet's tabs as files. */
  downloads?: Downloads;
  /** Routes with their whole paths; they need no key, because Vivenu signs what it sends. */
  webhooks?: Hono;
  /** Has what is under `/api` worked on elsewhere, so that webhooks never wait for a read. */
  ask?: Ask;
  /** By what an answer is known to hold still; without it none may be kept. */
  keeping?: Keeping;
  /** What follows the rows as they change; worked on where it is asked for. */
  stream?: StreamOptions;
  /** What operators see and have done; worked on where it is asked for. */
  operations?: OperationsOptions;
  /** What people look at. */
  pages?: Pages;
  /** Another process of this service asks on a caller's behalf, and tells of it. */
  isInner?: boolean;
}

/** The order matters: what is added before `requireKey` is open to everybody, what comes after is not. */
export function api(given: ApiOptions): OpenAPIHono<ApiEnv> {
  const possible = { ...given, ...askingOfPossibleIds(given) };
  const options = { ...possible, ...narrowed(possible) };
  const {
    version,
    clock,
    logger,
    origins = [],
    isLoopbackLetIn = false,
    readStatus,
    metrics,
    webhooks,
  } = options;
  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: refuseUnreadable,
    // A slash too many at an address's end is no other address.
    strict: false,
  });
  app.onError(answerError(logger));
  app.notFound((c) =>
    problem(c, 404, "There is nothing at this address. /docs lists what there is."),
  );
  app.use(requestId({ limitLength: 64 }));
  if (!options.isInner) app.use(lengthOfHead, answered(logger, clock), guarded);
  if (!options.isInner && options.pages) app.use(options.pages.faults);

  addProbes(app, options);
  if (webhooks) app.route("/", webhooks);
  if (!options.isInner) options.pages?.addOpen(app, options);
  refuseOtherMethods(app);

  // A browser asks without the key whether it may ask with it.
  if (origins.length > 0 || isLoopbackLetIn) app.use(allowOrigins(origins, isLoopbackLetIn));
  app.use(
    options.isInner ? requireHandover(options.handover ?? "") : requireKey(options),
    seenByCaller,
  );
  // Who asks on a caller's behalf has looked at all this, and waits for its turn there.
  if (!options.isInner) app.use(acceptable(app));
  if (!options.isInner) addLinks(app, options);
  const read = options.pages ? ["/api/*", ...pagePaths] : ["/api/*"];
  // Before any waiting: who is told that nothing changed takes no read's turn.
  if (options.keeping) on(read, kept(options.keeping, clock));
  // It is open for hours, and takes nobody's turn meanwhile.
  if (options.stream) addStream(app, options, options.stream);
  if (options.operations) addOperations(app, options.operations);
  if (!options.isInner) {
    // A workbook is made whole in memory. Those that wait for it hold up no other request.
    const alone = boundedWork({ ...options.bounds, atWork: 1 }, clock);
    app.use("/api/*", (c, next) => (isWholeFile(c) ? alone(c, next) : next()));
    on(read, boundedWork(options.bounds, clock));
  } else app.use("/api/*", collectAfterFile);
  if (options.ask) on(read, forwarded(options.ask, options.handover ?? ""));
  app.use(compressedFiles, compressedWhole, linkNext);
  addSecuritySchemes(app);
  addEvents(app, options);
  addTicketTypes(app, options);
  addSales(app, options);
  addSeasonSales(app, options);
  addLevels(app, options);
  addForecast(app, options);
  addChanges(app, options);
  addLaunches(app, options);
  addSummary(app, options);
  addStatus(app, readStatus);
  if (options.downloads) addDownloads(app, options.downloads);
  if (metrics) addMetrics(app, metrics);
  addDocs(app, version);
  options.pages?.addViews(app, options);
  refuseOtherMethods(app);
  return app;

  function on(paths: readonly string[], handler: MiddlewareHandler<ApiEnv>) {
    for (const path of paths) app.use(path, handler);
  }
}

/**
 * A workbook leaves 60 MB behind, and the next one is begun at once: by itself Bun would let several lie there.
 * To collect takes a twentieth of the time that the workbook took.
 */
const collectAfterFile: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  if (isWholeFile(c)) Bun.gc(true);
};

const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** What no browser asks for a page is answered as ever: an OPTIONS with what is answered at the address. */
const allowOrigins = (
  origins: readonly string[],
  isLoopbackLetIn: boolean,
): MiddlewareHandler<ApiEnv> => {
  const allow = cors({
    origin: (asking) =>
      origins.includes(asking) || (isLoopbackLetIn && LOOPBACK.test(asking)) ? asking : null,
    allowMethods: ["GET", "HEAD"],
    allowHeaders: ["authorization", "if-none-match", "last-event-id", "x-api-key"],
    exposeHeaders: [
      "content-disposition",
      "etag",
      "link",
      "ratelimit",
      "ratelimit-policy",
      "retry-after",
      "x-request-id",
    ],
    maxAge: 600,
  });
  return async (c, next) => {
    const { method, headers } = c.req.raw;
    const isOfPage =
      headers.has("origin") &&
      (method !== "OPTIONS" || headers.has("access-control-request-method"));
    if (isOfPage) return allow(c, next);
    await next();
    c.res.headers.append("vary", "Origin");
  };
};

/** Answers OPTIONS, and 405, for every path added so far when no route took the request. */
function refuseOtherMethods(app: OpenAPIHono<ApiEnv>) {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method === "ALL") continue;
    const known = methods.get(path) ?? new Set(["OPTIONS"]);
    methods.set(path, known.add(method));
    if (method === "GET") known.add("HEAD");
  }
  for (const [path, known] of methods) {
    const allow = [...known].sort().join(", ");
    app.all(path, (c) =>
      c.req.method === "OPTIONS"
        ? c.body(null, 204, { allow })
        : problem(c, 405, `Only ${allow} is answered here.`, { headers: { allow } }),
    );
  }
}
