import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import type { Pool } from "../database/connect.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { OptionalId } from "../vivenu/fields.ts";
import { verify } from "../vivenu/signature.ts";
import { Delivery as FullDelivery } from "../vivenu/wire.ts";
import { acceptance } from "./accept.ts";
import type { HintPace } from "./hints.ts";
import { sellerBook } from "./seller-book.ts";

export interface WebhookAccount {
  region: string;
  /** Tried in turn; none means that the account's webhooks can not be checked and are refused. */
  keys: string[];
  /** Configured; else what was learned from Vivenu counts. */
  sellerId: string | undefined;
}

export interface WebhookOptions {
  sql: Pool;
  accounts: WebhookAccount[];
  mode: "prod" | "dev" | "any";
  maxBytes: number;
  pace: HintPace;
  clock: Clock;
  log: Logger;
  /** Told once for each request; `account` is null where it is not known. */
  onOutcome: (outcome: WebhookOutcome, account: string | null) => void;
}

export type WebhookOutcome =
  | "accepted"
  | "repeated"
  | "unsigned"
  | "malformed"
  | "foreign"
  | "too_large"
  | "unavailable";

/** Of the types that are only counted, nothing is known of `data`, not even that it is there. */
const Delivery = FullDelivery.extend({ data: z.unknown().optional() });
type Delivery = z.infer<typeof Delivery>;

const EVENT_TYPES = ["event.created", "event.updated", "event.deleted"];

/**
 * Takes Vivenu's webhooks. Nothing is parsed before a key fits the raw bytes, nothing is answered with
 * 200 before it is kept, and whatever is our own fault is answered with 503, which Vivenu tries again;
 * a 4xx it never does.
 */
export function webhooks(options: WebhookOptions) {
  const { accounts, maxBytes, log, onOutcome } = options;
  const accept = acceptance(options);
  const learnedSellers = sellerBook(options.sql);
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: (c) => {
      onOutcome("too_large", null);
      log.error({ maxBytes }, "webhook.too_large");
      return problem(c, 413, `the body is larger than ${maxBytes} bytes`);
    },
  });

  app.use("/webhook/*", limit);
  app.use("/webhooks/*", limit);
  app.post("/webhook/event-updated", (c) => receive(c, accounts));
  app.post("/webhooks/vivenu/:region", async (c) => {
    const region = c.req.param("region").toUpperCase();
    const named = accounts.filter((account) => account.region === region);
    if (named.length > 0) return receive(c, named);
    // A mistake in the configuration, ours or theirs, must not lose what can be sent again.
    onOutcome("unavailable", null);
    log.error({ region }, "webhook.unknown_region");
    return problem(c, 503, "no account of this name is configured");
  });
  app.onError((error, c) => {
    onOutcome("unavailable", null);
    log.error({ path: c.req.path, error }, "webhook.failed");
    return problem(c, 503, "it could not be kept; send it again");
  });
  return app;

  async function receive(c: Context, candidates: WebhookAccount[]) {
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (candidates.every(({ keys }) => keys.length === 0)) {
      onOutcome("unavailable", onlyRegion(candidates));
      log.error({ regions: candidates.map(({ region }) => region) }, "webhook.no_key_configured");
      return problem(c, 503, "no webhook key is configured for this account");
    }
    const signed = signers(candidates, body, c.req.header("x-vivenu-signature"));
    if (signed.length === 0) {
      onOutcome("unsigned", onlyRegion(candidates));
      return problem(c, 401, "the signature does not fit");
    }
    const delivery = read(body);
    if (typeof delivery === "string") {
      onOutcome("malformed", onlyRegion(signed));
      log.error({ reason: delivery }, "webhook.malformed");
      return problem(c, 400, delivery);
    }
    if (options.mode !== "any" && delivery.mode !== options.mode) {
      onOutcome("foreign", onlyRegion(signed));
      log.error({ mode: delivery.mode, expected: options.mode }, "webhook.wrong_mode");
      return problem(c, 422, `this service takes mode ${options.mode} (VIVENU_MODE)`);
    }
    const owner = await ownerOf(delivery, signed);
    if (owner === "unknown") {
      onOutcome("unavailable", onlyRegion(signed));
      log.warn({ type: delivery.type }, "webhook.seller_not_learned");
      return problem(c, 503, "whose it is will be known after the next poll; send it again");
    }
    if (owner === "foreign") {
      onOutcome("foreign", onlyRegion(signed));
      log.error({ type: delivery.type, sellerId: delivery.sellerId }, "webhook.foreign_seller");
      return problem(c, 403, "its seller is not this account's");
    }
    return store(c, body, delivery, owner.account);
  }

  /** The seller it names must be that of an account whose key fits. */
  async function ownerOf({ sellerId }: Delivery, signed: WebhookAccount[]) {
    if (sellerId === null) return { account: onlyRegion(signed) };
    const learned = await learnedSellers(sellerId);
    const sellerOf = ({ region, sellerId }: WebhookAccount) => sellerId ?? learned.get(region);
    const owner = signed.find((account) => sellerOf(account) === sellerId);
    if (owner) return { account: owner.region };
    return signed.some((account) => sellerOf(account) === undefined) ? "unknown" : "foreign";
  }

  async function store(c: Context, body: Uint8Array, delivery: Delivery, account: string | null) {
    const { type } = delivery;
    const receivedAt = options.clock.now();
    const isNew = await accept({
      ...{ account, type, receivedAt },
      body: EVENT_TYPES.includes(type) ? body : undefined,
      eventIds: eventIdsOf(delivery),
    });
    onOutcome(isNew ? "accepted" : "repeated", account);
    log.debug({ type, account, bytes: body.length, repeated: !isNew }, "webhook.accepted");
    return c.json({ accepted: true }, 200);
  }
}

const onlyRegion = (accounts: WebhookAccount[]) =>
  accounts.length === 1 ? (accounts[0]?.region ?? null) : null;

/** The accounts whose key fits; each distinct key is tried once. */
function signers(candidates: WebhookAccount[], body: Uint8Array, signature: string | undefined) {
  const fits = new Map<string, boolean>();
  const tried = (key: string) => {
    const known = fits.get(key) ?? verify(body, signature, key);
    fits.set(key, known);
    return known;
  };
  return candidates.filter(({ keys }) => keys.filter(tried).length > 0);
}

/** The delivery, or what is wrong with it. */
function read(body: Uint8Array): Delivery | string {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return "the body is not JSON";
  }
  const parsed = Delivery.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".") || "the body").join(", ");
  return `not a webhook of Vivenu's: ${fields}`;
}

const Sold = z.object({ eventId: OptionalId }).catch({ eventId: null });
const Hinting = z.object({
  ticket: Sold,
  transaction: Sold,
  tickets: z.array(Sold).catch([]),
});

/** Of a ticket or a transaction nothing is kept but which event it is for. */
function eventIdsOf({ type, data }: Delivery): string[] {
  if (!/^(ticket|transaction)\./.test(type)) return [];
  const hinting = Hinting.safeParse(data).data;
  if (!hinting) return [];
  const { ticket, transaction, tickets } = hinting;
  return [...new Set([ticket, transaction, ...tickets].flatMap(({ eventId }) => eventId ?? []))];
}

const problem = (c: Context, status: 400 | 401 | 403 | 413 | 422 | 503, detail: string) => {
  const titles = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    413: "Content Too Large",
    422: "Unprocessable Content",
    503: "Service Unavailable",
  };
  return c.json({ title: titles[status], status, detail }, status, {
    "content-type": "application/problem+json",
    ...(status === 503 && { "retry-after": "30" }),
  });
};
