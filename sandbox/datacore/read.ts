import { type Context, Hono } from "hono";
import { z } from "zod";
import { readTimeBuckets } from "./buckets.ts";
import { type Datacore, findGrantedTenant, requireGrant } from "./datacore.ts";
import {
  type NamedEventType,
  readEventTypesById,
  readEventTypesByName,
} from "./event-type-names.ts";
import { readPage } from "./events.ts";
import { Problem, parse } from "./problem.ts";
import { rangeOf } from "./range.ts";
import { readJson } from "./request-body.ts";
import { isUuid } from "./uuid-v1.ts";

const MAX_PAGE = 10_000;
const DEFAULT_BUCKETS = 1_000;

// Probe: flowcore/no-hour.
const TimeBucket = z.string().regex(/^\d{14}$/);
const Order = z.enum(["asc", "desc"]).default("asc");
const pageSize = (size: number) =>
  z.coerce
    .number()
    .int()
    .positive()
    .default(size)
    .transform((wanted) => Math.min(wanted, MAX_PAGE));

const Names = z.object({
  tenant: z.string().min(1),
  dataCoreId: z.string().min(1),
  flowType: z.string().min(1),
  eventTypes: z.array(z.string().min(1)).min(1),
});

const EventQuery = z.object({
  cursor: z.string().optional(),
  pageSize: pageSize(MAX_PAGE),
  fromEventId: z.string().optional(),
  afterEventId: z.string().optional(),
  toEventId: z.string().optional(),
});

const BucketRange = z.object({
  fromTimeBucket: TimeBucket.optional(),
  toTimeBucket: TimeBucket.optional(),
  cursor: z.coerce.number().int().positive().optional(),
  pageSize: pageSize(DEFAULT_BUCKETS),
});

const inQuery = { status: 422, in: "query" } as const;
const inBody = { status: 422, in: "body" } as const;

export function readRoutes(datacore: Datacore) {
  const app = new Hono();
  const { sql, now, faults } = datacore;

  app.post("/api/v1/events", async (c) => {
    const { timeBucket, ...names } = parse(
      Names.extend({ timeBucket: TimeBucket }),
      await readJson(c.req.raw),
      inBody,
    );
    const { pageSize, ...boundaries } = parse(EventQuery, c.req.query(), inQuery);
    const range = rangeOf(boundaries);
    const eventTypes = await eventTypesByName(datacore, names);
    const query = { eventTypes, timeBucket, range, pageSize, order: "asc", now: now() } as const;
    return jsonText(c, await readPage(sql, query, faults));
  });

  app.get("/api/v1/events", async (c) => {
    const schema = EventQuery.extend({ timeBucket: TimeBucket, order: Order });
    const { timeBucket, order, pageSize, ...boundaries } = parse(schema, c.req.query(), inQuery);
    const range = rangeOf(boundaries);
    const eventTypes = await eventTypesById(datacore, c.req.queries("eventTypeId"));
    const query = { eventTypes, timeBucket, range, pageSize, order, now: now() };
    return jsonText(c, await readPage(sql, query, faults));
  });

  app.post("/api/v1/time-buckets/by-names", async (c) => {
    const schema = Names.extend(BucketRange.shape);
    const { tenant, dataCoreId, flowType, eventTypes, ...range } = parse(
      schema,
      await readJson(c.req.raw),
      inBody,
    );
    const names = { tenant, dataCoreId, flowType, eventTypes };
    const found = await eventTypesByName(datacore, names);
    const query = {
      ...range,
      eventTypes: found,
      order: "asc",
      asOf: faults.bucketsAsOf(),
    } as const;
    return c.json(await readTimeBuckets(sql, query));
  });

  app.get("/api/v1/time-buckets", async (c) => {
    const range = parse(BucketRange.extend({ order: Order }), c.req.query(), inQuery);
    const eventTypes = await eventTypesById(datacore, c.req.queries("eventTypeId"));
    const query = { ...range, eventTypes, asOf: faults.bucketsAsOf() };
    return c.json(await readTimeBuckets(sql, query));
  });

  return app;
}

const jsonText = (c: Context, text: string) =>
  c.body(text, 200, { "content-type": "application/json" });

async function eventTypesByName(
  datacore: Datacore,
  { dataCoreId: dataCore, ...names }: z.output<typeof Names>,
): Promise<NamedEventType[]> {
  await findGrantedTenant(datacore, "fetch", names.tenant);
  const wanted = { ...names, dataCore };
  const found = await readEventTypesByName(datacore.sql, wanted, { dataCoreByName: false });
  if (found.length < new Set(names.eventTypes).size) throw unknownType(datacore);
  return found;
}

// Probe: flowcore/by-ids.
async function eventTypesById(
  datacore: Datacore,
  given: string[] | undefined,
): Promise<NamedEventType[]> {
  const ids = [...new Set((given ?? []).map((id) => id.toLowerCase()))];
  if (ids.length === 0) throw new Problem(422, "eventTypeId is required", { in: "query" });
  if (!ids.every(isUuid)) throw unknownType(datacore);
  const found = await readEventTypesById(datacore.sql, ids);
  for (const { tenantId } of found) requireGrant(datacore, "fetch", tenantId);
  if (found.length < ids.length) throw unknownType(datacore);
  return found;
}

/**
 * The event source does not say that a type is unknown: it says the key has no right to it.
 * Probe: flowcore/read-unknown-type.
 */
const unknownType = ({ unknownTypeStatus: status }: Datacore) =>
  new Problem(status, status === 401 ? "Unauthorized" : "Event type not found");
