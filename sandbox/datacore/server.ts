import { Hono } from "hono";
import type postgres from "postgres";
import { faultRoutes, onlyFromHere } from "../faults/admin.ts";
import type { FaultSwitch } from "../faults/board.ts";
import type { Played } from "../played.ts";
import { authBy } from "./auth.ts";
import { dataCoreRoutes } from "./data-cores.ts";
import type { Datacore } from "./datacore.ts";
import { eventTypeRoutes } from "./event-types.ts";
import type { DatacoreFaultSettings } from "./fault-catalogue.ts";
import { datacoreFaults } from "./faults.ts";
import { flowTypeRoutes } from "./flow-types.ts";
import { ingestRoutes } from "./ingest.ts";
import { notifications } from "./notifications.ts";
import { consoleRoutes } from "./pathway-console.ts";
import { pathwayRoutes } from "./pathways.ts";
import { Problem, problemAnswer } from "./problem.ts";
import { readRoutes } from "./read.ts";
import { createSchema, ensureTenant } from "./schema.ts";
import { revealEvents } from "./store.ts";
import { tenantRoutes } from "./tenants.ts";

const MAX_REQUEST_BYTES = 128 * 1024 * 1024;
const IDLE_SECONDS = 120;
/** A socket's data while nothing is subscribed to. */
const NEW = { data: {} };

export interface DatacoreOptions {
  /** A database of the sandbox's own; everything is kept in its schema `datacore`. The caller ends it. */
  sql: postgres.Sql;
  /** 0 takes a free one. */
  port: number;
  hostname?: string;
  /** `fc_<id>_<secret>`, granted everything of `tenant`. */
  apiKey: string;
  /** Of somebody who signed in: opens what the key opens, but ingestion. */
  bearerToken?: string;
  /** Made if it is not there. */
  tenant: string;
  now?: () => Date;
  log: (line: string) => void;
  /** How a read answers for an unknown event type: Flowcore is said to answer 401. */
  unknownTypeStatus?: 401 | 404;
  /** Gives a back-dated event a back-dated id; as it is, ids are of the time of ingestion. */
  idFromEventTime?: boolean;
  /** Faults from the start on; at run time `PUT /sandbox/faults` sets others. */
  faults?: DatacoreFaultSettings;
}

export interface PlayedDatacore extends Played {
  faults: FaultSwitch<DatacoreFaultSettings>;
  /** Makes readable what is stored and still delayed, and says how many events those were. */
  reveal(): Promise<{ revealed: number }>;
}

/** Flowcore's services on one origin, for `@flowcore/sdk` with `setBaseUrl`. */
export async function playDatacore(options: DatacoreOptions): Promise<PlayedDatacore> {
  const { sql, port, hostname = "127.0.0.1", apiKey, log } = options;
  const auth = authBy(apiKey, options.bearerToken);
  await createSchema(sql);
  const now = options.now ?? (() => new Date());
  const faults = datacoreFaults(now, options.faults);
  const reveal = () => revealEvents(sql, now());
  const tenant = await ensureTenant(sql, options.tenant);
  const sockets = notifications(tenant);
  const datacore: Datacore = {
    sql,
    tenant,
    now,
    faults,
    announce: sockets.announce,
    unknownTypeStatus: options.unknownTypeStatus ?? 401,
    idFromEventTime: options.idFromEventTime ?? false,
  };

  // Probe: flowcore/unknown-route. A base URL with a trailing slash makes the SDK ask for `//event/...`.
  const app = new Hono({
    getPath: ({ url }) => new URL(url).pathname.replaceAll(/\/{2,}/g, "/"),
  });
  app.use("/event/*", auth.forIngestion);
  app.use("/events/*", auth.forIngestion);
  app.use("/api/*", auth.forApi);
  app.use("/notifications", () => {
    throw new Problem(401, "Unauthorized");
  });
  app.route("/", ingestRoutes(datacore));
  app.route("/", readRoutes(datacore));
  app.route("/", tenantRoutes(datacore));
  app.route("/", dataCoreRoutes(datacore));
  app.route("/", flowTypeRoutes(datacore));
  app.route("/", eventTypeRoutes(datacore));
  app.route("/", pathwayRoutes(datacore));
  app.notFound(() => {
    throw new Problem(404, "Route not found");
  });
  app.onError((error, c) => {
    const problem = error instanceof Problem ? error : new Problem(500, "Internal server error");
    if (problem !== error) log(`datacore: ${c.req.method} ${c.req.path} failed: ${error.message}`);
    return problemAnswer(problem, c.req.path);
  });

  const server = Bun.serve({
    port,
    hostname,
    routes: {
      ...faultRoutes(faults),
      ...consoleRoutes(datacore),
      "/sandbox/reveal": { POST: onlyFromHere(async () => Response.json(await reveal())) },
    },
    fetch(request, own) {
      const { pathname, searchParams } = new URL(request.url);
      if (
        pathname === "/notifications" &&
        auth.forSocket(searchParams) &&
        own.upgrade(request, NEW)
      )
        return undefined;
      return faults.around({ request, server: own }, () => app.fetch(request));
    },
    websocket: sockets.handlers,
    maxRequestBodySize: MAX_REQUEST_BYTES,
    idleTimeout: IDLE_SECONDS,
  });
  const url = `http://${hostname}:${server.port}`;
  log(`datacore: tenant ${datacore.tenant.name} at ${url}`);
  return { url, faults, reveal, stop: () => server.stop(true) };
}
