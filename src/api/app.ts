import { OpenAPIHono } from "@hono/zod-openapi";
import type { Hono, MiddlewareHandler } from "hono";
import { requestId } from "hono/request-id";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { requireHandover, requireKey } from "./access/auth.ts";
import { addLinks } from "./access/links.ts";
import { allowOrigins } from "./access/origins.ts";
import type { Limits } from "./access/rate-limit.ts";
import { acceptable } from "./answer/acceptable.ts";
import { answered, guarded } from "./answer/answered.ts";
import { type Bounds, boundedWork } from "./answer/bounded-work.ts";
import { compressedFiles, compressedWhole } from "./answer/compressed.ts";
import { type Ask, forwarded } from "./answer/forward.ts";
import { lengthOfHead } from "./answer/head.ts";
import { linkNext } from "./answer/link-next.ts";
import { refuseOtherMethods } from "./answer/other-methods.ts";
import { addChanges } from "./changes/changes.ts";
import { addLaunches } from "./changes/launches.ts";
import { addStream, type StreamOptions } from "./changes/stream.ts";
import { addDocs, addSecuritySchemes } from "./docs.ts";
import { addEvents } from "./events/events.ts";
import { addOneEvent } from "./events/one-event.ts";
import { addSummary } from "./events/summary.ts";
import { addTicketTypes } from "./events/ticket-types.ts";
import { addDownloads } from "./files/downloads.ts";
import { isWholeFile } from "./files/table.ts";
import { type Keeping, kept } from "./kept.ts";
import { narrowed } from "./narrowed-reads.ts";
import { addMetrics, type ReadMetrics } from "./operation/metrics.ts";
import { addOperations, type OperationsOptions } from "./operation/operations.ts";
import { addProbes, addStatus, type Status } from "./operation/status.ts";
import { type Pages, pagePaths } from "./pages.ts";
import { askingOfPossibleIds } from "./possible-ids.ts";
import type { ApiReads, ViewReads } from "./reads.ts";
import type { KeyRing } from "./request/callers.ts";
import { type ApiEnv, answerError, problem } from "./request/problem.ts";
import { refuseUnreadable } from "./request/query.ts";
import { addForecast } from "./sales/forecast.ts";
import { addLevels } from "./sales/levels.ts";
import { addSales } from "./sales/sales.ts";
import { addSeasonSales } from "./sales/season-sales.ts";
import { refusalOf, seenByCaller } from "./sight.ts";

export interface ApiOptions extends ApiReads {
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
  readStatus: () => Promise<Status>;
  /** PostgreSQL answers and is migrated. */
  checkReady: () => Promise<void>;
  metrics?: ReadMetrics;
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
  /** By which their views read; without these by the readers of the API. */
  forViews?: ViewReads;
  /** Another process of this service asks on a caller's behalf, and tells of it. */
  isInner?: boolean;
}

type App = OpenAPIHono<ApiEnv>;

/**
 * The routes, and what each request goes through before them. The order matters: what is added before the
 * key is asked for is open to everybody, what comes after it is not.
 */
export function api(given: ApiOptions): App {
  const options = forWhoeverAsks(given);
  const app = emptyApp(options);
  if (options.isInner) addInnerDoor(app, options);
  else {
    addOpenRoutes(app, options);
    addDoor(app, options);
    addWayToReads(app, options);
  }
  addRoutes(app, options);
  options.pages?.addViews(app, forWhoeverAsks({ ...given, ...given.forViews }));
  refuseOtherMethods(app);
  return app;
}

/** With readers that read what the caller may see, of events that there can be. */
function forWhoeverAsks(given: ApiOptions): ApiOptions {
  const possible = { ...given, ...askingOfPossibleIds(given) };
  return { ...possible, ...narrowed(possible) };
}

function emptyApp({ logger }: ApiOptions): App {
  const app: App = new OpenAPIHono<ApiEnv>({
    defaultHook: refuseUnreadable,
    // A slash too many at an address's end is no other address.
    strict: false,
  });
  app.onError(answerError(logger));
  app.notFound((c) =>
    problem(c, 404, "There is nothing at this address. /docs lists what there is."),
  );
  app.use(requestId({ limitLength: 64 }));
  return app;
}

/** Another process of this service asks here, and has gone through all that the other door asks. */
function addInnerDoor(app: App, options: ApiOptions) {
  addProbes(app, options);
  refuseOtherMethods(app);
  app.use(requireHandover(options.handover ?? ""), seenByCaller);
  app.use("/api/*", collectAfterFile);
}

/** What needs no key. */
function addOpenRoutes(app: App, options: ApiOptions) {
  const { logger, clock, pages, webhooks } = options;
  app.use(lengthOfHead, answered(logger, clock), guarded);
  if (pages) app.use(pages.faults);
  addProbes(app, options);
  if (webhooks) app.route("/", webhooks);
  pages?.addOpen(app, options);
  refuseOtherMethods(app);
}

/** From here on a key is asked for, and only what the caller takes is answered. */
function addDoor(app: App, options: ApiOptions) {
  const { origins = [], isLoopbackLetIn = false } = options;
  // A browser asks without the key whether it may ask with it.
  if (origins.length > 0 || isLoopbackLetIn) app.use(allowOrigins(origins, isLoopbackLetIn));
  app.use(requireKey(options), seenByCaller);
  app.use(acceptable(app));
  addLinks(app, { ...options, refusalOf });
}

/** What was answered before, then what is worked on here, then a turn, then the process that reads. */
function addWayToReads(app: App, options: ApiOptions) {
  const { clock, keeping, stream, operations, bounds, ask, handover = "" } = options;
  const paths = options.pages ? ["/api/*", ...pagePaths] : ["/api/*"];
  const useForReads = (handler: MiddlewareHandler<ApiEnv>) => {
    for (const path of paths) app.use(path, handler);
  };
  // Before any waiting: who is told that nothing changed takes no read's turn.
  if (keeping) useForReads(kept(keeping, clock));
  // It is open for hours, and takes nobody's turn meanwhile.
  if (stream) addStream(app, options, stream);
  if (operations) addOperations(app, operations);
  // A workbook is made whole in memory. Those that wait for it hold up no other request.
  const alone = boundedWork({ ...bounds, atWork: 1 }, clock);
  app.use("/api/*", (c, next) => (isWholeFile(c) ? alone(c, next) : next()));
  useForReads(boundedWork(bounds, clock));
  if (ask) useForReads(forwarded(ask, handover));
}

function addRoutes(app: App, options: ApiOptions) {
  app.use(compressedFiles, compressedWhole, linkNext);
  addSecuritySchemes(app);
  addEvents(app, options);
  addOneEvent(app, options);
  addTicketTypes(app, options);
  addSales(app, options);
  addSeasonSales(app, options);
  addLevels(app, options);
  addForecast(app, options);
  addChanges(app, options);
  addLaunches(app, options);
  addSummary(app, options);
  addStatus(app, options.readStatus);
  if (options.downloads) addDownloads(app, options.downloads);
  if (options.metrics) addMetrics(app, options.metrics);
  addDocs(app, options.version);
}

/**
 * A workbook leaves 60 MB behind, and the next one is begun at once: by itself Bun would let several lie there.
 * To collect takes a twentieth of the time that the workbook took.
 */
const collectAfterFile: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  if (isWholeFile(c)) Bun.gc(true);
};
