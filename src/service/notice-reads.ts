import { eventFaults } from "../commands/event-faults.ts";
import { readRefusedKeys } from "../commands/keys.ts";
import { rowPolicyOf } from "../commands/policies.ts";
import { readAccountReading } from "../intake/store/account-reading.ts";
import type { Sentence } from "../lib/sentence.ts";
import { dayAt } from "../lib/zones.ts";
import { concerning } from "../notify/concerning.ts";
import { type Digest, digestOf } from "../notify/digest.ts";
import type { FeedReads } from "../notify/feed.ts";
import type { LookReads } from "../notify/look.ts";
import { readAddedPlaces } from "../projections/queries/added-places.ts";
import {
  isKeptPlace,
  readNewestPlace,
  readRowMessages,
} from "../projections/queries/row-messages.ts";
import type { ChangePlace, ChangeRow, EventSort } from "../projections/queries/row-types.ts";
import { statusNamesOfOpenSales } from "../rules/event-status.ts";
import type { LoopContext } from "./loops/loop-context.ts";
import { buildReads } from "./reads.ts";

/** More launch, or are called off, within a day on no day. */
const NEWEST = 200;
const PAGE = 1_000;
const DAY_MS = 24 * 3_600_000;
const AHEAD_MS = 14 * DAY_MS;
const LAUNCHES = 50;
/** Of more changes than these, which no day has had, the oldest are left out. */
const MOST_PAGES = 20;

/** What the room that tells people is handed of the rows: what the API shows of them. */
export function noticeReads(
  context: Pick<LoopContext, "sql" | "clock" | "logger" | "failing" | "config" | "version">,
  readProblems: () => Promise<readonly Sentence[]>,
) {
  const { sql, failing, config } = context;
  const reads = buildReads({ ...context, faults: eventFaults(context) });

  const feed: FeedReads = {
    newestPlace: () => readNewestPlace(sql),
    isKept: (place) => isKeptPlace(sql, place),
    messages: (wanted) => readRowMessages(sql, wanted),
    changesSince,
    addedPlaces: (added) =>
      readAddedPlaces(sql, added, { ...rowPolicyOf(config), now: context.clock.now() }),
  };

  async function changesSince(since: Date): Promise<ChangeRow[]> {
    const found: ChangeRow[] = [];
    let after: ChangePlace | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { rows, next } = await reads.readChanges({ since, limit: PAGE, after });
      found.push(...rows);
      if (!next) break;
      after = next;
    }
    return found.reverse();
  }

  const newest = async (statuses: readonly string[], by: EventSort) => {
    const wanted = { statuses, sort: { by, isDescending: true }, limit: NEWEST };
    return (await reads.lists.events(wanted)).rows;
  };

  const look: LookReads = {
    opened: () => newest(statusNamesOfOpenSales, "salesLaunchDate"),
    gone: () => newest(["CANCELLED"], "lastUpdated"),
    lists: () => Promise.all(config.vivenu.accounts.map(({ region }) => listingOf(region))),
    async refusedKeys() {
      const { refused } = await readRefusedKeys(sql, failing);
      // The last poll of an account that is taken away stays the last.
      return config.vivenu.accounts.flatMap(({ region }) => (refused.has(region) ? region : []));
    },
    lastReadings: () => reads.readAccounts(),
    async forecasts(rows) {
      const pages = await reads.readSellOuts(rows, undefined);
      return new Map(
        [...pages].flatMap(([eventId, { forecast, timezone }]) => {
          if (!forecast.known) return [];
          const at = forecast.soldOutAt.expected;
          return [[eventId, at === null ? null : dayAt(new Date(at), timezone)] as const];
        }),
      );
    },
  };

  const listingOf = async (region: string) => {
    const { eventsUntil } = await readAccountReading(sql, region);
    return { region, listedAt: eventsUntil };
  };

  /** Of some accounts, or of all. */
  async function readDigest(day: string, now: Date): Promise<Digest> {
    const regions = config.notify?.digest?.regions;
    const since = new Date(now.getTime() - DAY_MS);
    const isMeant = ({ region }: { region: string }) => !regions || regions.includes(region);
    const [{ rows: events }, found, launches, problems] = await Promise.all([
      reads.lists.events({ statuses: statusNamesOfOpenSales, regions, limit: PAGE }),
      changesSince(since),
      readLaunches(now, regions),
      readProblems(),
    ]);
    const changes = found.filter((change) => isMeant(change) && !change.isFirstCount);
    return digestOf({
      ...{ day, now, events },
      problems: concerning(problems, regions),
      paces: await reads.readPaces(events, {}),
      ...{ changes, changesInDay: changes.length },
      launches,
    });
  }

  async function readLaunches(now: Date, regions: readonly string[] | undefined) {
    const to = new Date(now.getTime() + AHEAD_MS);
    return (await reads.readLaunches({ from: now, to, regions, limit: LAUNCHES })).rows;
  }

  return { feed, look, readDigest };
}
