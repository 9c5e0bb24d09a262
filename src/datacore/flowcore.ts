import {
  EventsFetchCommand,
  EventsFetchTimeBucketsByNamesCommand,
  EventTypeListCommand,
  FlowTypeListCommand,
  IngestBatchCommand,
  IngestEventCommand,
} from "@flowcore/sdk";
import { z } from "zod";
import { contracts } from "../contracts/index.ts";
import { Failure } from "../lib/failure.ts";
import { sortArrived } from "./arrived-facts.ts";
import { cursorFollower } from "./cursors.ts";
import type { Datacore } from "./datacore.ts";
import { eventTypeBook } from "./event-types.ts";
import { execute, type FlowcoreAccess, flowcoreClient } from "./flowcore-request.ts";
import { payloadReader } from "./payloads.ts";
import { isTimeUuid } from "./time-uuid.ts";

export interface FlowcoreOptions extends FlowcoreAccess {
  tenant: string;
  /** Known, or to be looked up when it is first needed: Flowcore may be down when we start. */
  dataCoreId: string | (() => Promise<string>);
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
  events: z.array(z.unknown()),
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

/** The SDK's own schema gives up a list of hours whose last page says that there is none behind it. */
const RawHours = z.object({
  timeBuckets: z.array(z.string()),
  nextCursor: z.number().nullish(),
});

class TolerantHoursCommand extends EventsFetchTimeBucketsByNamesCommand {
  hours: z.infer<typeof RawHours> | undefined;
  protected override parseResponse(raw: unknown) {
    this.hours = RawHours.parse(raw);
    return { timeBuckets: [] };
  }
}

/** The datacore on Flowcore. What is handed on keeps its contract, or says why it does not. */
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
      const follow = cursorFollower<number>(`hours of ${flowType}`);
      let cursor: number | undefined;
      do {
        const command = new TolerantHoursCommand({
          tenant,
          dataCoreId,
          flowType,
          eventTypes,
          ...(from !== undefined && { fromTimeBucket: from }),
          ...(cursor !== undefined && { cursor }),
        });
        await execute(client, command, readTimeoutMs);
        if (!command.hours) throw new Failure("unavailable", "Flowcore answered without hours");
        const { timeBuckets, nextCursor } = command.hours;
        if (!timeBuckets.every(isTimeBucket))
          throw new Failure("unavailable", "Flowcore's list of hours has some that are none");
        for (const bucket of timeBuckets) buckets.add(bucket);
        cursor = follow(nextCursor ?? undefined);
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
      return {
        ...sortArrived(command.page.events, timeBucket, readPayload),
        ...(next ? { cursor: next } : {}),
      };
    },

    close: () => client.close(),
  };
}

/** Anew each time: the SDK writes into it. Letters and digits only, for it takes no others. */
const metadataOf = (traceparent: string | undefined) =>
  traceparent === undefined ? {} : { metadata: { traceparent } };

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
