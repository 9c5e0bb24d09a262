import {
  ClientError,
  type Command,
  EventsFetchCommand,
  EventsFetchTimeBucketsByNamesCommand,
  EventTypeListCommand,
  FlowcoreClient,
  FlowTypeListCommand,
  IngestBatchCommand,
  IngestEventCommand,
  NotFoundException,
} from "@flowcore/sdk";
import { z } from "zod";
import { contracts, type EventType, type Fact } from "../contracts/index.ts";
import { Failure } from "../lib/failure.ts";
import { readTraceparent } from "../lib/tracing.ts";
import { type Datacore, NO_CONTRACT, type Page, type Unreadable } from "./datacore.ts";
import { eventTypeBook } from "./event-types.ts";
import { type PayloadReader, payloadReader } from "./payloads.ts";
import { reasonOf } from "./reason.ts";
import { compareIds, isTimeUuid } from "./time-uuid.ts";

export interface FlowcoreOptions {
  tenant: string;
  /** Known, or to be looked up when it is first needed: Flowcore may be down when we start. */
  dataCoreId: string | (() => Promise<string>);
  apiKey: string;
  /** Where a stand-in listens; absent, the SDK's own hosts. */
  baseUrl?: string | undefined;
  ingestTimeoutMs: number;
  readTimeoutMs: number;
  /** So many items of facts are kept, with which the next ones are compared; without it those of a replay. */
  keptItems?: number;
  /** For what is cached of the datacore; the process's own clock unless a test has another. */
  monotonicMs?: () => number;
}

/** Event types are looked up on the way to a page, which can do without. */
const LOOK_UP_MS = 5_000;

/** What a page must be for us; the SDK's own schema gives up a whole page for one odd fact. */
const RawPage = z.object({
  events: z.array(z.looseObject({ eventId: z.string(), eventType: z.string() })),
  nextCursor: z.string().nullish(),
});
type RawPage = z.infer<typeof RawPage>;

class TolerantEventsFetchCommand extends EventsFetchCommand {
  page: RawPage | undefined;
  protected override parseResponse(raw: unknown) {
    this.page = RawPage.parse(raw);
    return { events: [] };
  }
}

export function flowcoreClient({ apiKey, baseUrl }: Pick<FlowcoreOptions, "apiKey" | "baseUrl">) {
  // The SDK repeats a failed POST by itself, and a repeated append is a second fact: no retries here,
  // the loops around have their own.
  const client = new FlowcoreClient({ apiKey, retry: null });
  if (baseUrl) client.setBaseUrl(baseUrl.replace(/\/+$/, ""));
  return client;
}

/** The datacore on Flowcore. Nothing past this file sees raw JSON. */
export function flowcore(options: FlowcoreOptions): Datacore {
  const { tenant, ingestTimeoutMs, readTimeoutMs } = options;
  const client = flowcoreClient(options);
  const readDataCoreId = onceItSucceeds(options.dataCoreId);
  const { keptItems: items } = options;
  const readPayload = payloadReader(items === undefined ? {} : { items });
  const eventTypesOf = eventTypeBook(lookUpEventTypes, options.monotonicMs);

  async function lookUpEventTypes(flowType: string): Promise<string[]> {
    const limitMs = Math.min(readTimeoutMs, LOOK_UP_MS);
    const dataCoreId = await readDataCoreId();
    const flowTypes = await execute(client, new FlowTypeListCommand({ dataCoreId }), limitMs);
    const found = flowTypes.find(({ name }) => name === flowType);
    if (!found) return [];
    const command = new EventTypeListCommand({ flowTypeId: found.id });
    return (await execute(client, command, limitMs)).map(({ name }) => name);
  }

  return {
    async append({ eventType, payload }, traceparent) {
      const dataCoreId = await readDataCoreId();
      const command = new IngestEventCommand({
        tenantName: tenant,
        dataCoreId,
        flowTypeName: contracts[eventType].flowType,
        eventTypeName: eventType,
        eventData: payload,
        ...metadataOf(traceparent),
      });
      const { eventId, success } = await execute(client, command, ingestTimeoutMs);
      // Whose id is none may not be stored at all: what reads the log confirms each by its key.
      if (!success || !isTimeUuid(eventId))
        throw new Failure("unavailable", "Flowcore did not take a fact", { eventType });
      return eventId;
    },

    async appendAll(facts, traceparent) {
      const [first] = facts;
      if (!first) return [];
      const { eventType } = first;
      const command = new IngestBatchCommand({
        tenantName: tenant,
        dataCoreId: await readDataCoreId(),
        flowTypeName: contracts[eventType].flowType,
        eventTypeName: eventType,
        events: facts.map(({ payload }) => payload),
        ...metadataOf(traceparent),
      });
      const { eventIds, success } = await execute(client, command, ingestTimeoutMs);
      if (!success || eventIds.length !== facts.length || !eventIds.every(isTimeUuid))
        throw new Failure("unavailable", "Flowcore did not take some facts", { eventType });
      return eventIds;
    },

    async readTimeBuckets(flowType, from) {
      const dataCoreId = await readDataCoreId();
      const eventTypes = await eventTypesOf(flowType);
      const buckets = new Set<string>();
      let cursor: number | undefined;
      do {
        const command = new EventsFetchTimeBucketsByNamesCommand({
          tenant,
          dataCoreId,
          flowType,
          eventTypes,
          ...(from !== undefined && { fromTimeBucket: from }),
          ...(cursor !== undefined && { cursor }),
        });
        const page = await execute(client, command, readTimeoutMs);
        if (!page.timeBuckets.every(isTimeBucket))
          throw new Failure("unavailable", "Flowcore's list of hours has some that are none");
        for (const bucket of page.timeBuckets) buckets.add(bucket);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      return [...buckets].sort();
    },

    async readPage({ flowType, timeBucket, pageSize, cursor, fromFactId, toFactId }) {
      const dataCoreId = await readDataCoreId();
      const command = new TolerantEventsFetchCommand({
        tenant,
        dataCoreId,
        flowType,
        eventTypes: await eventTypesOf(flowType),
        timeBucket,
        pageSize,
        ...(cursor !== undefined && { cursor }),
        ...(cursor === undefined && fromFactId !== undefined && { fromEventId: fromFactId }),
        ...(toFactId !== undefined && { toEventId: toFactId }),
      });
      await execute(client, command, readTimeoutMs);
      if (!command.page) throw new Failure("unavailable", "Flowcore answered without a page");
      const next = command.page.nextCursor;
      return { ...sort(command.page.events, readPayload), ...(next ? { cursor: next } : {}) };
    },

    close: () => client.close(),
  };
}

/** Splits what arrived into facts that keep their contract and ones that do not. */
export function sort(
  arrived: RawPage["events"],
  read: PayloadReader = payloadReader(),
): Pick<Page, "facts" | "unreadable"> {
  const facts: Fact[] = [];
  const unreadable: Unreadable[] = [];
  for (const { eventId: id, eventType, payload, metadata } of arrived) {
    // An id without a time has no place in the log's order, and none in a uuid column.
    if (!isTimeUuid(id)) throw new Failure("refused", "a fact's id is not a UUID v1", { id });
    // As PostgreSQL gives it back: what it knows is told from what is new by comparing ids as text.
    const eventId = id.toLowerCase();
    const leaveOut = (reason: string) =>
      unreadable.push({ factId: eventId, eventType, reason, ...knownOf(payload) });
    if (!isEventType(eventType)) {
      leaveOut(NO_CONTRACT);
      continue;
    }
    const parsed = read(eventType, payload);
    // The cast: TypeScript does not see that `eventType` chose the contract that `payload` keeps.
    if (parsed.success)
      facts.push({
        factId: eventId,
        eventType,
        payload: parsed.data,
        ...traceOf(metadata),
      } as Fact);
    else leaveOut(reasonOf(parsed.error));
  }
  facts.sort((a, b) => compareIds(a.factId, b.factId));
  return { facts, unreadable };
}

/** Anew each time: the SDK writes into it. Letters and digits only, for it takes no others. */
const metadataOf = (traceparent: string | undefined) =>
  traceparent === undefined ? {} : { metadata: { traceparent } };

const Traced = z.object({ traceparent: z.string() });

function traceOf(metadata: unknown) {
  const traceparent = readTraceparent(Traced.safeParse(metadata).data?.traceparent);
  return traceparent === undefined ? {} : { traceparent };
}

/** One look-up for all who ask at the same time; the next one asks again if it failed. */
function onceItSucceeds(dataCoreId: FlowcoreOptions["dataCoreId"]) {
  if (typeof dataCoreId === "string") return async () => dataCoreId;
  let lookup: Promise<string> | undefined;
  return () => {
    lookup ??= dataCoreId().catch((error) => {
      lookup = undefined;
      throw error;
    });
    return lookup;
  };
}

const isTimeBucket = (bucket: string) => /^\d{14}$/.test(bucket);

const isEventType = (eventType: string): eventType is EventType =>
  Object.hasOwn(contracts, eventType);

const Keyed = z.object({ idempotencyKey: z.string() });
const Owned = z.object({ account: z.string() });

/** What can be read of a payload that breaks its contract. */
const knownOf = (payload: unknown) => ({
  ...Keyed.safeParse(payload).data,
  ...Owned.safeParse(payload).data,
});

/** Runs a command with a limit, which the SDK does not have, and sorts what goes wrong. */
export async function execute<Input, Output>(
  client: FlowcoreClient,
  command: Command<Input, Output>,
  timeoutMs: number,
): Promise<Output> {
  const limit = Promise.withResolvers<never>();
  const name = command.constructor.name;
  const timer = setTimeout(
    () =>
      limit.reject(
        new Failure("unavailable", `Flowcore did not answer in ${timeoutMs} ms`, {
          command: name,
          timeoutMs,
        }),
      ),
    timeoutMs,
  );
  try {
    return await Promise.race([client.execute(command), limit.promise]);
  } catch (error) {
    throw sorted(error, name);
  } finally {
    clearTimeout(timer);
  }
}

/** What Flowcore says of a request. Anything else in the 400s is of the way there, and the next try may pass. */
const REFUSALS = new Set([400, 401, 403, 404, 409, 413, 422]);
const TOO_LARGE = 413;

function sorted(error: unknown, command: string): unknown {
  if (error instanceof Failure) return error;
  if (error instanceof NotFoundException)
    return new Failure("missing", `Flowcore has not got what ${command} asks for`, {}, error);
  if (!(error instanceof ClientError))
    return new Failure("unavailable", `Flowcore's answer to ${command} cannot be read`, {}, error);
  const { status, body } = error;
  // Flowcore's own are JSON, which the SDK keeps: others are a proxy's. A request may be too large for either.
  const isOfProxy = status >= 400 && status < 500 && typeof body !== "object";
  if (isOfProxy && status !== TOO_LARGE) {
    const what = `something before Flowcore answered ${status}, and not Flowcore`;
    return new Failure("unavailable", what, { status, command });
  }
  const kind = REFUSALS.has(status) ? "refused" : "unavailable";
  const what = inWords[status] ?? `Flowcore answered ${status}`;
  return new Failure(kind, what, { status, command });
}

/** What an operator reads in /status; the rest are told by their number. */
const inWords: Record<number, string> = {
  0: "Flowcore cannot be reached",
  401: "Flowcore does not accept the API key (401): it was revoked, is another tenant's, or reads an event type that is not there and that `datacore apply` creates",
  403: "Flowcore does not allow this to the API key (403): its IAM policy lacks a permission on the data core, or names it by its name instead of its id",
  422: "Flowcore does not understand the question (422): flow types or event types may differ from flowcore.yaml",
};
