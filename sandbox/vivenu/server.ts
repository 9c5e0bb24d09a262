import { Hono } from "hono";
import type { Sql } from "postgres";
import { faultRoutes } from "../faults/admin.ts";
import type { FaultSwitch } from "../faults/board.ts";
import { isLoopback } from "../loopback.ts";
import type { Played } from "../played.ts";
import { seeded } from "../random.ts";
import { readAccounts, type StoredAccount } from "./accounts.ts";
import { adminRoutes } from "./admin.ts";
import { deliveries } from "./deliveries.ts";
import type { VivenuFaultSettings } from "./fault-catalogue.ts";
import { type VivenuFaults, vivenuFaults } from "./faults.ts";
import { HttpError } from "./http-error.ts";
import { disablePlayedListener, setPlayedListener } from "./listeners.ts";
import { liveSales } from "./live-sales.ts";
import { apiRoutes } from "./routes.ts";
import { makeSeason, type SeasonKind } from "./season/make.ts";
import type { Stage } from "./stage.ts";

const SEED = 2026;
const TICK_MS = 1000;

export interface PlayedAccount {
  region: string;
  apiKey: string;
  sellerId: string;
  hmacKey: string;
}

export interface VivenuOptions {
  /** A database of the sandbox's own; everything is kept in its schema `vivenu`. The caller ends it. */
  sql: Sql;
  /** 0 takes a free one. */
  port: number;
  hostname?: string;
  /** Every listener's key; else each account has one of its own, kept in the database. */
  webhookSecret?: string;
  /** The service's webhook route for an account; without it nobody is told of changes. */
  webhookTarget?: (region: string) => string;
  liveSales: boolean;
  now?: () => Date;
  seed?: number;
  log: (line: string) => void;
  /** `small` is made in no time. */
  season?: SeasonKind;
  /** Faults from the start on; at run time `PUT /sandbox/faults` sets others. */
  faults?: VivenuFaultSettings;
}

export interface PlayedVivenu extends Played {
  accounts: PlayedAccount[];
  faults: FaultSwitch<VivenuFaultSettings>;
  /** Lets the season sell what falls into the time since the last tick; `liveSales` does so by itself. */
  tick(at: Date): Promise<void>;
  /** Sends the webhooks that are due; resolves when each has been tried once. */
  deliverDue(): Promise<void>;
}

/** Vivenu's API on a season that is made once per database, and webhooks for all that changes in it. */
export async function playVivenu(options: VivenuOptions): Promise<PlayedVivenu> {
  const { sql, log, seed = SEED, now = () => new Date(), season: kind = "full" } = options;
  const { hostname = "127.0.0.1", port, webhookSecret } = options;
  const made = await makeSeason(sql, { kind, seed, now: now() });
  if (made) log(`vivenu: made a season of ${made.events} events and ${made.tickets} tickets`);
  const accounts = (await readAccounts(sql)).map((account) => ({
    ...account,
    hmacKey: webhookSecret ?? account.hmacKey,
  }));
  await setListeners(options, accounts, now());

  const webhooks = deliveries({ sql, now, log });
  const stage: Stage = { sql, now, wake: webhooks.wake };
  const sales = liveSales({ stage, random: seeded(seed + now().getTime()), log });
  const faults = vivenuFaults({ stage, accounts, initial: options.faults });
  const server = Bun.serve({
    port,
    hostname,
    routes: faultRoutes(faults),
    fetch: (request, own) =>
      faults.around({ request, server: own }, () =>
        app.fetch(request, { address: own.requestIP(request)?.address }),
      ),
  });
  const app = application({ sql, now, accounts, faults, stage, log });
  const stopSales = options.liveSales ? every(TICK_MS, () => sales.tick(now()), log) : undefined;
  webhooks.wake();
  const url = `http://${hostname}:${server.port}`;
  log(`vivenu: ${accounts.length} accounts at ${url}, the season at ${url}/sandbox`);
  return {
    url,
    accounts: accounts.map(({ region, apiKey, sellerId, hmacKey }) => ({
      region,
      apiKey,
      sellerId,
      hmacKey,
    })),
    faults,
    tick: sales.tick,
    deliverDue: webhooks.deliverDue,
    async stop() {
      await server.stop(true);
      await stopSales?.();
      await webhooks.stop();
    },
  };
}

async function setListeners(
  { sql, webhookTarget }: VivenuOptions,
  accounts: readonly StoredAccount[],
  now: Date,
) {
  for (const account of accounts) {
    if (webhookTarget)
      await setPlayedListener(sql, account, { url: webhookTarget(account.region), now });
    else await disablePlayedListener(sql, account);
  }
}

interface ApplicationOptions {
  sql: Sql;
  now: () => Date;
  accounts: readonly StoredAccount[];
  faults: VivenuFaults;
  stage: Stage;
  log: (line: string) => void;
}

function application({ stage, log, ...api }: ApplicationOptions) {
  const app = new Hono<{ Bindings: { address: string | undefined } }>();
  app.route("/api", apiRoutes(api));
  app.use("/sandbox/*", async (c, next) => {
    if (!isLoopback(c.env.address)) throw new HttpError(403, "Only from this machine");
    await next();
  });
  app.route("/sandbox", adminRoutes(stage));
  // Probe: vivenu/unknown-route.
  app.notFound(() => {
    throw new HttpError(404, "Not Found");
  });
  app.onError((error, c) => {
    const known = error instanceof HttpError;
    if (!known) log(`vivenu: ${c.req.method} ${c.req.path} failed: ${error.message}`);
    const answer = known ? error : new HttpError(500, "Internal server error");
    return c.json(answer.document, answer.status);
  });
  return app;
}

/** Calls `act` again and again, never twice at once; the function returned ends it. */
function every(ms: number, act: () => Promise<void>, log: (line: string) => void) {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= act()
      .catch((error) => log(`vivenu: live sales: ${error}`))
      .finally(() => {
        running = undefined;
      });
  }, ms);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
