import { forecastBody } from "../../api/sales/forecast-body.ts";
import type { EventRow, Pace } from "../../projections/queries/row-types.ts";
import { oneDecimal } from "../../rules/decimals.ts";
import type { KnownForecast, Outlook } from "../../rules/forecast/forecast.ts";
import { percent, whole } from "../chart/numbers.ts";
import { href, type Look } from "../look.ts";
import { counted, longDay, shortMoment } from "../words.ts";
import type { EventRead } from "./read-event.ts";

interface PartProps {
  look: Look;
  read: EventRead;
}

/** When it sells out, where past events prove that it can be known; else why not, and what is known instead. */
export function WhenSoldOut({ look, read }: PartProps) {
  const { event, pace, forecast } = read;
  // What holds others sells nothing itself.
  if (event.status === "GROUP") return null;
  const known = forecast?.forecast.known ? forecast.forecast : undefined;
  const body = forecast && forecastBody(event.eventId, forecast);
  return (
    <section class="side-part" id="forecast">
      <h2>When it sells out</h2>
      {known ? (
        <Known {...{ known, look, read }} />
      ) : (
        <>
          <p class="lead">{leadOf(read, look)}</p>
          {body?.words && event.status === "ON_SALE" ? (
            <p class="muted">{sentenceAfter(body.words)}</p>
          ) : null}
        </>
      )}
      {event.status === "ON_SALE" && pace?.last7Days != null ? (
        <p class="muted">{paceOf({ ...pace, last7Days: pace.last7Days }, event)}</p>
      ) : null}
      {body?.history === "played" && known ? (
        <p class="attention">By what a played season sold, which says nothing of a real one.</p>
      ) : null}
    </section>
  );
}

/** Windows end with whole hours: of one that launched in this hour they know nothing yet. */
function paceOf(
  { last7Days, hourSoFar, perDay: now, neededPerDay }: Pace & { last7Days: number },
  { totalAvailable }: EventRow,
): string {
  const left = `${whole(totalAvailable ?? 0)} left.`;
  if (last7Days === 0 && hourSoFar) return `${whole(hourSoFar)} sold in this hour, ${left}`;
  const sold = `${whole(last7Days)} sold in the last 7 days, ${left}`;
  if (neededPerDay === null) return sold;
  return `${sold} ${perDay(now ?? 0)} a day; ${perDay(neededPerDay)} a day would sell it out in time.`;
}

/** What is said of an event for which no day is told. */
const WITHOUT_A_DAY: Record<Outlook, string> = {
  likely: "Most likely it does.",
  perhaps: "Perhaps, and nobody can say when.",
  hardly: "Most likely it does not.",
};

function Known({ known, look, read: { event } }: PartProps & { known: KnownForecast }) {
  const { expected, low, high } = known.soldOutAt;
  // A day is the event's own, as in the list.
  const day = (at: number) => longDay(new Date(at), look.now, event.timezone);
  const { final } = known;
  return (
    <>
      <p class="lead">
        {expected === null ? WITHOUT_A_DAY[known.sellsOut] : `Most likely ${day(expected)}.`}{" "}
        {low === null
          ? "Not even 1 of 10 times."
          : high === null
            ? `8 of 10 times not before ${day(low)}.`
            : day(low) === day(high)
              ? `8 of 10 times on ${day(low)}.`
              : `8 of 10 times between ${day(low)} and ${day(high)}.`}
      </p>
      <p>
        {`In the end ${whole(final.expected)} sold, 8 of 10 times ${whole(final.low)} to ${whole(final.high)}.`}
      </p>
      <p class="muted">{`From how ${known.comparables} comparable events went on from here.`}</p>
    </>
  );
}

/** What forecasts of past events were worth at the same time after their launch. */
export function HowGood({ look, read: { event, forecast } }: PartProps) {
  const tested = forecast && forecastBody(event.eventId, forecast).tested;
  if (!tested || event.status !== "ON_SALE") return null;
  const lines: [string, number | null][] = [
    ["How often the range held", tested.heldPercent],
    ["Usual error, of all places", tested.errorPercent],
    ["A straight line’s", tested.lineErrorPercent],
    ["The last week’s pace’s", tested.paceErrorPercent],
  ];
  return (
    <section class="side-part">
      <h2>How good is that?</h2>
      <table class="compared">
        <caption class="unseen">What forecasts of past events were worth</caption>
        <tbody>
          {lines.map(([name, value]) =>
            value === null ? null : (
              <tr>
                <th scope="row">{name}</th>
                <td>
                  <b>{percent(value)}</b>
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      <p class="muted">
        {`Tried on ${counted(tested.events, "past event")}, ${tested.stretch.replace("-", "–")} days after their launch.`}{" "}
        <a href={href(look, "/how/forecast")}>When a forecast is shown</a>
      </p>
    </section>
  );
}

function leadOf({ event, changes }: EventRead, look: Look): string {
  const soldOut = changes.find(
    (one) => one.changeType === "soldOut" && one.ticketTypeId === null && !one.isFirstCount,
  );
  if (event.status === "SOLD_OUT")
    return soldOut
      ? `Sold out since ${shortMoment(new Date(soldOut.changedAt), look.now, look.zone ?? event.timezone)}.`
      : "Sold out.";
  if (event.status === "ANNOUNCED" || event.status === "DRAFT") return "Not on sale yet.";
  if (event.status === "ON_SALE") return "Not known yet.";
  if (event.status === "PAUSED") return "Paused: places are left, and none can be bought now.";
  if (event.status === "CANCELLED") return "It was cancelled.";
  return "The sale is over.";
}

/** The reason alone: what it is the reason of stands above. */
function sentenceAfter(words: string): string {
  const reason = words.replace(/^Not known( yet)?: /, "");
  return reason.slice(0, 1).toUpperCase() + reason.slice(1);
}

const perDay = (value: number) => (value < 10 ? oneDecimal(value) : whole(value));
