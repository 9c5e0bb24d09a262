import { Hono } from "hono";
import type { Sql } from "postgres";
import { type StoredAccount, sellerDocument } from "./accounts.ts";
import { getEvent, listEvents } from "./events.ts";
import type { VivenuFaults } from "./faults.ts";
import { HttpError } from "./http-error.ts";
import { createListener, deleteListener, listListeners, replaceListener } from "./listeners.ts";
import { getTicket, listTickets, type Oddity } from "./tickets.ts";

export interface ApiOptions {
  sql: Sql;
  now: () => Date;
  accounts: readonly StoredAccount[];
  faults: VivenuFaults;
}

interface Variables {
  account: StoredAccount;
}

/** The calls of Vivenu's API that an account's key opens; each sees that account and no other. */
export function apiRoutes({ sql, now, accounts, faults }: ApiOptions) {
  const byKey = new Map(accounts.map((account) => [account.apiKey, account]));
  const api = new Hono<{ Variables: Variables }>();

  // Probes: vivenu/no-key, vivenu/wrong-key.
  api.use(async (c, next) => {
    const [, key] = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const account = key === undefined ? undefined : byKey.get(key);
    if (!account) throw new HttpError(401, "Unauthorized");
    c.set("account", account);
    await next();
  });
  const search = (url: string) => new URL(url).searchParams;

  // Probe: vivenu/seller.
  api.get("/sellers/me", (c) => c.json(sellerDocument(c.get("account"))));
  api.get("/events", async (c) => {
    const { region } = c.get("account");
    const asked = search(c.req.url);
    const read = ({ shuffle }: Oddity) => listEvents(sql, region, asked, shuffle);
    return c.json(await faults.list({ on: "events", account: region, search: asked }, read));
  });
  // Probes: vivenu/event, vivenu/ticket-type.
  api.get("/events/:id", async (c) =>
    c.json(await getEvent(sql, c.get("account").region, c.req.param("id"))),
  );
  api.get("/tickets", async (c) => {
    const { region } = c.get("account");
    const asked = search(c.req.url);
    const read = (oddity: Oddity) => listTickets(sql, region, asked, oddity);
    return c.json(await faults.list({ on: "tickets", account: region, search: asked }, read));
  });
  // Probe: vivenu/one-ticket.
  api.get("/tickets/:id", async (c) =>
    c.json(await getTicket(sql, c.get("account").region, c.req.param("id"))),
  );

  api.get("/webhooks", async (c) =>
    c.json(await listListeners(sql, c.get("account"), search(c.req.url))),
  );
  api.post("/webhooks", async (c) => {
    const body = await readJson(c.req.raw);
    return c.json(await createListener(sql, c.get("account"), body, now()), 201);
  });
  api.put("/webhook/:id", async (c) => {
    const body = await readJson(c.req.raw);
    return c.json(await replaceListener(sql, c.get("account"), c.req.param("id"), body), 201);
  });
  api.delete("/webhook/:id", async (c) =>
    c.json(await deleteListener(sql, c.get("account"), c.req.param("id"))),
  );
  return api;
}

export async function readJson(request: Request): Promise<unknown> {
  if (!request.headers.get("content-type")?.includes("application/json")) {
    throw new HttpError(400, "The body must be application/json");
  }
  return request.json().catch(() => {
    throw new HttpError(400, "The body is not JSON");
  });
}
