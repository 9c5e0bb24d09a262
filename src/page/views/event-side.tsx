import type { Child } from "hono/jsx";
import type { ShownChange } from "../../api/changes/change-schema.ts";
import { isKeptToSome } from "../../api/request/callers.ts";
import type { EventRow } from "../../projections/queries/row-types.ts";
import { percent } from "../chart/numbers.ts";
import { AS_OF, href, type Look } from "../look.ts";
import { date, shortMoment } from "../words.ts";
import { ChangeSentence } from "./change-words.tsx";
import type { AskedEvent, EventRead } from "./read-event.ts";

interface SideProps {
  look: Look;
  read: EventRead;
}

/** What usual is the median of, and how to choose other events for it. */
export function ComparedWith({ look, read, asked }: SideProps & { asked: AskedEvent }) {
  const { comparables, past, pace, event } = read;
  const chosen = new Set(asked.comparables ?? comparables.map(({ eventId }) => eventId));
  const offered = past.filter(({ eventId }) => eventId !== event.eventId);
  // What it is compared with may be older than all that is offered.
  const older = comparables.filter(
    (one) => !offered.some(({ eventId }) => eventId === one.eventId),
  );
  return (
    <section class="side-part">
      <h2>Compared with</h2>
      {comparables.length === 0 ? (
        <p class="muted">{whyNothing(pace?.usualUnknown ?? null, event, look)}</p>
      ) : (
        <table class="compared">
          <caption class="unseen">Events that usual is the median of</caption>
          <tbody>
            {comparables.map((one) => (
              <tr>
                <th scope="row">
                  <a href={href(look, `/events/${encodeURIComponent(one.eventId)}`)}>
                    <bdi>{one.eventName}</bdi>
                  </a>
                </th>
                <td>{percent(one.points.at(-1)?.percent ?? 0)} at the end</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {offered.length + older.length === 0 || pace?.usualUnknown === "cancelled" ? null : (
        <details class="choose">
          <summary>Choose others</summary>
          <form method="get" action={look.path}>
            {["x", "y", AS_OF].map((name) =>
              look.query.get(name) ? (
                <input type="hidden" name={name} value={look.query.get(name) ?? ""} />
              ) : null,
            )}
            {older.map(({ eventId, eventName }) => (
              <Offered {...{ eventId, eventName }} isChosen={chosen.has(eventId)} />
            ))}
            {offered.map(({ eventId, eventName, eventDate, timezone }) => (
              <Offered {...{ eventId, eventName }} isChosen={chosen.has(eventId)}>
                <span class="muted"> {date(new Date(eventDate), timezone)}</span>
              </Offered>
            ))}
            <button type="submit">Compare</button>{" "}
            {asked.comparables ? <a href={href(look, look.path)}>Those that fit best</a> : null}
          </form>
        </details>
      )}
    </section>
  );
}

interface OfferedProps extends Pick<EventRow, "eventId" | "eventName"> {
  isChosen: boolean;
  children?: Child;
}

const Offered = ({ eventId, eventName, isChosen, children }: OfferedProps) => (
  <label>
    <input type="checkbox" name="comparables" value={eventId} checked={isChosen} />{" "}
    <span>
      <bdi>{eventName}</bdi>
      {children}
    </span>
  </label>
);

function whyNothing(
  reason: string | null,
  { salesLaunchDate }: EventRead["event"],
  { now, caller }: Look,
): string {
  switch (reason) {
    case "tooFewComparables":
      // What is usual is made of others' events as well, which others may see.
      if (caller && isKeptToSome(caller))
        return "Fewer than three of the events that this key sees are over and like it, so what is usual is not shown.";
      return "Fewer than three events like it are over, so nobody knows what is usual.";
    case "notLaunched":
      return salesLaunchDate !== null && new Date(salesLaunchDate) <= now
        ? "It launched in this hour, and is compared when that is over."
        : "It has not launched yet.";
    case "noLaunchDate":
      return "Its launch is not known, so nobody knows how far its sale is.";
    case "cancelled":
      return "It was cancelled, so it is compared with none.";
    case "group":
      return "It holds other events; these are compared.";
    case "noCapacity":
      return "It has no places.";
    default:
      return "Not counted yet.";
  }
}

/** What changed lately. */
export function EventChanges({ look, read: { changes, event } }: SideProps) {
  const zone = look.zone ?? event.timezone;
  return (
    <section class="side-part" id="changes">
      <h2>Changes</h2>
      {changes.length === 0 ? (
        <p class="muted">Nothing has changed since it was first read.</p>
      ) : (
        <ol class="event-changes">
          {changes.map((change) => (
            <li>
              <ChangeLine {...{ change, look, zone }} />
            </li>
          ))}
        </ol>
      )}
      <p>
        <a href={href(look, "/changes", { eventId: event.eventId, days: "all" })}>
          All changes of this event
        </a>
      </p>
    </section>
  );
}

interface LineProps {
  change: ShownChange;
  look: Look;
  zone: string | null;
}

const ChangeLine = ({ change, look, zone }: LineProps) => (
  <>
    <time datetime={change.changedAt}>
      {shortMoment(new Date(change.changedAt), look.now, zone)}
    </time>
    <span>
      <ChangeSentence change={change} zone={zone} />
    </span>
  </>
);
