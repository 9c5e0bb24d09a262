import { randomBytes } from "node:crypto";
import {
  DataCoreCreateCommand,
  DataCoreRequestDeleteCommand,
  EventsFetchCommand,
  EventTypeCreateCommand,
  FlowcoreClient,
  type FlowcoreEvent,
  FlowTypeCreateCommand,
  TenantTranslateNameToIdCommand,
} from "@flowcore/sdk";
import { type Answer, field, request } from "../http.ts";

export interface Settings {
  tenant: string;
  apiKey: string;
  /** One origin that stands in for all of Flowcore's services. */
  baseUrl: string | undefined;
  /** Of a person or a program that signed in; needed by one probe only. */
  bearerToken: string | undefined;
}

/** What a probe that only reads is given. */
export interface Flowcore extends Settings {
  /** Flowcore's own client, without its retries. */
  client: FlowcoreClient;
  /** One request to a service (`tenant`, `event-source`, `webhook`, ...) with these headers and no others. */
  plain(service: string, path: string, init?: RequestInit): Promise<Answer>;
  /** `ApiKey <id>:<key>`, as all services but ingestion are sent it. */
  authorization: string;
}

/** A data core of the run's own, with one flow type and two event types. */
export interface OwnDataCore extends Flowcore {
  tenantId: string;
  dataCoreId: string;
  dataCoreName: string;
  flowTypeId: string;
  eventTypeIds: [string, string];
  /** Sends `body` to an event type's ingestion by nothing but HTTP. */
  send(body: string | Uint8Array<ArrayBuffer>, more?: Sending): Promise<Answer>;
  /** The events of the hour that hold this mark, in the order of the answer, when there are so many. */
  marked(mark: string, count: number): Promise<FlowcoreEvent[]>;
}

export interface Sending {
  eventType?: string;
  /** In the path, in the place of the data core's id. */
  dataCore?: string;
  headers?: Record<string, string>;
  batch?: true;
  /** In the place of the raw key. */
  authorization?: string;
}

export const FLOW_TYPE = "probe.0";
export const EVENT_TYPES = ["probe.sent.0", "probe.answered.0"] as const;
const READABLE_WITHIN_MS = 120_000;

export function flowcoreOf(settings: Settings): Flowcore {
  const { apiKey, baseUrl } = settings;
  const client = new FlowcoreClient({ apiKey, retry: null });
  if (baseUrl) client.setBaseUrl(baseUrl);
  return {
    ...settings,
    client,
    authorization: `ApiKey ${apiKey.split("_")[1]}:${apiKey}`,
    plain: (service, path, init) =>
      request(`${baseUrl ?? `https://${service}.api.flowcore.io`}${path}`, init),
  };
}

/** The name says what it is and whose: it is in front of people while the run lasts. */
export const nameOfOwn = () => `conformance-${randomBytes(4).toString("hex")}`;

export async function makeDataCore(flowcore: Flowcore, name: string): Promise<OwnDataCore> {
  const { client, tenant } = flowcore;
  const { id: tenantId } = await client.execute(new TenantTranslateNameToIdCommand({ tenant }));
  const { id: dataCoreId } = await client.execute(
    new DataCoreCreateCommand({
      ...{ tenantId, name, accessControl: "private", deleteProtection: false },
      description: "Made by a conformance run, which removes it",
    }),
  );
  try {
    return await furnish(flowcore, { tenantId, dataCoreId, name });
  } catch (error) {
    await removeDataCore(flowcore, dataCoreId);
    throw error;
  }
}

async function furnish(
  flowcore: Flowcore,
  { tenantId, dataCoreId, name }: { tenantId: string; dataCoreId: string; name: string },
): Promise<OwnDataCore> {
  const { client, tenant, plain, apiKey } = flowcore;
  const flowType = await client.execute(
    new FlowTypeCreateCommand({ dataCoreId, name: FLOW_TYPE, description: "Probes" }),
  );
  const flowTypeId = flowType.id;
  const typeOf = async (eventType: string) => {
    const input = { flowTypeId, name: eventType, description: "Probes" };
    return (await client.execute(new EventTypeCreateCommand(input))).id;
  };
  const eventTypeIds: [string, string] = [
    await typeOf(EVENT_TYPES[0]),
    await typeOf(EVENT_TYPES[1]),
  ];
  const own: OwnDataCore = {
    ...flowcore,
    ...{ tenantId, dataCoreId, dataCoreName: name, flowTypeId, eventTypeIds },
    send(body, { eventType = EVENT_TYPES[0], dataCore = dataCoreId, ...more } = {}) {
      const to = more.batch ? "events" : "event";
      return plain("webhook", `/${to}/${tenant}/${dataCore}/${FLOW_TYPE}/${eventType}`, {
        method: "POST",
        headers: {
          authorization: more.authorization ?? apiKey,
          "content-type": "application/json",
          ...more.headers,
        },
        body,
      });
    },
    async marked(mark, count) {
      const until = Date.now() + READABLE_WITHIN_MS;
      for (;;) {
        const found = (await eventsNow(own)).filter(
          ({ payload }) => field(payload, "mark") === mark,
        );
        if (found.length >= count || Date.now() > until) return found;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    },
  };
  return own;
}

/** Of this hour and the one before: the clock may strike between sending and reading. */
async function eventsNow({ client, tenant, dataCoreId }: OwnDataCore) {
  const events: FlowcoreEvent[] = [];
  for (const time of [Date.now() - 3_600_000, Date.now()])
    for (let cursor: string | undefined, more = true; more; ) {
      const page = await client.execute(
        new EventsFetchCommand({
          ...{ tenant, dataCoreId, flowType: FLOW_TYPE, eventTypes: [...EVENT_TYPES] },
          ...{ timeBucket: bucketOf(new Date(time)), pageSize: 500 },
          ...(cursor !== undefined && { cursor }),
        }),
      );
      events.push(...page.events);
      cursor = page.nextCursor;
      more = cursor !== undefined;
    }
  return events;
}

export const removeDataCore = ({ client, tenant }: Flowcore, dataCoreId: string) =>
  client.execute(new DataCoreRequestDeleteCommand({ tenant, dataCoreId }));

/** Flowcore keeps events by the UTC hour: `yyyyMMddHH0000`. */
export const bucketOf = (time: Date) =>
  `${time.toISOString().slice(0, 13).replaceAll(/[-T]/g, "")}0000`;
