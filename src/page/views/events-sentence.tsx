import type { Child } from "hono/jsx";
import type { EventRow, SummaryPart } from "../../projections/queries/row-types.ts";
import { whole } from "../chart/numbers.ts";
import { href, type Look } from "../look.ts";
import { ago, coming, counted } from "../words.ts";
import { choices } from "./event-groups.ts";
import type { EventsRead } from "./read-events.ts";

const DAY_MS = 86_400_000;

interface SentenceProps {
  look: Look;
  read: EventsRead;
}

const selling = new Set<string>(choices.onSale);
const past = new Set<string>(choices.past);

/** What matters today, in words: how much is sold, where most of it was, what is oversold or far behind, what launches next. */
export function Sentence({ look, read }: SentenceProps) {
  const { parts, page, paces } = read;
  const { asOf } = look;
  const onSale = parts.filter(({ status }) => selling.has(status));
  const events = onSale.reduce((sum, part) => sum + part.counted, 0);
  if (events === 0 && page.rows.length === 0) return null;
  const rows = page.rows.filter((row) => selling.has(row.status));
  const hourSoFar = (eventId: string) => paces.get(eventId)?.hourSoFar ?? 0;
  const dayOf = (eventId: string) => paces.get(eventId)?.last24Hours ?? 0;
  const came = (eventId: string) => dayOf(eventId) + hourSoFar(eventId);
  const last24Hours = rows.reduce((sum, row) => sum + dayOf(row.eventId), 0);
  const thisHour = rows.reduce((sum, row) => sum + hourSoFar(row.eventId), 0);
  const isWhole = page.next === null;
  const [most] = rows.toSorted((one, other) => came(other.eventId) - came(one.eventId));
  return (
    <p class="sentence" id="sentence">
      <OnSale {...{ look, onSale }} />
      {isWhole && last24Hours + thisHour > 0 ? (
        <>
          ; <b>{whole(last24Hours)}</b> in the {asOf ? "24 hours before" : "last 24 hours"}
          {thisHour > 0 ? (
            <>
              {" "}
              and <b>{whole(thisHour)}</b> more {asOf ? "in that hour" : "this hour"}
            </>
          ) : null}
          {most && came(most.eventId) * 2 > last24Hours + thisHour ? (
            <>
              , most of them at{" "}
              <Named look={look} row={most}>
                {launchWords(most.salesLaunchDate)}
              </Named>
            </>
          ) : null}
        </>
      ) : null}
      .<Oversold look={look} read={read} />
      <Behind look={look} read={read} />
      <Next look={look} read={read} />
    </p>
  );

  function launchWords(at: string | null) {
    const launch = at === null ? undefined : new Date(at);
    const since = launch ? look.now.getTime() - launch.getTime() : -1;
    return launch && since >= 0 && since < 2 * DAY_MS
      ? `, which launched ${ago(launch, look.now)}`
      : "";
  }
}

interface OnSaleProps {
  look: Look;
  onSale: readonly SummaryPart[];
}

/** How much of what is on sale is sold; what is not counted is in no sum, and not 0. */
function OnSale({ look: { asOf }, onSale }: OnSaleProps) {
  const sumOf = (of: (part: SummaryPart) => number) =>
    onSale.reduce((sum, part) => sum + of(part), 0);
  const [all, known] = [sumOf((part) => part.events), sumOf((part) => part.counted)];
  const were = asOf ? " were" : "";
  if (all === 0) return <>{asOf ? "Nothing was on sale" : "Nothing is on sale"}</>;
  if (known === 0) return <>{`${counted(all, "event")}${were} on sale, not counted yet`}</>;
  return (
    <>
      <b data-sum="totalSold">{whole(sumOf((part) => part.totalSold))}</b> of{" "}
      {whole(sumOf((part) => part.totalCapacity))} places{were} sold at{" "}
      {known < all ? `${known} of ${counted(all, "event")}` : counted(all, "event")} on sale
    </>
  );
}

interface NamedProps {
  look: Look;
  row: { eventId: string; eventName: string };
  children?: Child;
}

const Named = ({ look, row, children }: NamedProps) => (
  <>
    <a href={href(look, `/events/${encodeURIComponent(row.eventId)}`)}>
      <bdi>{row.eventName}</bdi>
    </a>
    {children}
  </>
);

/** Where more was sold than there is: whoever bought that is to have a place, or to be told that there is none. */
function Oversold({ look, read: { page } }: SentenceProps) {
  const placesOf = (row: EventRow) => row.oversoldPlaces ?? 0;
  const over = page.rows
    .filter((row) => placesOf(row) > 0 && !past.has(row.status))
    .sort((one, other) => placesOf(other) - placesOf(one));
  const [most, ...others] = over;
  if (!most) return null;
  return (
    <>
      {" "}
      <Named look={look} row={most} /> has <b>{counted(placesOf(most), "oversold place")}</b>
      {others.length > 0
        ? `, and ${counted(others.length, "other has", "others have")} some as well`
        : ""}
      .
    </>
  );
}

/** So far behind usual that somebody should look. */
const FAR_BEHIND = 10;

/** The event that is furthest behind what is usual by now, and how many more are. */
function Behind({ look, read: { page, paces } }: SentenceProps) {
  // As the rows show it: half a point is rounded up there, whichever its sign.
  const ahead = (eventId: string) => Math.round(paces.get(eventId)?.usual?.pointsAhead ?? 0);
  const behind = page.rows
    .filter((row) => row.status === "ON_SALE" && ahead(row.eventId) <= -FAR_BEHIND)
    .sort((one, other) => ahead(one.eventId) - ahead(other.eventId));
  const [worst] = behind;
  if (!worst) return null;
  const points = -ahead(worst.eventId);
  return (
    <>
      {" "}
      <Named look={look} row={worst} /> is {points} points behind usual
      {behind.length > 1 ? `, and ${counted(behind.length - 1, "other")} 10 or more` : ""}.
    </>
  );
}

function Next({ look, read: { launches } }: SentenceProps) {
  const { now, zone } = look;
  const ahead = [...launches.values()].filter(
    (row) => Date.parse(row.salesLaunchDate) > now.getTime() && row.status === "ANNOUNCED",
  );
  const soon = ahead.filter((row) => Date.parse(row.salesLaunchDate) - now.getTime() < 2 * DAY_MS);
  const [next] = ahead;
  if (!next) return null;
  const unready = soon.filter(({ problems }) => problems.length > 0);
  const [first] = unready;
  if (soon.length > 1)
    return (
      <>
        {` ${counted(soon.length, "event")} launch within 48 hours`}
        {unready.length > 1 ? `, and ${unready.length} of them are not ready` : null}
        {first && unready.length === 1 ? (
          <>
            , and <Named look={look} row={first} /> is not ready
          </>
        ) : null}
        .
      </>
    );
  return (
    <>
      {" "}
      <Named look={look} row={next} /> launches{" "}
      {coming(new Date(next.salesLaunchDate), now, zone ?? next.timezone)}
      {first ? ", and is not ready" : ""}.
    </>
  );
}
