import { rowPolicyOf } from "../../commands/build/policies.ts";
import { flowTypes } from "../../contracts/index.ts";
import { readAccountReading } from "../../intake/store/account-reading.ts";
import type { Sentence } from "../../lib/sentence.ts";
import { dayAfter, dayAt } from "../../lib/zones.ts";
import { type Digest, digestOf } from "../../notify/digest/digest.ts";
import { goneNotices, openedNotices, type Span } from "../../notify/notices/by-time.ts";
import { concerning } from "../../notify/notices/concerning.ts";
import type { DigestWanted } from "../../notify/watch/digest-loop.ts";
import type { FeedReads } from "../../notify/watch/feed.ts";
import type { LookReads } from "../../notify/watch/look.ts";
import { readCheckpoints } from "../../projections/consumer/checkpoint.ts";
import { readAddedPlaces } from "../../projections/queries/added-places.ts";
import {
  isKeptPlace,
  readNewestPlace,
  readRowMessages,
} from "../../projections/queries/read-row-messages.ts";
import type { Place } from "../../projections/queries/row-types.ts";
import { statusNamesOfOpenSales } from "../../rules/event-status.ts";
import { buildReads } from "../reads/reads.ts";
import { eventFaults } from "../status/event-faults.ts";
import { readRefusedKeys } from "../status/keys.ts";
import type { LoopContext } from "./loop-context.ts";
import { sellOutDay } from "./sell-out-day.ts";
import { wholeLists } from "./whole-lists.ts";

/** More are called off within a day on no day, and so many events have their forecasts looked at in a turn. */
const NEWEST = 200;
const DAY_MS = 24 * 3_600_000;
const AHEAD_MS = 14 * DAY_MS;
const SOON_MS = 5 * 60_000;
/** A race of several days sells until its last one. */
const RACE_DAYS = 7;
/** An event with one of these may have sold something in the last day all the same. */
const OTHER_STATUSES = ["DRAFT", "ANNOUNCED", "SALES_CLOSED", "ENDED"] as const;
/** What the room that tells people is handed of the rows: what the API shows of them. */
export function noticeReads(
  context: Pick<LoopContext, "sql" | "clock" | "logger" | "failing" | "config" | "version">,
  readProblems: () => Promise<readonly Sentence[]>,
) {
  const { sql, failing, config } = context;
  const reads = buildReads({ ...context, faults: eventFaults(context) });
  const whole = wholeLists(reads);

  const feed: FeedReads = {
    newestPlace: () => readNewestPlace(sql),
    isKept: (place) => isKeptPlace(sql, place),
    messages: (wanted) => readRowMessages(sql, wanted),
    changesSince: whole.changesSince,
    addedPlaces: (added) =>
      readAddedPlaces(sql, added, { ...rowPolicyOf(config), now: context.clock.now() }),
  };

  /** The first instant that is not of the span. */
  const endOf = ({ now }: Span) => new Date(now.getTime() + 1);

  const opened = (span: Span, regions?: readonly string[]) =>
    whole.allLaunches({ from: span.since, to: endOf(span), regions, isWithoutProblems: true });

  const gone = async (regions?: readonly string[]) => {
    const sort = { by: "lastUpdated", isDescending: true } as const;
    const wanted = { statuses: ["CANCELLED"], regions, sort, limit: NEWEST };
    return (await reads.lists.events(wanted)).rows;
  };

  let turn: Place | undefined;

  const look: LookReads = {
    opened: (span) => opened(span),
    async nextLaunch(now) {
      const to = new Date(now.getTime() + SOON_MS);
      const wanted = { from: new Date(now.getTime() + 1), to, isWithoutProblems: true };
      const [next] = await whole.allLaunches(wanted);
      return next === undefined ? null : new Date(next.salesLaunchDate);
    },
    gone: () => gone(),
    events: (ids) => whole.allEvents({ ids }),
    async someOnSale() {
      const { rows, next } = await reads.lists.events({
        statuses: statusNamesOfOpenSales,
        limit: NEWEST,
        after: turn,
        sort: { by: "eventId", isDescending: false },
      });
      turn = next ?? undefined;
      return rows;
    },
    lists,
    async refusedKeys() {
      const { refused } = await readRefusedKeys(sql, failing);
      // The last poll of an account that is taken away stays the last.
      return config.vivenu.accounts.flatMap(({ region }) => (refused.has(region) ? region : []));
    },
    async lastReadings() {
      const regions = config.vivenu.accounts.map(({ region }) => region);
      const until = await ticketsUntil(regions);
      return regions.map((region) => ({ region, readUntil: until.get(region) ?? null }));
    },
    async forecasts(rows) {
      const pages = await reads.readSellOuts(rows, undefined);
      return new Map(
        [...pages].flatMap(([eventId, page]) => {
          const day = sellOutDay(page);
          return day === undefined ? [] : [[eventId, day] as const];
        }),
      );
    },
  };

  function lists() {
    return Promise.all(
      config.vivenu.accounts.map(async ({ region }) => {
        const { eventsUntil } = await readAccountReading(sql, region);
        return { region, listedAt: eventsUntil };
      }),
    );
  }

  /** Of some accounts, or of all; what changed since the last one, or in a day where that was later. */
  async function readDigest({ day, now, last }: DigestWanted): Promise<Digest> {
    const regions = config.notify?.digest?.regions;
    const dayAgo = now.getTime() - DAY_MS;
    const span = { now, since: new Date(Math.min(dayAgo, last?.getTime() ?? dayAgo)) };
    const isMeant = ({ region }: { region: string }) => !regions || regions.includes(region);
    const to = new Date(now.getTime() + AHEAD_MS);
    const [onSale, others, found, launches, problems, openedLately, goneLately, listed, rows] =
      await Promise.all([
        whole.allEvents({ statuses: statusNamesOfOpenSales, regions }),
        whole.allEvents({
          statuses: OTHER_STATUSES,
          regions,
          fromDay: dayAfter(dayAt(now, null), -RACE_DAYS),
        }),
        whole.changesSince(span.since),
        whole.allLaunches({ from: now, to, regions }),
        readProblems(),
        opened(span, regions),
        gone(regions),
        lists(),
        rowsUntil(),
      ]);
    const events = [...onSale, ...others];
    return digestOf({
      day,
      now,
      events,
      launches,
      paces: await reads.readPaces(events, { at: now }),
      readUntil: { accounts: await ticketsUntil(events.map(({ region }) => region)), rows },
      changes: found.filter(isMeant),
      notices: [...openedNotices(openedLately, span), ...goneNotices(goneLately, listed, span)],
      problems: concerning(problems, regions),
    });
  }

  async function ticketsUntil(of: readonly string[]) {
    const regions = [...new Set(of)];
    const readings = await Promise.all(regions.map((region) => readAccountReading(sql, region)));
    return new Map(regions.map((region, n) => [region, readings[n]?.ticketsUntil ?? null]));
  }

  /** Null while a flow type was not read to its end yet. */
  async function rowsUntil(): Promise<Date | null> {
    const reached = await readCheckpoints(sql);
    const known = flowTypes.flatMap(
      (flowType) => reached.find((one) => one.flowType === flowType)?.readAt.getTime() ?? [],
    );
    return known.length < flowTypes.length ? null : new Date(Math.min(...known));
  }

  return { feed, look, readDigest };
}
