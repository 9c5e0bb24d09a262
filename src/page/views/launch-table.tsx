import type { Child } from "hono/jsx";
import { dayAt, daysBetween, wallClock } from "../../lib/zones.ts";
import type { LaunchRow } from "../../projections/queries/row-types.ts";
import { whole } from "../chart/numbers.ts";
import { clock, weekdayLabel } from "../chart/ticks.ts";
import { Listed } from "../listed.tsx";
import { href, type Look } from "../look.ts";
import { Whole } from "../number.tsx";
import { as } from "../roles.ts";
import { counted, moment, regionName, shortMoment, until } from "../words.ts";

/** What launches next, and what is in the way of it. */
export const LaunchTable = ({ look, launches }: { look: Look; launches: readonly LaunchRow[] }) => (
  <table class="list launches" {...as.table}>
    <caption class="unseen">Next launches, the earliest first</caption>
    <thead {...as.rowGroup}>
      <tr {...as.row}>
        {[look.zone ? "When, your time" : "When, at the event", "Event", "Places", "Ready?"].map(
          (name) => (
            <th scope="col" class={name === "Places" ? "number" : undefined} {...as.columnHeader}>
              {name}
            </th>
          ),
        )}
      </tr>
    </thead>
    <tbody {...as.rowGroup}>
      {launches.map((launch) => (
        <tr id={`launch-${launch.eventId}`} {...as.row}>
          <td class="at" {...as.cell}>
            <When {...{ look, launch }} />
          </td>
          <th class="event" scope="row" {...as.rowHeader}>
            <a href={href(look, `/events/${encodeURIComponent(launch.eventId)}`)}>
              <bdi>{launch.eventName}</bdi>
            </a>{" "}
            <small>{regionName(launch.region)}</small>
          </th>
          <td class="number" {...as.cell}>
            <Whole name="totalCapacity" value={launch.totalCapacity} />
            <span class="unit"> places</span>
          </td>
          <td class="ready" {...as.cell}>
            <Readiness {...{ look, launch }} />
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

interface LaunchProps {
  look: Look;
  launch: LaunchRow;
}

function When({ look, launch }: LaunchProps) {
  const at = new Date(launch.salesLaunchDate);
  const zone = look.zone ?? launch.timezone;
  return (
    <time datetime={launch.salesLaunchDate} title={moment(at, zone)}>
      {dayWords(at, look.now, zone)} {clock(at.getTime(), zone)}{" "}
      <span class="muted">{until(at, look.now, zone)}</span>
    </time>
  );
}

/** `Today`, `Tomorrow`, `Thu 3 Dec`. */
function dayWords(at: Date, now: Date, zone: string | null): string {
  const days = daysBetween(dayAt(now, zone), dayAt(at, zone));
  if (days === 0) return "Today";
  if (days === 1) return "Tomorrow";
  if (days === -1) return "Yesterday";
  const [weekday] = weekdayLabel(at.getTime(), zone).split(" ");
  return `${weekday} ${shortMoment(at, now, zone).split(",")[0]}`;
}

const troubles: Record<string, string> = {
  noPrice: "without a price",
  inactive: "switched off",
  noCapacity: "without places",
};

/** What an operator should look at, what is otherwise than it was, and when it is there. */
function Readiness({ look, launch }: LaunchProps) {
  const parts: Child[] = [
    ...launch.problems.map(({ problem, ticketTypes }) => (
      <b class="attention" title={ticketTypes.map(({ ticketName }) => ticketName).join(", ")}>
        {problem === "noRaces"
          ? "no race types yet"
          : `${counted(ticketTypes.length, "type")} ${troubles[problem]}`}
      </b>
    )),
    ...(launch.isReady ? ["ready"] : []),
    ...thereWords({ look, launch }),
    ...movedWords({ look, launch }),
    ...(launch.presale
      ? [
          `presale: ${launch.totalSold === null ? "not counted yet" : `${whole(launch.totalSold)} sold`}`,
        ]
      : []),
  ];
  return <Listed parts={parts} />;
}

function movedWords({ look, launch }: LaunchProps): Child[] {
  const last = launch.moves.at(-1);
  if (!last?.from || !last.to) return [];
  const from = new Date(last.from);
  const isLater = from < new Date(last.to);
  const was = shortMoment(from, look.now, look.zone ?? launch.timezone);
  return [
    <b class={isLater ? "wrong" : ""}>{`moved ${isLater ? "later" : "earlier"}, was ${was}`}</b>,
  ];
}

/** What clocks show at the event, where they show something else. */
function thereWords({ look, launch }: LaunchProps): Child[] {
  const at = new Date(launch.salesLaunchDate);
  if (look.zone === null || launch.timezone === null) return [];
  const isSame = wallClock(at, look.zone).getTime() === wallClock(at, launch.timezone).getTime();
  return isSame ? [] : [`${clock(at.getTime(), launch.timezone)} there`];
}
