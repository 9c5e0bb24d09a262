import { gunzipSync } from "node:zlib";
import { playSmall } from "../../sandbox/vivenu/testing.ts";
import type {
  EventType,
  Fact,
  NewFact,
  SalesChanged,
  SalesCounted,
} from "../../src/contracts/index.ts";
import type { Pool } from "../../src/database/connect.ts";
import { eventFilter } from "../../src/intake/events/event-filter.ts";
import { type WebhookOptions, webhooks } from "../../src/intake/webhooks/receive.ts";
import type { WebhookOutcome } from "../../src/intake/webhooks/webhook-outcome.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { createLogger } from "../../src/lib/logger.ts";
import { type VivenuClientOptions, vivenuClient } from "../../src/vivenu/client.ts";
import { sign } from "../../src/vivenu/signature.ts";
import { VivenuEvent } from "../../src/vivenu/wire.ts";
import fixture from "../fixtures/vivenu/event.updated.json";
import { eventJson, SELLER_ID } from "./deliveries.ts";
import { projections } from "./given.ts";
import { playedDatabase } from "./played-database.ts";

export { deliveryOf, eventJson, SELLER_ID } from "./deliveries.ts";

export const NOON = new Date("2026-11-18T12:00:00.000Z");
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const logger = createLogger("silent");
export const hyrox = eventFilter({ name: "hyrox", include: [], exclude: [] });
export const pace = { debounceMs: 30 * SECOND, intervalMs: 30 * MINUTE };

/** A clock that goes on by itself only where somebody pauses. */
export function handClock(start = NOON) {
  let at = start.getTime();
  const clock: Clock = {
    now: () => new Date(at),
    async pause(ms, signal) {
      if (!signal?.aborted) at += ms;
    },
  };
  return {
    ...clock,
    forward(ms: number) {
      at += ms;
      return new Date(at);
    },
  };
}

export type HandClock = ReturnType<typeof handClock>;

export const EVENT_ID = fixture.data.event._id;
export const MEN = "68f000000000000000000101";
export const WOMEN = "68f000000000000000000102";

export const eventOf = (changes: Record<string, unknown> = {}) =>
  VivenuEvent.parse(eventJson(changes));

/** The receiver, and how to post to it as Vivenu does. */
export function receiver(options: Pick<WebhookOptions, "sql"> & Partial<WebhookOptions>) {
  const outcomes: [WebhookOutcome, string | null][] = [];
  const app = webhooks({
    accounts: [{ region: "DACH", keys: ["dach-key"], sellerId: SELLER_ID }],
    mode: "prod",
    maxBytes: 100_000,
    roomBytes: 33_554_432,
    answerWithinMs: 8_000,
    pace,
    clock: handClock(),
    logger,
    onVerdict: ({ outcome, account }) => void outcomes.push([outcome, account]),
    ...options,
  });
  const post = (
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    signature: string | undefined,
  ) =>
    app.request(path, {
      method: "POST",
      body,
      headers: {
        "content-length": String(Buffer.byteLength(body)),
        ...(signature !== undefined && { "x-vivenu-signature": signature }),
      },
    });
  return {
    app,
    outcomes,
    post,
    async send(body: string, { key = "dach-key", path = "/webhooks/vivenu/DACH" } = {}) {
      return (await post(path, body, sign(Buffer.from(body), key))).status;
    },
  };
}

/** What is on its way to the datacore, in the order it was enqueued. */
export async function readFacts<T extends EventType>(sql: Pool, only?: T): Promise<NewFact<T>[]> {
  const rows = await sql<{ eventType: EventType; payload: unknown }[]>`
    select event_type, payload from outbox
    where ${only ?? null}::text is null or event_type = ${only ?? null}
    order by outbox_id
  `;
  // The cast: `enqueue` holds every payload against the contract of its event type.
  return rows.map(({ eventType, payload }) => ({ eventType, payload }) as NewFact<T>);
}

export async function readPayloads<T extends EventType>(sql: Pool, eventType: T) {
  return (await readFacts(sql, eventType)).map(({ payload }) => payload);
}

/** Every count on its way to the datacore, whether it names all ticket types or those that changed. */
export async function readCounts(sql: Pool): Promise<(SalesCounted | SalesChanged)[]> {
  return (await readFacts(sql)).flatMap((fact) =>
    fact.eventType === "sales.counted.0" || fact.eventType === "sales.changed.0"
      ? fact.payload
      : [],
  );
}

/** Makes rows of facts as the consumer does, in the order given. */
export async function project(sql: Pool, facts: NewFact[]) {
  // The cast: TypeScript does not carry the pair of type and payload through the spread.
  const stored = facts.map((fact, i) => ({ ...fact, factId: String(i) }) as Fact);
  await sql.begin(async (tx) => {
    for (const fact of stored)
      for (const projection of projections) await projection.apply(tx, [fact]);
  });
}

/** Everything that a database holds, as text; compressed bodies as they were before. */
export async function dump(sql: Pool): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public'
  `;
  const rows = await Promise.all(
    tables.map(({ name }) => sql<{ text: string }[]>`select t::text as text from ${sql(name)} t`),
  );
  const bodies = await sql<{ body: Uint8Array }[]>`select body from inbox where body is not null`;
  return [
    ...rows.flat().map(({ text }) => text),
    ...bodies.map(({ body }) => gunzipSync(body).toString()),
  ].join("\n");
}

/** Which of these are in a text; the text itself is too long for a failure's message. */
export const found = (text: string, traces: Iterable<unknown>) =>
  [...traces].map(String).filter((trace) => text.includes(trace));

/** The played Vivenu with its small season, and our own client for its accounts. */
export async function playedVivenu(clock: HandClock, webhookUrl?: string) {
  const database = await playedDatabase();
  const played = await playSmall(database.sql, {
    now: clock.now,
    ...(webhookUrl && { webhookTarget: (region) => `${webhookUrl}/webhooks/vivenu/${region}` }),
  });
  return {
    ...played,
    client: (region: string, options: Partial<VivenuClientOptions> = {}) =>
      clientFor({
        baseUrl: played.url,
        apiKey: played.accounts.find((account) => account.region === region)?.apiKey ?? "none",
        region,
        clock,
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await played.stop();
      await database[Symbol.asyncDispose]();
    },
  };
}

export const clientFor = (
  options: Pick<VivenuClientOptions, "baseUrl"> & Partial<VivenuClientOptions>,
) =>
  vivenuClient({
    apiKey: "key_of_a_test",
    region: "DACH",
    budget: { take: async () => {} },
    clock: handClock(),
    logger,
    ...options,
  });

export const never = new AbortController().signal;
