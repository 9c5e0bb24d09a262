import {
  EventListCommand,
  EventsFetchCommand,
  EventsFetchTimeBucketsByNamesCommand,
  IngestBatchCommand,
  TimeBucketListCommand,
} from "@flowcore/sdk";
import { field, kinds, list } from "../http.ts";
import type { Probe } from "../probe.ts";
import { bucketOf, EVENT_TYPES, FLOW_TYPE, type OwnDataCore } from "./world.ts";

const EMPTY_BUCKET = "20200101000000";

const names = ({ tenant, dataCoreId }: OwnDataCore) => ({
  ...{ tenant, dataCoreId, flowType: FLOW_TYPE },
  eventTypes: [...EVENT_TYPES],
});

/** 60 bits of time, then eight bytes that Cassandra compares with their signs. */
function order(id: string) {
  const [low, middle, high, ...rest] = id.split("-");
  const time = (BigInt(`0x${high}`) & 0xfffn) << 48n;
  const bytes = Buffer.from(rest.join(""), "hex");
  const signed = Buffer.from(bytes.map((byte) => byte ^ 0x80)).toString("hex");
  return `${(time | BigInt(`0x${middle}${low}`)).toString(16).padStart(15, "0")}${signed}`;
}

const isInOrder = (ids: string[]) =>
  ids.every((id, at) => at === 0 || order(ids[at - 1] ?? "") <= order(id));

/** Sends three of each type in turn, and reads them back in the answer's order. */
async function six(own: OwnDataCore) {
  const mark = crypto.randomUUID();
  for (const place of [1, 2, 3])
    for (const eventTypeName of EVENT_TYPES)
      await own.client.execute(
        new IngestBatchCommand({
          ...{ tenantName: own.tenant, dataCoreId: own.dataCoreId, flowTypeName: FLOW_TYPE },
          ...{ eventTypeName, events: [{ mark, place }] },
        }),
      );
  return own.marked(mark, 6);
}

async function page(own: OwnDataCore, timeBucket: string, more: Boundaries = {}) {
  return own.client.execute(new EventsFetchCommand({ ...names(own), timeBucket, ...more }));
}

interface Boundaries {
  cursor?: string;
  pageSize?: number;
  fromEventId?: string;
  afterEventId?: string;
  toEventId?: string;
}

async function read(own: OwnDataCore, query: string, body: object) {
  const headers = { authorization: own.authorization, "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return own.plain("event-source", `/api/v1/${query}`, init);
}

/** How events are read. */
export const reading: Probe<OwnDataCore>[] = [
  {
    id: "flowcore/event",
    says: "An event has its id, hour, names, metadata, payload and valid time, and these kinds of values.",
    certainty: "known",
    wanted: {
      ...{ eventId: "string", timeBucket: "string", tenant: "string", dataCoreId: "string" },
      ...{ flowType: "string", eventType: "string", validTime: "string" },
      ...{ metadata: "object", payload: "object" },
    },
    async ask(own) {
      const [event] = await six(own);
      return kinds(
        event,
        ...["eventId", "timeBucket", "tenant", "dataCoreId", "flowType", "eventType"],
        ...["validTime", "metadata", "payload"],
      );
    },
  },
  {
    id: "flowcore/order",
    says: "Within an hour events come in the order of their ids, across the flow type's event types.",
    certainty: "likely",
    wanted: { count: 6, isInOrder: true, types: 2 },
    async ask(own) {
      const events = await six(own);
      return {
        count: events.length,
        isInOrder: isInOrder(events.map(({ eventId }) => eventId)),
        types: new Set(events.map(({ eventType }) => eventType)).size,
      };
    },
  },
  {
    id: "flowcore/pages",
    says: "Pages of two, followed until there is no cursor, hold what one page holds.",
    certainty: "known",
    wanted: true,
    async ask(own) {
      const [event] = await six(own);
      const timeBucket = event?.timeBucket ?? "";
      const whole = await page(own, timeBucket, { pageSize: 500 });
      const ids: string[] = [];
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const next = await page(own, timeBucket, {
          pageSize: 2,
          ...(cursor !== undefined && { cursor }),
        });
        ids.push(...next.events.map(({ eventId }) => eventId));
        cursor = next.nextCursor;
      }
      return ids.join() === whole.events.map(({ eventId }) => eventId).join();
    },
  },
  {
    id: "flowcore/boundaries",
    says: "`fromEventId` and `toEventId` take the event itself, `afterEventId` does not.",
    certainty: "likely",
    wanted: { from: true, after: false, to: true },
    async ask(own) {
      const [, event] = await six(own);
      const { timeBucket = "", eventId = "" } = event ?? {};
      const holds = async (boundaries: Boundaries) =>
        (await page(own, timeBucket, { pageSize: 500, ...boundaries })).events.some(
          (one) => one.eventId === eventId,
        );
      return {
        from: await holds({ fromEventId: eventId }),
        after: await holds({ afterEventId: eventId }),
        to: await holds({ toEventId: eventId }),
      };
    },
  },
  {
    id: "flowcore/empty-hour",
    says: "An hour without events is an empty list, and no cursor.",
    certainty: "known",
    wanted: { events: [] },
    ask: (own) => page(own, EMPTY_BUCKET),
  },
  {
    id: "flowcore/no-hour",
    says: "A request for events that names no hour is answered 422.",
    certainty: "likely",
    wanted: 422,
    ask: async (own) => (await read(own, "events", names(own))).status,
  },
  {
    id: "flowcore/read-unknown-type",
    says: "Reading an event type that is not there is answered 401, as if the key were wrong.",
    certainty: "likely",
    wanted: 401,
    ask: async (own) => {
      const body = { ...names(own), eventTypes: ["probe.never-made.0"], timeBucket: EMPTY_BUCKET };
      return (await read(own, "events", body)).status;
    },
  },
  {
    id: "flowcore/bad-cursor",
    says: "A cursor that Flowcore did not hand out is refused and does not read from the start.",
    certainty: "guess",
    wanted: "4xx",
    ask: async (own) => {
      const body = { ...names(own), timeBucket: EMPTY_BUCKET };
      const { status } = await read(own, "events?cursor=no-cursor", body);
      return `${Math.floor(status / 100)}xx`;
    },
  },
  {
    id: "flowcore/hours",
    says: "The list of hours has those that hold events, each once, the earliest first.",
    certainty: "likely",
    wanted: { isAscending: true, hasNow: true },
    async ask(own) {
      const [event] = await six(own);
      const { timeBuckets } = await own.client.execute(
        new EventsFetchTimeBucketsByNamesCommand(names(own)),
      );
      return {
        isAscending: timeBuckets.join() === [...new Set(timeBuckets)].sort().join(),
        hasNow: timeBuckets.includes(event?.timeBucket ?? bucketOf(new Date())),
      };
    },
  },
  {
    id: "flowcore/hours-in-pages",
    says: "A page of hours that is not the last has a number as its cursor, the last has none.",
    certainty: "known",
    wanted: { hours: "all", cursors: ["number"] },
    async ask(own) {
      const all = await own.client.execute(new EventsFetchTimeBucketsByNamesCommand(names(own)));
      const hours: unknown[] = [];
      const cursors = new Set<string>();
      for (let cursor: unknown, more = true; more; more = cursor !== undefined) {
        const body = { ...names(own), pageSize: 1, ...(cursor !== undefined && { cursor }) };
        const answer = await read(own, "time-buckets/by-names", body);
        hours.push(...list(answer.body, "timeBuckets"));
        cursor = field(answer.body, "nextCursor");
        if (cursor !== undefined) cursors.add(typeof cursor);
      }
      const isAll = hours.join() === all.timeBuckets.join();
      return { hours: isAll ? "all" : "others", cursors: [...cursors] };
    },
  },
  {
    id: "flowcore/hours-between",
    says: "`fromTimeBucket` and `toTimeBucket` take the hours that they name.",
    certainty: "likely",
    wanted: 1,
    async ask(own) {
      const [event] = await six(own);
      const hour = event?.timeBucket ?? "";
      const range = { fromTimeBucket: hour, toTimeBucket: hour };
      const command = new EventsFetchTimeBucketsByNamesCommand({ ...names(own), ...range });
      return (await own.client.execute(command)).timeBuckets.length;
    },
  },
  {
    id: "flowcore/by-ids",
    says: "Reading by ids gives the events and hours that reading by names gives.",
    certainty: "known",
    wanted: { events: true, hours: true },
    async ask(own) {
      const { client, tenant, eventTypeIds } = own;
      const [event] = await six(own);
      const timeBucket = event?.timeBucket ?? "";
      const ids = (events: { eventId: string }[]) => events.map(({ eventId }) => eventId).join();
      const byName = await page(own, timeBucket, { pageSize: 500 });
      const byId = await client.execute(
        new EventListCommand({ tenant, eventTypeId: eventTypeIds, timeBucket, pageSize: 500 }),
      );
      const hoursByName = await client.execute(
        new EventsFetchTimeBucketsByNamesCommand(names(own)),
      );
      const hoursById = await client.execute(
        new TimeBucketListCommand({ tenant, eventTypeId: eventTypeIds }),
      );
      return {
        events: ids(byName.events) === ids(byId.events),
        hours: hoursByName.timeBuckets.join() === hoursById.timeBuckets.join(),
      };
    },
  },
  {
    id: "flowcore/newest-first",
    says: "Reading by ids can begin with the newest.",
    certainty: "known",
    wanted: true,
    async ask(own) {
      const { client, tenant, eventTypeIds } = own;
      const events = await six(own);
      const { timeBucket = "" } = events[0] ?? {};
      const { events: newest } = await client.execute(
        new EventListCommand({
          tenant,
          eventTypeId: eventTypeIds,
          timeBucket,
          pageSize: 500,
          order: "desc",
        }),
      );
      return isInOrder(newest.map(({ eventId }) => eventId).reverse());
    },
  },
];
