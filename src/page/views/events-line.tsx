import type { Child } from "hono/jsx";
import type { EventRow, LaunchRow, Pace, SoldCurve } from "../../projections/queries/row-types.ts";
import type { Forecast } from "../../rules/forecast/forecast.ts";
import { Bar } from "../chart/bar.tsx";
import { Spark, type SparkProps, sparkOf } from "../chart/spark.tsx";
import { kept } from "../kept.ts";
import { Listed } from "../listed.tsx";
import { href, type Look } from "../look.ts";
import { Ahead, Came, Percent, Whole } from "../number.tsx";
import { as } from "../roles.ts";
import { Status, type StatusProps, statusOf } from "../status.tsx";
import { counted, date, daysToRace, regionName } from "../words.ts";
import { isLaunching } from "./event-groups.ts";
import { columns } from "./events-columns.ts";
import { type EventsRead, isToCome } from "./read-events.ts";
import { SellsOut } from "./sells-out.tsx";

/** All that an event's line is made of. */
export interface LineProps {
  row: EventRow;
  link: string;
  /** To the race: `12 d`, and `today` on each of its days; nothing where it is over or was called off. */
  days: string;
  status: StatusProps;
  /** Its launch is to come. */
  isAhead: boolean;
  launch: LaunchRow | undefined;
  pace: Pace | undefined;
  spark: SparkProps | null;
  /** Undefined while it is not worked out. */
  forecast: Forecast | undefined;
}

export function lineOf(row: EventRow, { look, read }: { look: Look; read: EventsRead }): LineProps {
  const { eventId } = row;
  const curve = read.curves.get(eventId);
  return {
    row,
    link: href(look, `/events/${encodeURIComponent(eventId)}`),
    days: daysWords(row, look.now),
    status: statusOf(row, look),
    isAhead: isToCome(row, look.now) && row.status === "ANNOUNCED",
    launch: read.launches.get(eventId),
    pace: read.paces.get(eventId),
    spark: curve ? sparkOfCurve(curve, isLaunching(row, look.now)) : null,
    forecast: read.sellOuts.get(eventId)?.forecast,
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
  const { row, link, days, status, launch, isAhead } = line;
  return (
    <tr id={`event-${row.eventId}`} {...as.row}>
      <th class="name" {...as.rowHeader} scope="row">
        <a href={link}>
          <bdi>{row.eventName}</bdi>
        </a>{" "}
        <span class="region">{regionName(row.region)}</span>
      </th>
      <td class="race" {...as.cell}>
        <time datetime={row.eventDate}>{date(new Date(row.eventDate), row.timezone)}</time>{" "}
        <span class="days">{days}</span>
      </td>
      {/* When it launches is longer than the column is wide, and nothing is sold yet. */}
      <td class="status-cell" {...as.cell} colspan={isAhead ? 2 : undefined}>
        <Status {...status} />
      </td>
      {isAhead ? (
        <td class="ready" {...as.cell} colspan={columns.length - 4}>
          <Readiness row={row} launch={launch} />
        </td>
      ) : row.status === "GROUP" ? (
        <td class="ready" {...as.cell} colspan={columns.length - 3}>
          {counted(row.childEventIds.length, "event")} in it
        </td>
      ) : (
        <Numbers {...line} />
      )}
    </tr>
  );
});

const Numbers = ({ row, pace, spark, forecast }: LineProps) => (
  <>
    <td class="bar-cell" {...as.cell}>
      <span class="bar-and-number">
        <Bar
          sold={row.percentSold}
          usual={pace?.usual?.usualPercentSold}
          isGone={row.status === "SOLD_OUT"}
        />
        <Percent name="percentSold" value={row.percentSold} />
      </span>
    </td>
    <td class="number sold" {...as.cell}>
      <Whole name="totalSold" value={row.totalSold} />
    </td>
    <td class="number left" {...as.cell}>
      <Whole name="totalAvailable" value={row.totalAvailable} /> <span class="unit">left</span>
    </td>
    <td class="number day" {...as.cell}>
      <Lately pace={pace} of="last24Hours" />
    </td>
    <td class="number week" {...as.cell}>
      <Lately pace={pace} of="last7Days" /> <span class="unit">in 7 d</span>
    </td>
    <td class="number usual" {...as.cell}>
      <Ahead name="pace.usual.pointsAhead" value={pace?.usual?.pointsAhead ?? null} />
    </td>
    <td class="curve" {...as.cell}>
      {spark ? <Spark {...spark} /> : null}
    </td>
    <td class={row.oversoldPlaces ? "out is-over" : "out"} {...as.cell}>
      <SellsOut {...{ row, pace, forecast }} />
    </td>
  </>
);

interface LatelyProps {
  pace: Pace | undefined;
  of: "last24Hours" | "last7Days";
}

/** In whole hours; of a sale that is younger than that, what came so far. */
function Lately({ pace, of }: LatelyProps) {
  if (!pace) return null;
  // Only where nothing else is there: else a day would have more than its week.
  if (pace.last7Days === 0 && pace.hourSoFar)
    return (
      <span title="In the hour that has begun">
        <Came name="pace.hourSoFar" value={pace.hourSoFar} />
      </span>
    );
  return <Came name={`pace.${of}`} value={pace[of]} />;
}

/** What is ready for a launch, and what is not. */
function Readiness({ row, launch }: { row: EventRow; launch: LaunchRow | undefined }) {
  const words = { noRaces: "no ticket types yet", noPrice: "without a price" };
  const more = { ...words, inactive: "switched off", noCapacity: "without places" };
  const parts: Child[] = [
    ...(row.totalCapacity
      ? [
          <>
            <Whole name="totalCapacity" value={row.totalCapacity} /> places
          </>,
        ]
      : []),
    ...(launch?.isReady ? ["ready"] : []),
    ...(launch?.problems ?? []).map(({ problem, ticketTypes }) => (
      <span class="attention">
        {ticketTypes.length > 0 ? `${ticketTypes.length} ` : ""}
        {more[problem]}
      </span>
    )),
  ];
  return <Listed parts={parts} />;
}
