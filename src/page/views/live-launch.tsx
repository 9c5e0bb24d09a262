import type { LaunchRow } from "../../projections/queries/row-types.ts";
import { LaunchMinutes } from "../chart/launch-minutes.tsx";
import { percent, whole } from "../chart/numbers.ts";
import { type Point, valueAt } from "../chart/paths.ts";
import { clock } from "../chart/ticks.ts";
import { here, href, type Look } from "../look.ts";
import { ago, length, shortName } from "../words.ts";
import { shortTypeName } from "./places-matrix.ts";
import type { LiveLaunch } from "./read-launch.ts";

const MINUTE_MS = 60_000;
/** Fewer are no usual. */
const FEWEST = 3;
const SHOWN_TYPES = 4;

/** A launch as it runs: against how launches usually run, and what is gone already. */
interface LiveLaunchProps {
  look: Look;
  live: LiveLaunch;
  /** This one among them. */
  running: readonly LaunchRow[];
}

export function LiveLaunchPart({ look, live, running }: LiveLaunchProps) {
  const { launch, event, types, minutes, own, others } = live;
  const name = shortName(launch.eventName);
  const usual = medianOf(others.map(({ points }) => points));
  const usualNow = valueAt(usual, minutes);
  const inTotals = types.filter((type) => type.inTotals && !type.removed);
  return (
    <section class="live-launch">
      <h1>
        <bdi>{launch.eventName}</bdi>
        {` launched ${ago(new Date(launch.salesLaunchDate), look.now)}`}
      </h1>
      <Others {...{ look }} others={running.filter((one) => one.eventId !== launch.eventId)} />
      <div class="with-side">
        <LaunchMinutes
          {...{ id: "launch", name, own, others, now: look.now.getTime() }}
          launchedAt={Date.parse(launch.salesLaunchDate)}
          isThen={look.asOf !== undefined}
          zone={look.zone ?? launch.timezone}
          sentence={sentenceOf(event.percentSold, usualNow, minutes)}
          {...(usual.length > 1 && { usual })}
        />
        <aside>
          <p class="label" id="launch-sold">
            {event.totalSold === null || event.totalCapacity === null ? null : (
              <>
                <b data-field="totalSold">{whole(event.totalSold)}</b> of{" "}
                <span data-field="totalCapacity">{whole(event.totalCapacity)}</span> sold
              </>
            )}
          </p>
          <p class="lead">{sentenceOf(event.percentSold, usualNow, minutes)}</p>
          <table class="plain">
            <caption class="unseen">What is left, by ticket type</caption>
            <tbody>
              {mostWanted(live).map(({ type, goneAt }) => (
                <tr id={`type-${type.ticketTypeId}`}>
                  <th scope="row">
                    <bdi>{shortTypeName(type.ticketName)}</bdi>
                  </th>
                  <td class="number">
                    {goneAt ? (
                      <b>{`sold out ${clock(Date.parse(goneAt), look.zone ?? launch.timezone)}`}</b>
                    ) : (
                      <>
                        <span data-field="available">{whole(type.available ?? 0)}</span>
                        {` of ${whole(type.capacity ?? 0)} left`}
                      </>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <p>
            <a href={`${href(look, `/events/${encodeURIComponent(launch.eventId)}`)}#every-type`}>
              {`All ${inTotals.length} ticket types`}
            </a>
          </p>
        </aside>
      </div>
    </section>
  );
}

/** Where several run at one time, each is a step away. */
const Others = ({ look, others }: { look: Look; others: readonly LaunchRow[] }) =>
  others.length === 0 ? null : (
    <p class="muted">
      {"Running as well: "}
      {others.map(({ eventId, eventName, salesLaunchDate, totalSold, totalCapacity }, index) => (
        <>
          {index > 0 ? "; " : ""}
          <a href={here(look, { event: eventId })}>
            <bdi>{eventName}</bdi>
          </a>
          {`, launched ${ago(new Date(salesLaunchDate), look.now)}`}
          {totalSold === null || totalCapacity === null
            ? ""
            : `, ${whole(totalSold)} of ${whole(totalCapacity)} sold`}
        </>
      ))}
    </p>
  );

function sentenceOf(sold: number | null, usual: number | undefined, minutes: number): string {
  if (sold === null) return "Not counted yet.";
  const after = minutes === 0 ? "in the first minute" : `after ${length(minutes * MINUTE_MS)}`;
  if (usual === undefined)
    return `${percent(sold)} ${after}. How launches usually run in their first hours is not known yet.`;
  return `${percent(sold)}, and usual is ${percent(usual)} ${after}.`;
}

/** What is gone, in the order in which it went, and then what is next. */
function mostWanted({ types, soldOut }: LiveLaunch) {
  const wentAt = new Map(soldOut.map(({ subjectId, changedAt }) => [subjectId, changedAt]));
  return types
    .filter((type) => type.inTotals && !type.removed && type.capacity && type.available !== null)
    .map((type) => ({
      type,
      goneAt: type.available === 0 ? wentAt.get(type.ticketTypeId) : undefined,
      left: (type.available ?? 0) / (type.capacity ?? 1),
    }))
    .sort(
      (a, b) =>
        a.left - b.left ||
        (a.goneAt ?? "").localeCompare(b.goneAt ?? "") ||
        // While nothing is sold, the largest first.
        (b.type.capacity ?? 0) - (a.type.capacity ?? 0),
    )
    .slice(0, SHOWN_TYPES);
}

/** Of those that came so far, minute by minute. */
export function medianOf(curves: readonly (readonly Point[])[]): Point[] {
  if (curves.length < FEWEST) return [];
  const until = Math.max(...curves.map((points) => points.at(-1)?.x ?? 0));
  const points: Point[] = [];
  for (let x = 0; x <= until; x += 1) {
    const values = curves.flatMap((curve) => valueAt(curve, x) ?? []).sort((a, b) => a - b);
    const [low, high] = [values[(values.length - 1) >> 1], values[values.length >> 1]];
    if (values.length < FEWEST || low === undefined || high === undefined) break;
    points.push({ x, y: (low + high) / 2 });
  }
  return points;
}
