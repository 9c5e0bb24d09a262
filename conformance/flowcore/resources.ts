import {
  DataCoreFetchCommand,
  EventTypeFetchCommand,
  EventTypeInfoCommand,
  EventTypeListCommand,
  EventTypeUpdateCommand,
  FlowTypeCreateCommand,
  FlowTypeFetchCommand,
} from "@flowcore/sdk";
import { field, refusal } from "../http.ts";
import type { Probe } from "../probe.ts";
import { EVENT_TYPES, FLOW_TYPE, type OwnDataCore } from "./world.ts";

/** Data cores, flow types and event types. */
export const resources: Probe<OwnDataCore>[] = [
  {
    id: "flowcore/fetch-by-name",
    says: "Data core, flow type and event type are found by their names.",
    certainty: "known",
    wanted: true,
    async ask({ client, tenant, dataCoreName, dataCoreId, flowTypeId, eventTypeIds }) {
      const core = await client.execute(
        new DataCoreFetchCommand({ tenant, dataCore: dataCoreName }),
      );
      const flow = await client.execute(
        new FlowTypeFetchCommand({ dataCoreId, flowType: FLOW_TYPE }),
      );
      const type = await client.execute(
        new EventTypeFetchCommand({ flowTypeId, eventType: EVENT_TYPES[0] }),
      );
      return core.id === dataCoreId && flow.id === flowTypeId && type.id === eventTypeIds[0];
    },
  },
  {
    id: "flowcore/event-type-list",
    says: "A flow type's event types are listed.",
    certainty: "known",
    wanted: [...EVENT_TYPES].sort(),
    ask: async ({ client, flowTypeId }) =>
      (await client.execute(new EventTypeListCommand({ flowTypeId })))
        .map(({ name }) => name)
        .sort(),
  },
  {
    id: "flowcore/taken-name",
    says: "A second flow type of one name is answered 409.",
    certainty: "likely",
    wanted: 409,
    ask: async ({ client, dataCoreId }) =>
      field(
        await refusal(
          client.execute(
            new FlowTypeCreateCommand({ dataCoreId, name: FLOW_TYPE, description: "Again" }),
          ),
        ),
        "status",
      ),
  },
  {
    id: "flowcore/update",
    says: "An event type's description is changed, and the answer is the whole event type.",
    certainty: "known",
    wanted: { description: "Probed", name: EVENT_TYPES[0] },
    async ask({ client, eventTypeIds: [eventTypeId] }) {
      const changed = await client.execute(
        new EventTypeUpdateCommand({ eventTypeId, description: "Probed" }),
      );
      return { description: changed.description, name: changed.name };
    },
  },
  {
    id: "flowcore/event-type-info-empty",
    says: "The SDK's overview of an event type without events reads through buckets and events.",
    certainty: "known",
    wanted: { firstTimeBucket: null, lastEvents: 0 },
    async ask({ client, tenant, eventTypeIds: [, eventTypeId] }) {
      const about = await client.execute(new EventTypeInfoCommand({ tenant, eventTypeId }));
      return {
        firstTimeBucket: about.firstTimeBucket ?? null,
        lastEvents: about.lastEvents?.length ?? 0,
      };
    },
  },
];
