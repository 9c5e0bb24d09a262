import { z } from "zod";
import { Failure } from "../lib/failure.ts";
import { type Asked, unanswered } from "./answer.ts";

const PAGE = 100;

/** A webhook listener of an account, its key reduced to whether it is the one that was asked about. */
export interface Listener {
  listenerId: string;
  name: string;
  url: string;
  enabled: boolean;
  /** The types it is told of. */
  types: string[];
  hasKey(key: string): boolean;
}

export interface ListenerWish {
  /** 5 to 30 characters. */
  name: string;
  /** Public HTTPS. */
  url: string;
  types: readonly string[];
  hmacKey: string;
}

export interface ListenersOptions {
  baseUrl: string;
  apiKey: string;
  region: string;
  timeoutMs: number;
  now: () => Date;
}

const Wire = z.object({
  _id: z.string(),
  name: z.string(),
  url: z.string(),
  enabled: z.boolean().catch(true),
  events: z.record(z.string(), z.boolean()).catch({}),
  hmacKey: z.string().nullish(),
});
const Page = z.object({ docs: z.array(Wire), total: z.int().nonnegative() });

/**
 * The webhook listeners of one account: the only thing we ever write to Vivenu. Vivenu answers with
 * their keys in clear; none leaves this file. Nothing is retried: the caller is a person.
 */
export function listeners({ baseUrl, apiKey, region, timeoutMs, now }: ListenersOptions) {
  return {
    async list(): Promise<Listener[]> {
      const found: z.infer<typeof Wire>[] = [];
      for (;;) {
        const page = await ask("GET", `/api/webhooks?top=${PAGE}&skip=${found.length}`);
        const { docs, total } = read(Page, page);
        found.push(...docs);
        if (docs.length === 0 || found.length >= total) break;
      }
      return found.map(({ _id, name, url, enabled, events, hmacKey }) => ({
        listenerId: _id,
        name,
        url,
        enabled,
        types: Object.keys(events).filter((type) => events[type]),
        hasKey: (key) => hmacKey === key,
      }));
    },
    create: (wish: ListenerWish) => ask("POST", "/api/webhooks", bodyOf(wish)),
    /** Vivenu replaces the whole listener. */
    replace: (listenerId: string, wish: ListenerWish) =>
      ask("PUT", `/api/webhook/${encodeURIComponent(listenerId)}`, bodyOf(wish)),
    remove: (listenerId: string) => ask("DELETE", `/api/webhook/${encodeURIComponent(listenerId)}`),
  };

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const asked = { account: region, path };
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => {
      // The library's error may quote the request, and with it the key.
      throw new Failure("unavailable", `Vivenu cannot be reached for account ${region}`, asked);
    });
    if (response.status === 400)
      throw new Failure(
        "refused",
        `Vivenu refuses the listener of ${region}: ${await said(response)}`,
        asked,
      );
    if (!response.ok) throw unanswered(response, asked, now()).failure;
    return answerOf(response, asked);
  }

  function read<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const what = `Vivenu's list of listeners of ${region} came as something else: is a proxy in between?`;
    throw new Failure("unavailable", what);
  }
}

/** An empty answer will do where something was only to be done; a page for people is none. */
async function answerOf(response: Response, asked: Asked): Promise<unknown> {
  try {
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    const what = `Vivenu's address answered ${asked.path} with something else than JSON: is a proxy in between?`;
    throw new Failure("unavailable", what, { ...asked });
  }
}

const bodyOf = ({ name, url, types, hmacKey }: ListenerWish) => ({
  name,
  url,
  hmacKey,
  enabled: true,
  events: Object.fromEntries(types.map((type) => [type, true])),
});

/** Vivenu says why in a message of its own, which never holds a key. */
async function said(response: Response): Promise<string> {
  const Message = z.object({ message: z.string() });
  const body: unknown = await response.json().catch(() => undefined);
  return Message.safeParse(body).data?.message.slice(0, 200) ?? "400";
}
