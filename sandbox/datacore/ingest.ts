import { type Context, Hono } from "hono";
import { type Datacore, findGrantedTenant } from "./datacore.ts";
import { type NamedEventType, readEventTypesByName } from "./event-type-names.ts";
import { decodeMetadata, type Metadata } from "./metadata.ts";
import { Problem } from "./problem.ts";
import { readJson } from "./request-body.ts";
import { type Stamp, storeEvents } from "./store.ts";
import { parseIsoTime, parseUtcTime, timeBucketOf } from "./time.ts";

const MAX_PAYLOAD_BYTES = 64_000;

interface Times {
  eventTime: Date | undefined;
  validTime: Date | undefined;
}

interface Target {
  tenant: string;
  dataCore: string;
  flowType: string;
  eventType: string;
}

export function ingestRoutes(datacore: Datacore) {
  const app = new Hono();

  // Probes: flowcore/ingest, flowcore/metadata.
  app.post("/event/:tenant/:dataCore/:flowType/:eventType", async (c) => {
    const type = await findEventType(datacore, c.req.param());
    const metadata = decodeMetadata(c.req.header("x-flowcore-metadata-json"));
    const times = timesInHeaders(c);
    const stamp = stampOf(datacore, await readJson(c.req.raw), { metadata, times });
    const [eventId] = await ingest(datacore, type, [stamp]);
    return c.json({ eventId, success: true });
  });

  // Probes: flowcore/ingest-batch, flowcore/ingest-batch-order.
  app.post("/events/:tenant/:dataCore/:flowType/:eventType", async (c) => {
    const type = await findEventType(datacore, c.req.param());
    const metadata = decodeMetadata(c.req.header("x-flowcore-metadata-json"));
    const timesOf = timesInPayload(c);
    const items = await readJson(c.req.raw);
    if (!Array.isArray(items) || items.length === 0) {
      // Probe: flowcore/empty-batch.
      throw new Problem(400, "Request body must be a non-empty array of events");
    }
    const stamps = items.map((item) => stampOf(datacore, item, { metadata, times: timesOf(item) }));
    return c.json({ eventIds: await ingest(datacore, type, stamps), success: true });
  });

  return app;
}

async function findEventType(datacore: Datacore, target: Target): Promise<NamedEventType> {
  const { tenant, dataCore, flowType, eventType } = target;
  await findGrantedTenant(datacore, "ingest", tenant);
  // Probe: flowcore/ingest-by-name.
  const names = { tenant, dataCore, flowType, eventTypes: [eventType] };
  const [found] = await readEventTypesByName(datacore.sql, names, { dataCoreByName: true });
  if (found) return found;
  const path = `${tenant}/${dataCore}/${flowType}/${eventType}`;
  // Probe: flowcore/ingest-unknown-type.
  throw new Problem(404, `EventType not found with name = ${path}`);
}

/** Stores the events, and says by which ids. */
async function ingest(
  { sql, now, faults, announce }: Datacore,
  type: NamedEventType,
  stamps: Stamp[],
) {
  const { eventIds, stored } = faults.stamped(stamps);
  await storeEvents(sql, type.id, stored, now());
  announce(type, stored);
  return eventIds;
}

/** Refuses what Flowcore would not store; else what gives an event its id, times and hour. */
function stampOf(
  { idFromEventTime }: Datacore,
  payload: unknown,
  { metadata, times: { eventTime, validTime } }: { metadata: Metadata; times: Times },
): Stamp {
  // Probe: flowcore/not-an-object.
  if (!isObject(payload)) throw new Problem(400, "Event payload must be an object");
  const text = JSON.stringify(payload);
  // Probes: flowcore/largest, flowcore/too-large, flowcore/too-large-in-batch.
  if (Buffer.byteLength(text) > MAX_PAYLOAD_BYTES) {
    throw new Problem(400, `Event size exceeds maximum limit of ${MAX_PAYLOAD_BYTES} bytes`);
  }
  return ({ now, eventIds }) => {
    const ingestedAt = now();
    const happenedAt = eventTime ?? ingestedAt;
    const validAt = (validTime ?? happenedAt).toISOString();
    return {
      eventId: eventTime && idFromEventTime ? eventIds.at(eventTime) : eventIds.next(ingestedAt),
      timeBucket: timeBucketOf(happenedAt),
      validTime: validAt,
      metadata: {
        ...metadata,
        producer: "webhook",
        "ingested-at": ingestedAt.toISOString(),
        "event-time": happenedAt.toISOString(),
        "valid-time-on/stored-event": validAt,
      },
      payload: text,
    };
  };
}

// Probe: flowcore/event-time.
function timesInHeaders(c: Context): Times {
  const time = (name: string, parse: typeof parseIsoTime) => {
    const header = c.req.header(name);
    return header === undefined ? undefined : isoTime(name, header, parse);
  };
  return {
    eventTime: time("x-flowcore-event-time", parseUtcTime),
    validTime: time("x-flowcore-valid-time", parseIsoTime),
  };
}

/**
 * A batch does not know the headers of a single event: its headers name fields of the payload.
 * Probe: flowcore/batch-times.
 */
function timesInPayload(c: Context): (payload: unknown) => Times {
  const eventTimeKey = c.req.header("x-flowcore-event-time-key");
  const validTimeKey = c.req.header("x-flowcore-valid-time-key");
  const time = (payload: unknown, key: string | undefined) =>
    key !== undefined && isObject(payload) && payload[key] !== undefined
      ? isoTime(key, payload[key])
      : undefined;
  return (payload) => ({
    eventTime: time(payload, eventTimeKey),
    validTime: time(payload, validTimeKey),
  });
}

function isoTime(name: string, value: unknown, parse = parseIsoTime): Date {
  const time = parse(value);
  if (!time) throw new Problem(400, `Invalid ISO time in ${name}`);
  return time;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
