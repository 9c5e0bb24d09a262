import { listEvents, readEvent } from "./generated/orval";
import { told, walked } from "./walk";

const options = { headers: { authorization: `Bearer ${process.env.API_KEY ?? ""}` } };

const events = await walked(async (cursor) => {
  const answer = await listEvents({ limit: 7, ...(cursor !== undefined && { cursor }) }, options);
  if (answer.status !== 200) return undefined;
  return { rows: answer.data.events, nextCursor: answer.data.nextCursor };
});
const first = await readEvent(events[0]?.eventId ?? "", {}, options);
const missing = await readEvent("nobody", {}, options);
told({
  events,
  one: first.status === 200 ? first.data : undefined,
  problem: missing.status === 404 ? missing.data : undefined,
});
