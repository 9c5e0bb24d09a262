import { randomUUID } from "node:crypto";
import type { ISql } from "postgres";
import type { StoredAccount } from "./accounts.ts";
import { asJson } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { idFrom, randomObjectId } from "./ids.ts";
import { parseQuery } from "./query.ts";

const WEBHOOK_TYPES = (
  "transaction.complete transaction.reservedBySystem transaction.canceled " +
  "transaction.partiallyCanceled checkout.completed checkout.aborted checkout.detailsSubmitted " +
  "ticket.created ticket.updated purchaseIntent.created purchaseIntent.approved " +
  "purchaseIntent.rejected purchaseIntent.updated purchaseIntent.expired " +
  "purchaseIntent.completed purchaseIntent.cancelled customer.created customer.updated " +
  "event.created event.updated event.deleted job.started job.failed job.completed " +
  "support.assignedToSeller ticketTransfer.created ticketTransfer.rejected " +
  "ticketTransfer.transferred ticketTransfer.expired scan.created bundle.created bundle.updated " +
  "product.created product.updated product.deleted subscription.created subscription.updated " +
  "subscription.payment.succeeded subscription.payment.failed fund.created fund.updated " +
  "campaign.created campaign.updated donation.created pledge.created"
).split(" ");

/** What happens here, and so all that a played listener can hear of. */
const HEARD = [
  "event.created",
  "event.updated",
  "event.deleted",
  "ticket.created",
  "ticket.updated",
  "transaction.complete",
  "transaction.canceled",
  "transaction.partiallyCanceled",
] as const;

export type WebhookType = (typeof HEARD)[number];

export interface Listener {
  id: string;
  name: string;
  url: string;
  enabled: boolean;
  events: Record<string, boolean>;
  hmacKey: string | null;
}

const columns = (sql: ISql) => sql`id, name, url, enabled, events, hmac_key as "hmacKey"`;

const listenerDocument = (account: StoredAccount, { id, ...listener }: Listener) => ({
  _id: id,
  ...listener,
  createdBy: { type: "API_KEY", id: idFrom(account.sellerId, "api key") },
});

/** `GET /api/webhooks`: `docs`, not `rows`, and with the keys in clear. Probe: vivenu/listeners. */
export async function listListeners(sql: ISql, account: StoredAccount, search: URLSearchParams) {
  const query = parseQuery(search, { top: "integer", skip: "integer" });
  const top = query.integer("top", { low: 1, high: 1000, fallback: 25 });
  const skip = query.integer("skip", { low: 0, high: Number.MAX_SAFE_INTEGER, fallback: 0 });
  const all = await sql<Listener[]>`
    select ${columns(sql)} from vivenu.listener where region = ${account.region}
    order by created_at, id
  `;
  const docs = all.slice(skip, skip + top).map((one) => listenerDocument(account, one));
  return { docs, total: all.length };
}

// Probe: vivenu/listener-made.
export async function createListener(sql: ISql, account: StoredAccount, body: unknown, now: Date) {
  const listener = { id: randomObjectId(now), ...parseListener(body) };
  await writeListener(sql, account.region, listener, now);
  return listenerDocument(account, listener);
}

/** A full replacement: what the body leaves out is reset. Probe: vivenu/listener-replaced. */
export async function replaceListener(
  sql: ISql,
  account: StoredAccount,
  id: string,
  body: unknown,
) {
  const listener = { id, ...parseListener(body) };
  const replaced = await sql`
    update vivenu.listener
    set name = ${listener.name}, url = ${listener.url}, enabled = ${listener.enabled},
        events = ${asJson(sql, listener.events)}, hmac_key = ${listener.hmacKey}
    where id = ${id} and region = ${account.region}
  `;
  if (replaced.count === 0) throw new HttpError(404, "Webhook not found");
  return listenerDocument(account, listener);
}

// Probe: vivenu/listener-removed.
export async function deleteListener(sql: ISql, account: StoredAccount, id: string) {
  const [deleted] = await sql<Listener[]>`
    delete from vivenu.listener where id = ${id} and region = ${account.region}
    returning ${columns(sql)}
  `;
  if (!deleted) throw new HttpError(404, "Webhook not found");
  return listenerDocument(account, deleted);
}

const writeListener = (sql: ISql, region: string, listener: Listener, now: Date) => sql`
  insert into vivenu.listener (id, region, name, url, enabled, events, hmac_key, created_at)
  values (
    ${listener.id}, ${region}, ${listener.name}, ${listener.url}, ${listener.enabled},
    ${asJson(sql, listener.events)}, ${listener.hmacKey}, ${now}
  )
  on conflict (id) do update set
    url = excluded.url, enabled = excluded.enabled, events = excluded.events,
    hmac_key = excluded.hmac_key
`;

/** The listener that stands in for one that an operator has registered: it may point at this machine. */
export const setPlayedListener = (
  sql: ISql,
  { region, sellerId, hmacKey }: StoredAccount,
  { url, now }: { url: string; now: Date },
) => {
  const listener: Listener = {
    id: playedListenerId(sellerId),
    name: `Event monitor ${region}`,
    url,
    enabled: true,
    events: Object.fromEntries(HEARD.map((type) => [type, true])),
    hmacKey,
  };
  return writeListener(sql, region, listener, now);
};

/** Nobody to send to: what is pending for it waits for a start that names a target again. */
export const disablePlayedListener = (sql: ISql, { sellerId }: StoredAccount) => sql`
  update vivenu.listener set enabled = false where id = ${playedListenerId(sellerId)}
`;

const playedListenerId = (sellerId: string) => idFrom(sellerId, "played listener");

// Probe: vivenu/listener-name.
function parseListener(body: unknown): Omit<Listener, "id"> {
  const {
    name,
    url,
    enabled = true,
    events = {},
    hmacKey = null,
    ...rest
  } = asObject(body, "body");
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new HttpError(400, `"${unknown}" is not allowed`);
  if (typeof name !== "string" || name.length < 5 || name.length > 30) {
    throw new HttpError(400, '"name" must be a string of 5 to 30 characters');
  }
  if (typeof enabled !== "boolean") throw new HttpError(400, '"enabled" must be a boolean');
  if (hmacKey !== null && typeof hmacKey !== "string") {
    throw new HttpError(400, '"hmacKey" must be a string or null');
  }
  return { name, url: publicUrl(url), enabled, events: subscriptions(events), hmacKey };
}

function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new HttpError(400, `"${name}" must be an object`);
}

// Probe: vivenu/listener-types.
function subscriptions(events: unknown): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(asObject(events, "events")).map(([type, wanted]) => {
      if (!WEBHOOK_TYPES.includes(type))
        throw new HttpError(400, `"events.${type}" is not allowed`);
      if (typeof wanted !== "boolean") {
        throw new HttpError(400, `"events.${type}" must be a boolean`);
      }
      return [type, wanted];
    }),
  );
}

const INTERNAL =
  /^(localhost|.*\.(local|localhost|internal|test)|127\..*|10\..*|192\.168\..*|169\.254\..*|172\.(1[6-9]|2\d|3[01])\..*|0\.0\.0\.0|\[.*\]|.*\.ngrok(-free)?\.(io|app|dev)|.*\.trycloudflare\.com|.*\.loca\.lt)$/i;

/**
 * Vivenu takes a public HTTPS address only; tunnels to a developer's machine are none.
 * Probes: vivenu/listener-https, vivenu/listener-public.
 */
function publicUrl(value: unknown) {
  const url = typeof value === "string" ? URL.parse(value) : null;
  if (typeof value !== "string" || url?.protocol !== "https:") {
    throw new HttpError(400, '"url" must be an HTTPS URL');
  }
  if (INTERNAL.test(url.hostname) || !url.hostname.includes(".")) {
    throw new HttpError(400, '"url" must not point to an internal host');
  }
  return value;
}

/** One transmission for each listener of the account that wants `type`; sent once it is committed. */
export async function announce(
  sql: ISql,
  { region, sellerId, type, at }: { region: string; sellerId: string; type: WebhookType; at: Date },
  subjects: readonly unknown[],
) {
  const listeners = await sql<{ id: string }[]>`
    select id from vivenu.listener
    where region = ${region} and enabled and (events ->> ${type})::boolean
  `;
  const transmissions = listeners.flatMap(({ id: webhookId }) =>
    subjects.map((data) => {
      const id = randomUUID();
      return {
        id,
        webhookId,
        body: JSON.stringify({ id, sellerId, webhookId, type, mode: "dev", data }),
      };
    }),
  );
  if (transmissions.length === 0) return;
  await sql`
    insert into vivenu.delivery (id, listener_id, type, body, due_at, queued_at)
    select id, listener_id, ${type}, body, ${at}, ${at}
    from unnest(
      ${transmissions.map(({ id }) => id)}::uuid[],
      ${transmissions.map(({ webhookId }) => webhookId)}::text[],
      ${transmissions.map(({ body }) => body)}::text[]
    ) as transmission (id, listener_id, body)
  `;
}
