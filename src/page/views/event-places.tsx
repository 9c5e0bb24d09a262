import { wallClock } from "../../lib/zones.ts";
import type { EventRow, TicketTypeRow } from "../../projections/queries/row-types.ts";
import { Bar } from "../chart/bar.tsx";
import { amount, whole } from "../chart/numbers.ts";
import { dayLabel } from "../chart/ticks.ts";
import { keptBy } from "../kept.ts";
import { Percent, Whole } from "../number.tsx";
import { as } from "../roles.ts";
import { counted } from "../words.ts";
import { type Place, placesMatrix } from "./places-matrix.ts";

const DAY_MS = 86_400_000;

type TypesOfEvent = readonly [TicketTypeRow[], EventRow];

/** What is left, by division and day. */
export const PlacesLeft = keptBy(([types, event]: TypesOfEvent) => {
  const start = wallClock(new Date(event.eventDate), event.timezone);
  const { days, rows } = placesMatrix(types, start.getUTCDay());
  const inTotals = types.filter((type) => type.inTotals && !type.removed);
  const others = types.filter((type) => !type.inTotals && !type.removed);
  return (
    <section class="places" id="places">
      <div class="curve-head">
        <h2>What is left</h2>
        <p class="muted">
          {event.totalCapacity === null ? "Not counted yet" : counted(event.totalCapacity, "place")}
          {` in ${counted(inTotals.length, "ticket type")}`}
          {others.length > 0
            ? `; ${counted(others.length, "more is", "more are")} not in the totals`
            : ""}
          . <a href="#every-type">Every ticket type</a>
        </p>
      </div>
      {rows.length === 0 ? (
        <p class="muted none">No ticket type is in the totals.</p>
      ) : (
        <table class="matrix" {...as.table}>
          <caption class="unseen">What is left by division and day</caption>
          <thead {...as.rowGroup}>
            <tr {...as.row}>
              <th scope="col" {...as.columnHeader}>
                Division
              </th>
              {days.map((day) => (
                <th scope="col" {...as.columnHeader}>
                  {dayName(day)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody {...as.rowGroup}>
            {rows.map(({ division, isCharity, places }) => (
              <tr class={isCharity ? "is-charity" : undefined} {...as.row}>
                <th scope="row" {...as.rowHeader}>
                  <bdi>{division}</bdi>
                </th>
                {places.map((place, index) => (
                  <td {...as.cell}>
                    <span class="day-name">{dayName(days[index] ?? "")}</span>
                    {place ? <PlaceLeft place={place} /> : null}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );

  /** With its date, where the event has such a day. */
  function dayName(day: string): string {
    if (day === "") return "Any day";
    const first = Date.parse(event.eventDate);
    const last = Math.max(first, Date.parse(event.eventEndDate));
    for (let at = first; at <= last + DAY_MS / 2 && at < first + 7 * DAY_MS; at += DAY_MS) {
      const shown = wallClock(new Date(at), event.timezone);
      const name = names[shown.getUTCDay()];
      if (name === day) return `${day} ${dayLabel(at, event.timezone)}`;
    }
    return day;
  }
});

const names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

function PlaceLeft({ place }: { place: Place }) {
  const { types, capacity, sold, available, percentSold } = place;
  const [only] = types;
  const id = types.length === 1 && only ? `type-${only.ticketTypeId}` : undefined;
  if (sold === null || capacity === null) return <span class="muted">not counted yet</span>;
  const isOff = types.every((type) => !type.active);
  const over = types.reduce((sum, type) => sum + (type.oversold ?? 0), 0);
  return (
    <span class="place-left" id={id}>
      <Bar sold={percentSold} isGone={available === 0} />
      <span>
        {available === 0 ? (
          <data data-field={id && "available"} value="0">
            sold out
          </data>
        ) : (
          <>
            <data data-field={id && "available"} value={String(available)}>
              {whole(available ?? 0)}
            </data>{" "}
            left
          </>
        )}
        {over > 0 ? <span class="wrong">, {whole(over)} oversold</span> : null}
        {isOff ? <span class="attention">, switched off</span> : null}
      </span>{" "}
      <span class="muted">of {whole(capacity)}</span>
    </span>
  );
}

/**
 * Everything that the event sells or sold, extras and partners' places too. Links lead to what is folded, and not
 * to the fold, for then a browser opens it.
 */
export const EveryType = keptBy(([types]: readonly [TicketTypeRow[]]) => {
  return (
    <details class="fold" id="types">
      <summary>
        <b>Every ticket type</b> {types.length}
      </summary>
      <section class="wide" id="every-type" aria-label="Every ticket type" tabindex={0}>
        <table class="types">
          <caption class="unseen">Every ticket type</caption>
          <thead>
            <tr>
              {["Ticket type", "Class", "Price"].map((name, index) => (
                <th class={index === 2 ? "number" : undefined} scope="col">
                  {name}
                </th>
              ))}
              {["Capacity", "Sold", "of partners", "Held", "Reserved", "Left", "Percent"].map(
                (name) => (
                  <th class="number" scope="col">
                    {name}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {types.map((type) => (
              <TypeLine type={type} />
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
});

const countNames = [
  ...(["capacity", "sold", "soldUnderShop"] as const),
  ...(["allocatedUnderShop", "reserved", "available"] as const),
];

function TypeLine({ type }: { type: TicketTypeRow }) {
  const { price, currency } = type;
  return (
    <tr id={`every-${type.ticketTypeId}`} class={type.inTotals ? undefined : "is-aside"}>
      <th scope="row">
        <bdi>{type.ticketName}</bdi>
        {type.removed ? <span class="attention"> gone</span> : null}
        {!type.active && !type.removed ? <span class="attention"> switched off</span> : null}
      </th>
      <td>
        {type.class}
        {type.inTotals ? "" : ", not in the totals"}
      </td>
      <td class="number">
        <data data-field="price" value={price === null ? "" : String(price)}>
          {price === null ? "" : `${amount(price, currency)} ${currency ?? ""}`}
        </data>
      </td>
      {countNames.map((name) => (
        <td class="number">
          <Whole name={name} value={type[name]} />
        </td>
      ))}
      <td class="number">
        {type.percentSold === null ? null : <Percent name="percentSold" value={type.percentSold} />}
      </td>
    </tr>
  );
}
