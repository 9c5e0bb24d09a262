import { Hono } from "hono";
import type { TicketRow, TicketStatus } from "./documents.ts";
import { copyEvent, deleteEvent, patchEvent, patchTicketType } from "./event-changes.ts";
import { readEvent } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { readOverview, seasonPage } from "./page.ts";
import { readJson } from "./routes.ts";
import { complete, refund, sell, transfer } from "./sales.ts";
import type { Stage } from "./stage.ts";

const MOST_TICKETS = 500;
const SELLABLE: readonly string[] = ["VALID", "DETAILSREQUIRED", "RESERVED", "BLANK", "INVALID"];

/** What an organiser would do in Vivenu's dashboard, for tests and people. Not part of Vivenu. */
export function adminRoutes(stage: Stage) {
  const admin = new Hono();

  admin.get("/", async (c) => c.html(seasonPage(await readOverview(stage.sql, stage.now()))));
  admin.get("/events", async (c) => c.json(await readOverview(stage.sql, stage.now())));
  admin.patch("/events/:id", async (c) =>
    c.json(await patchEvent(stage, c.req.param("id"), await readObject(c.req.raw))),
  );
  admin.patch("/events/:id/ticket-types/:typeId", async (c) => {
    const { id, typeId } = c.req.param();
    return c.json(await patchTicketType(stage, id, typeId, await readObject(c.req.raw)));
  });
  admin.delete("/events/:id", async (c) => {
    await deleteEvent(stage, c.req.param("id"));
    return c.json({ deleted: c.req.param("id") });
  });
  admin.post("/events/:id/copies", async (c) =>
    c.json(await copyEvent(stage, c.req.param("id"), await readObject(c.req.raw)), 201),
  );
  admin.post("/events/:id/sales", async (c) => {
    const event = await readEvent(stage.sql, c.req.param("id"));
    if (!event) throw new HttpError(404, "Event not found");
    const order = parseOrder(await readObject(c.req.raw));
    return c.json(summaries(await sell(stage, event, order)), 201);
  });
  admin.post("/tickets/:id/refund", async (c) =>
    c.json(summaries(await refund(stage, c.req.param("id")))),
  );
  admin.post("/tickets/:id/transfer", async (c) =>
    c.json(summaries(await transfer(stage, c.req.param("id")))),
  );
  admin.post("/tickets/:id/complete", async (c) =>
    c.json(summaries(await complete(stage, c.req.param("id")))),
  );
  return admin;
}

/** Without holders and secrets: this is read by people and ends up in terminals. */
const summaries = (rows: readonly TicketRow[]) => ({
  tickets: rows.map(({ id, eventId, ticketTypeId, status }) => ({
    id,
    eventId,
    ticketTypeId,
    status,
  })),
});

function parseOrder(body: Record<string, unknown>) {
  const { ticketTypeId, count = 1, underShopId, status, flex } = body;
  if (typeof ticketTypeId !== "string") throw new HttpError(400, '"ticketTypeId" is required');
  if (
    typeof count !== "number" ||
    !(Number.isInteger(count) && count >= 1 && count <= MOST_TICKETS)
  ) {
    throw new HttpError(400, `"count" must be an integer from 1 to ${MOST_TICKETS}`);
  }
  if (underShopId !== undefined && typeof underShopId !== "string") {
    throw new HttpError(400, '"underShopId" must be a string');
  }
  if (status !== undefined && !isStatus(status)) {
    throw new HttpError(400, `"status" must be one of ${SELLABLE.join(", ")}`);
  }
  return { ticketTypeId, count, underShopId, status, flex: flex === true };
}

const isStatus = (value: unknown): value is TicketStatus =>
  typeof value === "string" && SELLABLE.includes(value);

async function readObject(request: Request): Promise<Record<string, unknown>> {
  const body = await readJson(request);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new HttpError(400, "The body must be a JSON object");
}
