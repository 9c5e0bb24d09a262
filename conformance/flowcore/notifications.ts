import { field, kinds } from "../http.ts";
import type { Probe } from "../probe.ts";
import { EVENT_TYPES, FLOW_TYPE, type OwnDataCore } from "./world.ts";

const HEARD_WITHIN_MS = 30_000;

/** Opens a socket, says what is to be heard of, and lets `then` send; the first frame, or why there is none. */
async function firstFrame(
  { baseUrl, apiKey }: OwnDataCore,
  { subscription, key = apiKey }: { subscription: object; key?: string },
  then: () => Promise<unknown>,
): Promise<unknown> {
  const origin = (baseUrl ?? "https://tenant.api.flowcore.io").replace(/^http/, "ws");
  const [, keyId = ""] = key.split("_");
  const query = new URLSearchParams({ api_key: key, api_key_id: keyId });
  const socket = new WebSocket(`${origin}/notifications?${query}`);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const late = setTimeout(() => resolve("nothing was heard"), HEARD_WITHIN_MS);
  socket.onmessage = ({ data }) => resolve(JSON.parse(String(data)));
  socket.onclose = () => resolve("it was closed");
  socket.onerror = () => resolve("it was closed");
  socket.onopen = async () => {
    socket.send(JSON.stringify(subscription));
    await then();
  };
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    socket.close(1000);
  }
}

/** Who waits for events hears of them by a socket, ids only. */
export const notifications: Probe<OwnDataCore>[] = [
  {
    id: "flowcore/notification",
    says: "Who subscribed hears of an event by a frame whose message names it and holds no payload.",
    certainty: "known",
    wanted: {
      pattern: "stored.event.notify.0",
      data: { tenantId: "string", eventId: "string", validTime: "string", payload: "undefined" },
      names: [FLOW_TYPE, EVENT_TYPES[0]],
      isDataCore: true,
    },
    async ask(own) {
      const { tenant, dataCoreId, flowTypeId, send } = own;
      const subscription = { tenant, dataCoreId, flowTypeId };
      const frame = await firstFrame(own, { subscription }, () => send('{"heard":true}'));
      const message: unknown = JSON.parse(String(field(frame, "message")));
      const data = field(message, "data");
      return {
        pattern: field(message, "pattern"),
        data: kinds(data, "tenantId", "eventId", "validTime", "payload"),
        names: [field(data, "aggregator"), field(data, "eventType")],
        isDataCore: field(data, "dataCore") === dataCoreId,
      };
    },
  },
  {
    id: "flowcore/notification-of-one-type",
    says: "Who names an event type does not hear of another one.",
    certainty: "likely",
    wanted: EVENT_TYPES[1],
    async ask(own) {
      const { tenant, dataCoreId, flowTypeId, eventTypeIds, send } = own;
      const subscription = { tenant, dataCoreId, flowTypeId, eventTypeId: eventTypeIds[1] };
      const frame = await firstFrame(own, { subscription }, async () => {
        await send("{}");
        await send("{}", { eventType: EVENT_TYPES[1] });
      });
      return field(JSON.parse(String(field(frame, "message"))), "data", "eventType");
    },
  },
  {
    id: "flowcore/bad-subscription",
    says: "A subscription that names no data core is answered by a frame of the type `validation`.",
    certainty: "known",
    wanted: "validation",
    async ask(own) {
      const subscription = { tenant: own.tenant };
      return field(await firstFrame(own, { subscription }, async () => {}), "type");
    },
  },
  {
    id: "flowcore/notification-wrong-key",
    says: "A socket with a key that was never handed out is closed without a frame.",
    certainty: "likely",
    wanted: "it was closed",
    ask: ({ dataCoreId, tenant, ...own }) =>
      firstFrame(
        { dataCoreId, tenant, ...own },
        { subscription: { tenant, dataCoreId }, key: "fc_probe_wrong" },
        async () => {},
      ),
  },
];
