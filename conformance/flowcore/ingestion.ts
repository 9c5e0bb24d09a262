import { gzipSync } from "node:zlib";
import { EventsFetchCommand, IngestBatchCommand, IngestEventCommand } from "@flowcore/sdk";
import { type Answer, field } from "../http.ts";
import type { Probe } from "../probe.ts";
import { refused } from "./tenants.ts";
import { bucketOf, EVENT_TYPES, FLOW_TYPE, type OwnDataCore } from "./world.ts";

const LARGEST_BYTES = 64_000;
const TIME_V1 = /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const target = ({ tenant, dataCoreId }: OwnDataCore) => ({
  ...{ tenantName: tenant, dataCoreId, flowTypeName: FLOW_TYPE },
  eventTypeName: EVENT_TYPES[0],
});

/** A payload of exactly so many bytes. */
const sized = (bytes: number) => JSON.stringify({ text: "x".repeat(bytes - 11) });

const accepted = ({ status, body }: Answer) => ({
  ok: status >= 200 && status < 300,
  success: field(body, "success"),
});

const ACCEPTED = { ok: true, success: true };

const eventTime = (value: string) => ({ "x-flowcore-event-time": value });

/** How events are sent. */
export const ingestion: Probe<OwnDataCore>[] = [
  {
    id: "flowcore/ingest",
    says: "An event that is taken is answered `success` and an id that is a UUID of version 1.",
    certainty: "known",
    wanted: { success: true, isVersion1: true },
    async ask(own) {
      const command = new IngestEventCommand({ ...target(own), eventData: { sent: "alone" } });
      const { success, eventId } = await own.client.execute(command);
      return { success, isVersion1: TIME_V1.test(eventId) };
    },
  },
  {
    id: "flowcore/ingest-batch",
    says: "A batch is answered as many ids as it has payloads.",
    certainty: "known",
    wanted: { success: true, ids: 3 },
    async ask(own) {
      const events = [{ sent: 1 }, { sent: 2 }, { sent: 3 }];
      const { success, eventIds } = await own.client.execute(
        new IngestBatchCommand({ ...target(own), events }),
      );
      return { success, ids: new Set(eventIds).size };
    },
  },
  {
    id: "flowcore/ingest-batch-order",
    says: "A batch's ids are in the order of its payloads.",
    certainty: "likely",
    wanted: ["first", "second"],
    async ask(own) {
      const mark = crypto.randomUUID();
      const events = [
        { mark, place: "first" },
        { mark, place: "second" },
      ];
      const { eventIds } = await own.client.execute(
        new IngestBatchCommand({ ...target(own), events }),
      );
      const read = await own.marked(mark, 2);
      return eventIds.map((id) =>
        field(read.find(({ eventId }) => eventId === id)?.payload, "place"),
      );
    },
  },
  {
    id: "flowcore/ingest-key-in-query",
    says: "Ingestion takes the key as `?key=` too.",
    certainty: "likely",
    wanted: ACCEPTED,
    ask: async ({ plain, tenant, dataCoreId, apiKey }) =>
      accepted(
        await plain(
          "webhook",
          `/event/${tenant}/${dataCoreId}/${FLOW_TYPE}/${EVENT_TYPES[0]}?key=${apiKey}`,
          { method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
        ),
      ),
  },
  {
    id: "flowcore/ingest-wrong-key",
    says: "Ingestion answers 401 to a key that was never handed out.",
    certainty: "known",
    wanted: 401,
    ask: async ({ send }) => (await send("{}", { authorization: "fc_probe_wrong" })).status,
  },
  {
    id: "flowcore/ingest-bearer",
    says: "Ingestion takes no bearer token; the SDK does not even try.",
    certainty: "likely",
    wanted: 401,
    ask: async ({ send, bearerToken = "never-issued" }) =>
      (await send("{}", { authorization: `Bearer ${bearerToken}` })).status,
  },
  {
    id: "flowcore/ingest-unknown-type",
    says: "An event of a type that is not there is answered 404, with the path that was not found.",
    certainty: "likely",
    wanted: { status: 404, namesIt: true },
    async ask({ send }) {
      const { status, body } = await send("{}", { eventType: "probe.never-made.0" });
      return { status, namesIt: String(field(body, "message")).includes("probe.never-made.0") };
    },
  },
  {
    id: "flowcore/ingest-by-name",
    says: "The path of ingestion may name the data core by its name.",
    certainty: "guess",
    wanted: ACCEPTED,
    ask: async ({ send, dataCoreName }) => accepted(await send("{}", { dataCore: dataCoreName })),
  },
  {
    id: "flowcore/largest",
    says: "A payload of 64,000 bytes is taken.",
    certainty: "likely",
    wanted: ACCEPTED,
    ask: async ({ send }) => accepted(await send(sized(LARGEST_BYTES))),
  },
  {
    id: "flowcore/too-large",
    says: "A payload of 64,001 bytes is answered 400, with the limit.",
    certainty: "likely",
    wanted: { status: 400, message: "Event size exceeds maximum limit of 64000 bytes" },
    async ask({ send }) {
      const { status, body } = await send(sized(LARGEST_BYTES + 1));
      return { status, message: field(body, "message") };
    },
  },
  {
    id: "flowcore/too-large-in-batch",
    says: "Of a batch with one payload that is too large nothing is stored.",
    certainty: "likely",
    wanted: { status: 400, stored: 0 },
    async ask({ send, marked }) {
      const mark = crypto.randomUUID();
      const after = crypto.randomUUID();
      const { status } = await send(`[{"mark":"${mark}"},${sized(LARGEST_BYTES + 1)}]`, {
        batch: true,
      });
      // What was sent later is readable, so what was sent before it would be.
      await send(JSON.stringify({ mark: after }));
      await marked(after, 1);
      return { status, stored: (await marked(mark, 0)).length };
    },
  },
  {
    id: "flowcore/not-an-object",
    says: "A payload that is no object is answered 400.",
    certainty: "guess",
    wanted: 400,
    ask: async ({ send }) => (await send('"a text"')).status,
  },
  {
    id: "flowcore/not-json",
    says: "A body that is not JSON is answered 400.",
    certainty: "likely",
    wanted: 400,
    ask: async ({ send }) => (await send('{"a": ')).status,
  },
  {
    id: "flowcore/empty-batch",
    says: "A batch without a payload is answered 400.",
    certainty: "guess",
    wanted: 400,
    ask: async ({ send }) => (await send("[]", { batch: true })).status,
  },
  {
    id: "flowcore/packed",
    says: "A body may be packed by gzip.",
    certainty: "likely",
    wanted: ACCEPTED,
    ask: async ({ send }) =>
      accepted(await send(gzipSync("{}"), { headers: { "content-encoding": "gzip" } })),
  },
  {
    id: "flowcore/metadata",
    says: "Metadata is base64 of JSON and comes back with the event, string to string.",
    certainty: "likely",
    wanted: { probe: "yes" },
    async ask(own) {
      const mark = crypto.randomUUID();
      const metadata = { probe: "yes" };
      await own.client.execute(
        new IngestEventCommand({ ...target(own), eventData: { mark }, metadata }),
      );
      const [event] = await own.marked(mark, 1);
      return { probe: field(event?.metadata, "probe") };
    },
  },
  {
    id: "flowcore/bad-metadata",
    says: "Metadata that is not base64 of JSON is answered 400.",
    certainty: "guess",
    wanted: 400,
    ask: async ({ send }) =>
      (await send("{}", { headers: { "x-flowcore-metadata-json": "***" } })).status,
  },
  {
    id: "flowcore/event-time",
    says: "The event's time decides its hour, and is its valid time too.",
    certainty: "likely",
    wanted: { isInItsHour: true, isValidTime: true },
    async ask(own) {
      const { client, tenant, dataCoreId, send } = own;
      const mark = crypto.randomUUID();
      const time = new Date(Date.now() - 30 * 86_400_000);
      await send(JSON.stringify({ mark }), { headers: eventTime(time.toISOString()) });
      const { events } = await readHour({ client, tenant, dataCoreId }, time, mark);
      const [event] = events;
      return {
        isInItsHour: event !== undefined,
        isValidTime: event && Date.parse(event.validTime) === time.getTime(),
      };
    },
  },
  {
    id: "flowcore/event-time-is-utc",
    says: "The event's time is taken with `Z` only: an offset is answered 400.",
    certainty: "likely",
    wanted: { status: 400, code: "BAD_REQUEST" },
    ask: async ({ send }) =>
      refused(await send("{}", { headers: eventTime("2026-11-20T12:00:00+01:00") })),
  },
  {
    id: "flowcore/event-time-is-whole",
    says: "The event's time is a date with a time: a date alone is answered 400.",
    certainty: "likely",
    wanted: { status: 400, code: "BAD_REQUEST" },
    ask: async ({ send }) => refused(await send("{}", { headers: eventTime("2026-11-20") })),
  },
  {
    id: "flowcore/batch-times",
    says: "A batch's headers name the field of each payload that holds its time.",
    certainty: "likely",
    wanted: ACCEPTED,
    ask: async ({ send }) =>
      accepted(
        await send('[{"happened":"2026-11-20T12:00:00.000Z"}]', {
          batch: true,
          headers: { "x-flowcore-event-time-key": "happened" },
        }),
      ),
  },
];

async function readHour(
  { client, tenant, dataCoreId }: Pick<OwnDataCore, "client" | "tenant" | "dataCoreId">,
  time: Date,
  mark: string,
) {
  const names = { tenant, dataCoreId, flowType: FLOW_TYPE, eventTypes: [...EVENT_TYPES] };
  const command = new EventsFetchCommand({ ...names, timeBucket: bucketOf(time), pageSize: 500 });
  // Flowcore says of back-dated events only that they are there in the end.
  for (const until = Date.now() + 120_000; ; ) {
    const { events } = await client.execute(command);
    const marked = events.filter(({ payload }) => field(payload, "mark") === mark);
    if (marked.length > 0 || Date.now() > until) return { events: marked };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
