import { startOfYesterday } from "../../lib/zones.ts";
import { readChanges } from "../../projections/queries/change-list.ts";
import { readPaces } from "../../projections/queries/pace.ts";
import type { OnEventFault } from "../../projections/queries/row-faults.ts";
import type { ChangeRow, EventRow, UnderShopRow } from "../../projections/queries/row-types.ts";
import type { Rows } from "../../projections/queries/rows.ts";
import { readSoldCurves } from "../../projections/queries/sold-curves.ts";
import { isParent } from "../../rules/parents.ts";
import { isForecast, onSaleFirst, overviewRow } from "../../sheets/layout/overview-row.ts";
import type { SheetOverview } from "../../sheets/layout/sheet-rows.ts";
import { overviewForecasts, type SalesBooks } from "./overview-forecasts.ts";
import { capacityPolicyOf, rowPolicyOf } from "./policies.ts";
import type { Surroundings } from "./surroundings.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CURVE_POINTS = 24;
/** For so long after its launch an event's curve goes to the hour; later on it would look the same. */
const YOUNG_MS = 3 * DAY_MS;
const MOST_CHANGES = 10_000;

interface OverviewOptions extends Pick<Surroundings, "config" | "sql"> {
  books: SalesBooks;
  onFault: OnEventFault;
}

interface OverviewWanted {
  rows: Rows;
  underShops: readonly UnderShopRow[];
  now: Date;
}

/**
 * How each event sells, one row an event. What moves with time alone moves with whole hours (paces), with
 * days (curves, forecasts) or with the event's calendar (changes since yesterday), so that a sheet is not
 * written at every look.
 */
export function overviewReader({ config, sql, books, onFault }: OverviewOptions) {
  const { book } = books;
  const readForecasts = overviewForecasts({ config, sql, books, onFault });

  return async ({ rows, underShops, now }: OverviewWanted): Promise<SheetOverview[]> => {
    const events = onSaleFirst(rows.events.filter((event) => !isParent(event)));
    const { countedClasses } = capacityPolicyOf(config);
    const options = { ...rowPolicyOf(config), now, onFault, book, countedClasses };
    const typesOf = Map.groupBy(rows.ticketTypes, ({ eventId }) => eventId);
    const [paces, young, old, changes, forecasts] = await Promise.all([
      readPaces(events, options),
      readCurves((event) => isYoung(event, now), HOUR_MS),
      readCurves((event) => !isYoung(event, now), DAY_MS),
      readChangesSince(now),
      readForecasts(
        events
          .filter(isForecast)
          .map((event) => ({ event, ticketTypes: typesOf.get(event.eventId) ?? [] })),
        now,
      ),
    ]);
    const changesOf = Map.groupBy(changes, ({ eventId }) => eventId);
    const shopsOf = Map.groupBy(underShops, ({ eventId }) => eventId);
    return events.map((event) => {
      const { eventId } = event;
      return overviewRow({
        event,
        now,
        pace: paces.get(eventId),
        forecast: forecasts.get(eventId),
        curve: young.get(eventId) ?? old.get(eventId),
        underShops: shopsOf.get(eventId) ?? [],
        changes: sinceYesterday(changesOf.get(eventId) ?? [], event, now),
      });
    });

    function readCurves(isMeant: (event: EventRow) => boolean, stepMs: number) {
      return readSoldCurves(
        {
          eventIds: events.filter(isMeant).map(({ eventId }) => eventId),
          points: CURVE_POINTS,
          asOf: new Date(Math.floor(now.getTime() / stepMs) * stepMs),
        },
        options,
      );
    }
  };

  /** Yesterday began somewhere up to so long ago. */
  async function readChangesSince(now: Date) {
    const since = new Date(now.getTime() - 3 * DAY_MS);
    const wanted = { since, limit: MOST_CHANGES, isWithoutFirstCounts: true };
    return (await readChanges(sql, wanted)).rows;
  }
}

const isYoung = ({ salesLaunchDate }: EventRow, now: Date) =>
  salesLaunchDate !== null && now.getTime() - Date.parse(salesLaunchDate) < YOUNG_MS;

/** From its beginning on by the event's own calendar. */
function sinceYesterday(changes: readonly ChangeRow[], { timezone }: EventRow, now: Date) {
  const begin = startOfYesterday(now, timezone).getTime();
  return changes.filter(({ changedAt }) => Date.parse(changedAt) >= begin);
}
