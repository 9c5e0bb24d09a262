import type { Child } from "hono/jsx";
import type { EventRow, LaunchRow, Pace, SoldCurve } from "../../projections/queries/row-types.ts";
import type { LaunchProblemName } from "../../rules/launch-readiness.ts";
import { Bar } from "../chart/bar.tsx";
import { Spark, type SparkProps, sparkOf } from "../chart/spark.tsx";
import { kept } from "../kept.ts";
import { Listed } from "../listed.tsx";
import { href, type Look } from "../look.ts";
import { Ahead, Came, Percent, Whole } from "../number.tsx";
import { as } from "../roles.ts";
import { Status, type StatusProps, statusOf } from "../status.tsx";
import { counted, date, daysToRace, regionName } from "../words.ts";
import { curveThen } from "./curve-then.ts";
import { isLaunching } from "./event-groups.ts";
import { columns } from "./events-columns.ts";
import { type EventsRead, isToCome } from "./read-events.ts";
import { SellsOut, type SellsOutProps, sellsOutOf } from "./sells-out.tsx";

/** All that an event's line is made of, and no more: by it the line is kept. */
export interface LineProps {
  eventId: string;
  eventName: string;
  region: string;
  link: string;
  /** An ISO instant, and the zone of its place. */
  eventDate: string;
  timezone: string | null;
  /** To the race: `12 d`, and `today` on each of its days; nothing where it is over or was called off. */
  days: string;
  status: StatusProps;
  /** Its launch is to come, it holds others, or it sells and sold. */
  sale: { before: BeforeLaunch } | { events: number } | { numbers: NumbersProps };
}

interface BeforeLaunch {
  capacity: number | null;
  /** By a presale. */
  sold: number | null;
  oversold: number | null;
  isReady: boolean;
  problems: { problem: LaunchProblemName; types: number }[];
}

/** Each is null where it is not known. */
interface NumbersProps {
  percentSold: number | null;
  usualPercentSold: number | null;
  pointsAhead: number | null;
  isGone: boolean;
  totalSold: number | null;
  totalAvailable: number | null;
  isOversold: boolean;
  lastDay: LatelyProps | null;
  lastWeek: LatelyProps | null;
  spark: SparkProps | null;
  sellsOut: SellsOutProps | null;
}

export function lineOf(row: EventRow, { look, read }: { look: Look; read: EventsRead }): LineProps {
  const { eventId, eventName, region, eventDate, timezone } = row;
  return {
    ...{ eventId, eventName, region, eventDate, timezone },
    link: href(look, `/events/${encodeURIComponent(eventId)}`),
    days: daysWords(row, look.now),
    status: statusOf(row, look),
    sale: saleOf(row, look, read),
  };
}

function saleOf(row: EventRow, look: Look, read: EventsRead): LineProps["sale"] {
  if (row.status === "ANNOUNCED" && isToCome(row, look.now))
    return { before: beforeLaunch(row, read.launches.get(row.eventId)) };
  if (row.status === "GROUP") return { events: row.childEventIds.length };
  return { numbers: numbersOf(row, look, read) };
}

const beforeLaunch = (row: EventRow, launch: LaunchRow | undefined): BeforeLaunch => ({
  capacity: row.totalCapacity,
  sold: row.totalSold,
  isReady: launch?.isReady ?? false,
  oversold: row.oversoldPlaces,
  problems: (launch?.problems ?? []).map(({ problem, ticketTypes }) => ({
    problem,
    types: ticketTypes.length,
  })),
});

function numbersOf(row: EventRow, look: Look, read: EventsRead): NumbersProps {
  const { eventId, percentSold, totalSold, totalAvailable } = row;
  const pace = read.paces.get(eventId);
  const curve = curveThen(read.curves.get(eventId), row);
  const usual = pace?.usual;
  return {
    ...{ percentSold, totalSold, totalAvailable },
    usualPercentSold: usual?.usualPercentSold ?? null,
    pointsAhead: usual?.pointsAhead ?? null,
    isGone: row.status === "SOLD_OUT",
    isOversold: Boolean(row.oversoldPlaces),
    lastDay: latelyOf(pace, "last24Hours"),
    lastWeek: latelyOf(pace, "last7Days"),
    spark: curve ? sparkOfCurve(curve, isLaunching(row, look.now)) : null,
    sellsOut: sellsOutOf({ row, pace, forecast: read.sellOuts.get(eventId)?.forecast }),
  };
}

const sparks = new WeakMap<SoldCurve, SparkProps | null>();

/** A curve is the same from one request to the next, and drawing it takes longer than the rest of its line. */
function sparkOfCurve(curve: SoldCurve, isLaunching: boolean): SparkProps | null {
  const known = sparks.get(curve);
  if (known === null || known?.isLaunching === isLaunching) return known;
  const points = curve.points.map(({ at, percent }) => ({ x: at, y: percent }));
  const spark = sparkOf(points, { isLaunching });
  sparks.set(curve, spark);
  return spark;
}

function daysWords(row: EventRow, now: Date): string {
  const days = daysToRace(row, now);
  if (days < 0 || row.status === "CANCELLED") return "";
  return days === 0 ? "today" : `${days} d`;
}

/** Rows say the same from one request to the next, but for what was counted since. */
export const EventLine = kept((line: LineProps) => {
  const { eventId, eventName, region, link, eventDate, timezone, days, status, sale } = line;
  return (
    <tr id={`event-${eventId}`} {...as.row}>
      <th class="name" {...as.rowHeader} scope="row">
        <a href={link}>
          <bdi>{eventName}</bdi>
        </a>{" "}
        <span class="region">{regionName(region)}</span>
      </th>
      <td class="race" {...as.cell}>
        <time datetime={eventDate}>{date(new Date(eventDate), timezone)}</time>{" "}
        <span class="days">{days}</span>
      </td>
      <td class="status-cell" {...as.cell}>
        <Status {...status} />
      </td>
      {"before" in sale ? (
        <td class="ready" {...as.cell} colspan={columns.length - 3}>
          <Readiness {...sale.before} />
        </td>
      ) : "events" in sale ? (
        <td class="ready" {...as.cell} colspan={columns.length - 3}>
          {counted(sale.events, "event")} in it
        </td>
      ) : (
        <Numbers {...sale.numbers} />
      )}
    </tr>
  );
});

const Numbers = (of: NumbersProps) => (
  <>
    <td class="bar-cell" {...as.cell}>
      <span class="bar-and-number">
        <Bar sold={of.percentSold} usual={of.usualPercentSold} isGone={of.isGone} />
        <Percent name="percentSold" value={of.percentSold} />
      </span>
    </td>
    <td class="number sold" {...as.cell}>
      <Whole name="totalSold" value={of.totalSold} />
    </td>
    <td class="number left" {...as.cell}>
      <Whole name="totalAvailable" value={of.totalAvailable} /> <span class="unit">left</span>
    </td>
    <td class="number day" {...as.cell}>
      {of.lastDay ? <Lately {...of.lastDay} /> : null}
    </td>
    <td class="number week" {...as.cell}>
      {of.lastWeek ? <Lately {...of.lastWeek} /> : null} <span class="unit">in 7 d</span>
    </td>
    <td class="number usual" {...as.cell}>
      <Ahead name="pace.usual.pointsAhead" value={of.pointsAhead} />
    </td>
    <td class="curve" {...as.cell}>
      {of.spark ? <Spark {...of.spark} /> : null}
    </td>
    <td class={of.isOversold ? "out is-over" : "out"} {...as.cell}>
      {of.sellsOut ? <SellsOut {...of.sellsOut} /> : null}
    </td>
  </>
);

interface LatelyProps {
  of: "last24Hours" | "last7Days" | "hourSoFar";
  value: number | null;
}

/** In whole hours; of a sale that is younger than that, what came so far. */
export function latelyOf(
  pace: Pace | undefined,
  of: "last24Hours" | "last7Days",
): LatelyProps | null {
  if (!pace) return null;
  // Only where nothing else is there: else a day would have more than its week.
  if (pace.last7Days === 0 && pace.hourSoFar) return { of: "hourSoFar", value: pace.hourSoFar };
  return { of, value: pace[of] };
}

const Lately = ({ of, value }: LatelyProps) =>
  of === "hourSoFar" ? (
    <span title="In the hour that has begun">
      <Came name="pace.hourSoFar" value={value} />
    </span>
  ) : (
    <Came name={`pace.${of}`} value={value} />
  );

const problemWords: Record<LaunchProblemName, string> = {
  noRaces: "no ticket types yet",
  noPrice: "without a price",
  inactive: "switched off",
  noCapacity: "without places",
};

/** What is ready for a launch, and what is not. */
function Readiness({ capacity, sold, isReady, oversold, problems }: BeforeLaunch) {
  const places = (
    <>
      <Whole name="totalCapacity" value={capacity} /> places
    </>
  );
  const presold = (
    <>
      <Whole name="totalSold" value={sold} /> sold
    </>
  );
  const parts: Child[] = [
    ...(capacity ? [places] : []),
    ...(sold ? [presold] : []),
    ...(isReady ? ["ready"] : []),
    ...problems.map(({ problem, types }) => (
      <span class="attention">
        {types > 0 ? `${types} ` : ""}
        {problemWords[problem]}
      </span>
    )),
    ...(oversold ? [<SellsOut oversold={oversold} />] : []),
  ];
  return <Listed parts={parts} />;
}
