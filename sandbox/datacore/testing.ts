import {
  DataCoreCreateCommand,
  EventTypeCreateCommand,
  FlowcoreClient,
  type FlowcoreEvent,
  FlowTypeCreateCommand,
  IngestBatchCommand,
  IngestEventCommand,
  TenantTranslateNameToIdCommand,
} from "@flowcore/sdk";
import type postgres from "postgres";
import { type DatacoreOptions, playDatacore } from "./server.ts";

export const apiKey = "fc_test_c0ffee";
export const tenant = "made-up";
export const flowType = "order.0";
export const eventTypes = ["order.placed.0", "order.paid.0"] as const;

type EventTypeName = (typeof eventTypes)[number];

export const clientOf = (url: string, key = apiKey) => {
  const client = new FlowcoreClient({ apiKey: key, retry: null });
  client.setBaseUrl(url);
  return client;
};

/** Plays a datacore on `sql` with a data core, a flow type and two event types in it. */
export async function stage(sql: postgres.Sql, options: Partial<DatacoreOptions> = {}) {
  const played = await playDatacore({ sql, port: 0, apiKey, tenant, log: () => {}, ...options });
  const client = clientOf(played.url);
  const { id: tenantId } = await client.execute(new TenantTranslateNameToIdCommand({ tenant }));
  const dataCore = await client.execute(
    new DataCoreCreateCommand({
      tenantId,
      name: "shop",
      description: "Orders",
      accessControl: "private",
      deleteProtection: false,
    }),
  );
  const flow = await client.execute(
    new FlowTypeCreateCommand({ dataCoreId: dataCore.id, name: flowType, description: "Orders" }),
  );
  const create = (name: EventTypeName) =>
    client.execute(
      new EventTypeCreateCommand({ flowTypeId: flow.id, name, description: `About ${name}` }),
    );
  const placed = await create("order.placed.0");
  const paid = await create("order.paid.0");

  const target = (eventTypeName: EventTypeName) => ({
    tenantName: tenant,
    dataCoreId: dataCore.id,
    flowTypeName: flowType,
    eventTypeName,
  });
  return {
    ...played,
    client,
    tenantId,
    dataCoreId: dataCore.id,
    flowTypeId: flow.id,
    eventTypeIds: [placed.id, paid.id] satisfies [string, string],
    names: { tenant, dataCoreId: dataCore.id, flowType, eventTypes: [...eventTypes] },
    target,
    async ingest(eventTypeName: EventTypeName, eventData: unknown, more = {}) {
      const command = new IngestEventCommand({ ...target(eventTypeName), eventData, ...more });
      return (await client.execute(command)).eventId;
    },
    async ingestBatch(eventTypeName: EventTypeName, events: unknown[], more = {}) {
      const command = new IngestBatchCommand({ ...target(eventTypeName), events, ...more });
      return (await client.execute(command)).eventIds;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await played.stop();
    },
  };
}

export type Stage = Awaited<ReturnType<typeof stage>>;

/** The answer to a failed command, or what failed in its stead. */
export const refusal = (promise: Promise<unknown>): Promise<{ status?: number; body?: unknown }> =>
  promise.then(
    (answer) => {
      throw new Error(`was answered: ${JSON.stringify(answer)}`);
    },
    (error) => error,
  );

/** The same of several at once, so that none is rejected while another is waited for. */
export const refusals = (requests: Promise<unknown>[]) => Promise.all(requests.map(refusal));

export const idsOf = (events: FlowcoreEvent[]) => events.map(({ eventId }) => eventId);

/** A clock that stands until it is moved. */
export function fakeClock(start: string) {
  let time = new Date(start);
  return {
    now: () => time,
    set(next: string) {
      time = new Date(next);
    },
  };
}
