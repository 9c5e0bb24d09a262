import createClient from "openapi-fetch";
import type { paths } from "./generated/schema";
import { told, walked } from "./walk";

const client = createClient<paths>({
  baseUrl: process.env.API_URL ?? "",
  headers: { authorization: `Bearer ${process.env.API_KEY ?? ""}` },
});

const events = await walked(async (cursor) => {
  const { data } = await client.GET("/api/events", {
    params: { query: { limit: 7, ...(cursor !== undefined && { cursor }) } },
  });
  return data && { rows: data.events, nextCursor: data.nextCursor };
});
const first = events[0]?.eventId ?? "";
const { data: one } = await client.GET("/api/events/{eventId}", {
  params: { path: { eventId: first } },
});
const missing = await client.GET("/api/events/{eventId}", {
  params: { path: { eventId: "nobody" } },
});
told({ events, one, problem: missing.error });
