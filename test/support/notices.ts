import type { NewFact } from "../../src/contracts/index.ts";
import type { Outgoing } from "../../src/notify/channels/outgoing.ts";
import { outgoingOf } from "../../src/notify/outbox/outgoing-of.ts";
import { noticeRelay } from "../../src/notify/outbox/relay.ts";
import type { NotifySettings, QuietHours } from "../../src/notify/settings.ts";
import { noticeFeed } from "../../src/notify/watch/feed.ts";
import { rowTeller } from "../../src/projections/consumer/row-messages.ts";
import { readAddedPlaces } from "../../src/projections/queries/added-places.ts";
import { readChanges } from "../../src/projections/queries/change-list.ts";
import {
  isKeptPlace,
  readNewestPlace,
  readRowMessages,
} from "../../src/projections/queries/read-row-messages.ts";
import type { Touched } from "../../src/projections/tables/touched.ts";
import { defaultPolicy } from "../../src/rules/capacity.ts";
import { asRead, eventUpdated, salesCounted, ticketType, typeCount } from "./facts.ts";
import { projections } from "./given.ts";
import { handClock, MINUTE, never } from "./intake.ts";
import { reusedDatabase } from "./reused-database.ts";

export const START = new Date("2026-11-18T12:00:00.000Z");
const url = { reveal: () => "http://127.0.0.1:1/" };
export const settings: NotifySettings = {
  channels: [
    { type: "slack", name: "races", url },
    { type: "slack", name: "ops", url },
  ],
  rules: [{ to: ["races", "ops"] }],
  ...{ quiet: undefined, digest: undefined, smtp: undefined, page: undefined },
};

export interface Receiver {
  got: Outgoing[];
  answer: (outgoing: Outgoing) => Promise<void>;
}

export const receiver = (): Receiver => ({ got: [], answer: async () => {} });

export const titles = ({ got }: Receiver) => got.map(({ message }) => message.title);

/** A database of rows, and the steps of whoever tells people of them, each run when a test says so. */
export async function noticeStage() {
  const { sql } = await reusedDatabase();
  await sql`insert into row_message (position, kinds, accounts, event_ids) values (0, '{}', '{}', '{}')`;
  await sql`insert into row_position (position) values (0)`;
  const clock = handClock(START);
  /** What is asked in each writing transaction. */
  const lease = { check: async () => {} };

  const common = (more: Partial<NotifySettings> = {}) => ({
    ...{ sql, clock, check: () => lease.check(), settings: { ...settings, ...more } },
    onEnqueued: () => {},
  });

  /** Looks until there is nothing more; fails where it never ends. */
  async function feed(more: Partial<NotifySettings> = {}) {
    const step = noticeFeed({
      ...common(more),
      reads: {
        newestPlace: () => readNewestPlace(sql),
        isKept: (place) => isKeptPlace(sql, place),
        messages: (wanted) => readRowMessages(sql, wanted),
        changesSince: async (since) =>
          (await readChanges(sql, { since, limit: 100 })).rows.toReversed(),
        addedPlaces: (added) =>
          readAddedPlaces(sql, added, { now: clock.now(), policy: defaultPolicy }),
      },
    });
    for (let n = 0; n < 10; n += 1) if ((await step()) === "idle") return;
    throw new Error("it goes on and on");
  }

  /** One look at what is due, without the rest of who has failed before; says how it failed. */
  async function relay(
    channel: string,
    { got, answer }: Receiver,
    { signal = never, quiet }: { signal?: AbortSignal; quiet?: QuietHours } = {},
  ) {
    let failing: string | undefined;
    const step = noticeRelay({
      ...{ sql, clock, channel, quiet, signal, check: () => lease.check() },
      redact: (text) => text,
      outgoingOf: (waiting) => outgoingOf(waiting),
      onOutcome: () => {},
      onFailing(reason) {
        failing = reason;
      },
      sender: {
        async send(outgoing) {
          await answer(outgoing);
          got.push(outgoing);
        },
        close() {},
      },
    });
    const outcome = await step().catch((error: Error) => error.message);
    return failing ?? outcome;
  }

  const described = (
    price: number,
    at = clock.now(),
    more: Parameters<typeof eventUpdated>[0] = {},
  ) =>
    eventUpdated({
      name: "HYROX Frankfurt",
      start: "2027-06-01T08:00:00.000Z",
      end: "2027-06-01T18:00:00.000Z",
      ticketTypes: [ticketType({ priceMinor: price, amount: 10 })],
      updatedAt: at.toISOString(),
      observedAt: at.toISOString(),
      ...more,
    });

  const counted = (sold: number, at = clock.now()) =>
    salesCounted({ countedAt: at.toISOString(), ticketTypes: [typeCount({ sold })] });

  /** As a page of the log is applied, a minute after the one before. */
  async function log(...facts: NewFact[]) {
    await sql.begin(async (tx) => {
      const page = facts.map((fact) => asRead(fact));
      const { news, tell } = rowTeller();
      const touched: Touched[] = [];
      for (const { apply } of projections) touched.push(...(await apply(tx, page, news)));
      await tell(tx, page, touched);
    });
    clock.forward(MINUTE);
  }

  return { sql, clock, lease, common, feed, relay, described, counted, log };
}

export type NoticeStage = Awaited<ReturnType<typeof noticeStage>>;
