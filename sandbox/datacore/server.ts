import { Hono } from "hono";
import type postgres from "postgres";
import type { Played } from "../played.ts";
import { authBy } from "./auth.ts";
import { dataCoreRoutes } from "./data-cores.ts";
import type { Datacore } from "./datacore.ts";
import { eventTypeRoutes } from "./event-types.ts";
import { flowTypeRoutes } from "./flow-types.ts";
import { ingestRoutes } from "./ingest.ts";
import { Problem, problemBody } from "./problem.ts";
import { readRoutes } from "./read.ts";
import { createSchema, ensureTenant } from "./schema.ts";
import { tenantRoutes } from "./tenants.ts";
import { eventIds } from "./uuid-v1.ts";

const MAX_REQUEST_BYTES = 128 * 1024 * 1024;
const IDLE_SECONDS = 120;

export interface DatacoreOptions {
  /** A database of the sandbox's own; everything is kept in its schema `datacore`. The caller ends it. */
  sql: postgres.Sql;
  /** 0 takes a free one. */
  port: number;
  hostname?: string;
  /** `fc_<id>_<secret>`, granted everything of `tenant`. */
  apiKey: string;
  /** Made if it is not there. */
  tenant: string;
  now?: () => Date;
  log: (line: string) => void;
  /** How a read answers for an unknown event type: Flowcore is said to answer 401. */
  unknownTypeStatus?: 401 | 404;
  /** Gives a back-dated event a back-dated id; as it is, ids are of the time of ingestion. */
  idFromEventTime?: boolean;
}

/** Flowcore's services on one origin, for `@flowcore/sdk` with `setBaseUrl`. */
export async function playDatacore(options: DatacoreOptions): Promise<Played> {
  const { sql, port, hostname = "127.0.0.1", apiKey, log } = options;
  const auth = authBy(apiKey);
  await createSchema(sql);
  const datacore: Datacore = {
    sql,
    tenant: await ensureTenant(sql, options.tenant),
    now: options.now ?? (() => new Date()),
    eventIds: eventIds(),
    unknownTypeStatus: options.unknownTypeStatus ?? 401,
    idFromEventTime: options.idFromEventTime ?? false,
  };

  // A base URL with a trailing slash makes the SDK ask for `//event/...`.
  const app = new Hono({
    getPath: ({ url }) => new URL(url).pathname.replaceAll(/\/{2,}/g, "/"),
  });
  app.use("/event/*", auth.forIngestion);
  app.use("/events/*", auth.forIngestion);
  app.use("/api/*", auth.forApi);
  app.route("/", ingestRoutes(datacore));
  app.route("/", readRoutes(datacore));
  app.route("/", tenantRoutes(datacore));
  app.route("/", dataCoreRoutes(datacore));
  app.route("/", flowTypeRoutes(datacore));
  app.route("/", eventTypeRoutes(datacore));
  app.notFound(() => {
    throw new Problem(404, "Route not found");
  });
  app.onError((error, c) => {
    const problem = error instanceof Problem ? error : new Problem(500, "Internal server error");
    if (problem !== error) log(`datacore: ${c.req.method} ${c.req.path} failed: ${error.message}`);
    const body = problemBody(problem);
    const isIngestion = /^\/events?\//.test(c.req.path);
    return c.json(isIngestion ? { ...body, error: body.code } : body, problem.status);
  });

  const server = Bun.serve({
    port,
    hostname,
    fetch: (request) => app.fetch(request),
    maxRequestBodySize: MAX_REQUEST_BYTES,
    idleTimeout: IDLE_SECONDS,
  });
  const url = `http://${hostname}:${server.port}`;
  log(`datacore: tenant ${datacore.tenant.name} at ${url}`);
  return { url, stop: () => server.stop(true) };
}
