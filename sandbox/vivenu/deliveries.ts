import { createHmac } from "node:crypto";
import type { Sql } from "postgres";

export const ATTEMPTS = 7;
const TIMEOUT_MS = 10_000;
const AT_ONCE = 8;
const PAGE = 64;
const KEPT_ABANDONED = 500;

/** Pauses after each failed attempt but the last: seven attempts in about two hours. */
const PAUSES_MS = [30, 120, 360, 900, 1920, 3840].map((seconds) => seconds * 1000);

export interface DeliveryOptions {
  sql: Sql;
  now: () => Date;
  log: (line: string) => void;
  timeoutMs?: number;
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

interface Delivery {
  id: string;
  type: string;
  body: string;
  attempts: number;
  url: string;
  hmacKey: string | null;
}

export type Deliveries = ReturnType<typeof deliveries>;

/** Lower-case hex over the body's bytes; the key is text and is not decoded. */
export const signatureOf = (body: string, key: string) =>
  createHmac("sha256", key).update(body, "utf8").digest("hex");

/**
 * Sends what is due, each until it is answered for good. What is pending is in the database, so a
 * restart goes on with it; a delivery that was under way when the process ended is sent again.
 */
export function deliveries({ sql, now, log, timeoutMs = TIMEOUT_MS, ...options }: DeliveryOptions) {
  const send = options.fetch ?? fetch;
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round = Promise.resolve();
  let woken = false;

  /** Sends all that is due now, one round at a time; resolves when each has been tried. */
  function deliverDue() {
    round = round.catch(() => {}).then(sendDue);
    return round;
  }

  async function sendDue() {
    while (!stopping.signal.aborted) {
      const waiting = await readDue(sql, now());
      if (waiting.length === 0) return;
      const lane = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) await attempt(next);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, lane));
    }
  }

  async function attempt(delivery: Delivery) {
    if (stopping.signal.aborted) return;
    const { answer, over } = await transmit(delivery);
    if (stopping.signal.aborted && !over) return;
    await record(delivery, answer, over);
  }

  async function transmit({ url, body, hmacKey }: Delivery) {
    try {
      const response = await send(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(hmacKey !== null && { "x-vivenu-signature": signatureOf(body, hmacKey) }),
        },
        body,
        redirect: "manual",
        signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.body?.cancel();
      const { status } = response;
      return { answer: String(status), over: isOver(status) };
    } catch (error) {
      const timedOut = error instanceof Error && error.name === "TimeoutError";
      return { answer: timedOut ? "408" : "unreachable", over: undefined };
    }
  }

  async function record({ id, type, attempts }: Delivery, answer: string, over?: Ending) {
    if (over === "delivered") return void (await sql`delete from vivenu.delivery where id = ${id}`);
    const pause = over === undefined ? PAUSES_MS[attempts] : undefined;
    if (pause === undefined) {
      log(`webhook ${type} ${id} given up after ${attempts + 1} attempts: ${answer}`);
      return abandon(sql, id, answer);
    }
    await sql`
      update vivenu.delivery
      set attempts = attempts + 1, answer = ${answer}, due_at = ${new Date(now().getTime() + pause)}
      where id = ${id}
    `;
  }

  /** Something was announced, or the timer fired. Many calls before a round begins are one. */
  function wake() {
    if (woken || stopping.signal.aborted) return;
    woken = true;
    round = round
      .catch(() => {})
      .then(() => {
        woken = false;
        return sendDue();
      })
      .catch((error) => log(`webhooks wait: ${error}`))
      .then(sleep);
  }

  async function sleep() {
    clearTimeout(timer);
    const ms = await untilNextMs().catch(() => 1000);
    if (!stopping.signal.aborted) timer = setTimeout(wake, ms);
  }

  async function untilNextMs() {
    const [next] = await sql<{ at: Date | null }[]>`
      select min(due_at) as at
      from vivenu.delivery join vivenu.listener on listener.id = listener_id
      where due_at is not null and listener.enabled
    `;
    const ms = (next?.at?.getTime() ?? Infinity) - now().getTime();
    return Math.min(Math.max(ms, 250), 60_000);
  }

  async function stop() {
    stopping.abort();
    clearTimeout(timer);
    await round.catch(() => {});
  }

  return { deliverDue, wake, stop };
}

type Ending = "delivered" | "refused";

/** 2xx is taken and 4xx refused for good; all else may pass. */
function isOver(status: number): Ending | undefined {
  if (status >= 200 && status < 300) return "delivered";
  return status >= 400 && status < 500 ? "refused" : undefined;
}

const readDue = async (sql: Sql, at: Date) => [
  ...(await sql<Delivery[]>`
  select delivery.id, type, body, attempts, url, hmac_key as "hmacKey"
  from vivenu.delivery join vivenu.listener on listener.id = listener_id
  where due_at <= ${at} and listener.enabled
  order by due_at, queued_at
  limit ${PAGE}
`),
];

/** Kept without its body for a look at what went wrong; only the newest are. */
async function abandon(sql: Sql, id: string, answer: string) {
  await sql`
    update vivenu.delivery
    set attempts = attempts + 1, answer = ${answer}, due_at = null, body = ''
    where id = ${id}
  `;
  await sql`
    delete from vivenu.delivery where id in (
      select id from vivenu.delivery where due_at is null
      order by queued_at desc offset ${KEPT_ABANDONED}
    )
  `;
}

/** For the page and the tests: what waits and what was given up. */
export async function readDeliveryCounts(sql: Sql) {
  const [counts] = await sql<{ pending: number; abandoned: number }[]>`
    select count(due_at)::int as pending, (count(*) - count(due_at))::int as abandoned
    from vivenu.delivery
  `;
  return counts ?? { pending: 0, abandoned: 0 };
}
