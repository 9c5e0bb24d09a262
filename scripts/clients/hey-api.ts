import { client } from "./generated/hey-api/client.gen";
import { listEvents, readEvent } from "./generated/hey-api/sdk.gen";
import { told, walked } from "./walk";

client.setConfig({ baseUrl: process.env.API_URL ?? "", auth: process.env.API_KEY ?? "" });

const events = await walked(async (cursor) => {
  const { data } = await listEvents({
    query: { limit: 7, ...(cursor !== undefined && { cursor }) },
  });
  return data && { rows: data.events, nextCursor: data.nextCursor };
});
const first = events[0]?.eventId ?? "";
const { data: one } = await readEvent({ path: { eventId: first } });
const missing = await readEvent({ path: { eventId: "nobody" } });
told({ events, one, problem: missing.error });
