import { type Answer, field, list, request } from "../http.ts";
import { NotTried } from "../probe.ts";

/** One account of Vivenu, by nothing but HTTP. */
export interface Vivenu {
  url: string;
  apiKey: string;
  /** `GET /api/<path>` with the account's key. */
  get(path: string, query?: Query): Promise<Answer>;
  /** The first event of the account that has tickets, and a few of them. */
  sample(): Promise<{ event: unknown; eventId: string; tickets: unknown[]; total: number }>;
}

/** With the names of listeners that this run made, so that what is left of it can be removed. */
export interface Listeners extends Vivenu {
  name: string;
  send(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer>;
}

export type Query = Record<string, string | number>;

export function vivenuOf({
  url,
  apiKey,
  pauseMs,
}: {
  url: string;
  apiKey: string;
  pauseMs: number;
}): Listeners {
  let sampled: ReturnType<Vivenu["sample"]> | undefined;
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  const call = async (method: string, path: string, body?: unknown) => {
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return request(`${url}/api/${path}`, init);
  };
  const get: Vivenu["get"] = (path, query = {}) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) search.set(name, String(value));
    return call("GET", search.size > 0 ? `${path}?${search}` : path);
  };
  return {
    url,
    apiKey,
    get,
    name: `conformance-${crypto.randomUUID().slice(0, 8)}`,
    send: call,
    sample: () => (sampled ??= sampleOf(get)),
  };
}

async function sampleOf(get: Vivenu["get"]) {
  const { body } = await get("events", { top: 10, skip: 0 });
  for (const event of list(body, "rows")) {
    const eventId = String(field(event, "_id"));
    const page = (await get("tickets", { event: eventId, top: 20, skip: 0 })).body;
    const tickets = list(page, "rows");
    if (tickets.length > 2) return { event, eventId, tickets, total: Number(field(page, "total")) };
  }
  throw new NotTried("none of the account's first ten events has three tickets");
}
