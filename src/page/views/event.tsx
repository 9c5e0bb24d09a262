import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Child } from "hono/jsx";
import type { ApiOptions } from "../../api/app.ts";
import type { ApiEnv } from "../../api/request/problem.ts";
import type { EventRow } from "../../projections/queries/row-types.ts";
import { answerPage } from "../answer.ts";
import type { Assets } from "../assets.ts";
import { Hours } from "../chart/hours.tsx";
import { signed, whole } from "../chart/numbers.ts";
import { Frame } from "../layout.tsx";
import { href, type Look, lookOf } from "../look.ts";
import { readNews } from "../news.ts";
import { Ahead, Came, Percent, Whole } from "../number.tsx";
import { readQuery, viewQuery } from "../read-query.ts";
import { Status, statusOf } from "../status.tsx";
import { ViewForms } from "../view-forms.tsx";
import { counted, date, dates, dayOfRace, daysToRace, regionName, shortMoment } from "../words.ts";
import { EventCurve } from "./event-curve.tsx";
import { HowGood, WhenSoldOut } from "./event-forecast.tsx";
import { EveryType, PlacesLeft } from "./event-places.tsx";
import { UnderShops } from "./event-shops.tsx";
import { ComparedWith, EventChanges } from "./event-side.tsx";
import { type EventRead, eventQuery, readEvent } from "./read-event.ts";

const HOUR_MS = 3_600_000;

/** One event: how much is sold and how fast, what is left of what, what it is compared with. */
export function addEventView(app: OpenAPIHono<ApiEnv>, assets: Assets, options: ApiOptions) {
  const { clock } = options;
  const View = Frame(assets);
  const query = viewQuery(eventQuery);
  app.get("/events/:eventId", async (c) => {
    const asked = readQuery(c, query, clock);
    const look = lookOf(c, clock);
    const [read, news] = await Promise.all([
      readEvent(options, look, { ...asked, eventId: c.req.param("eventId") }),
      readNews(options, look),
    ]);
    const { event, types } = read;
    return answerPage(
      c,
      <View look={look} title={event.eventName} countedAt={event.countedAt} news={news}>
        <Head look={look} read={read} />
        <Figures read={read} />
        <div class="event-body">
          <div class="event-main">
            <EventCurve {...{ look, read, asked }} />
            {read.curve ? <SoldByHour look={look} read={read} /> : null}
            <PlacesLeft of={[types, event]} />
            <UnderShops look={look} read={read} />
            <EveryType of={[types]} />
          </div>
          <aside class="event-side" aria-label="Outlook, comparison and changes">
            <WhenSoldOut look={look} read={read} />
            <HowGood look={look} read={read} />
            <ComparedWith {...{ look, read, asked }} />
            <EventChanges look={look} read={read} />
          </aside>
        </div>
      </View>,
    );
  });
}

/** When people bought in the last week; of a sale that is over in its last one. */
function SoldByHour({ look, read: { event, hours, hoursUntil } }: ReadProps) {
  const zone = look.zone ?? event.timezone;
  const sold = whole(hours.reduce((sum, hour) => sum + hour.sold, 0));
  const isOver = hoursUntil < look.now;
  const thisHour = hours.find(({ at }) => at + HOUR_MS > look.now.getTime())?.sold ?? 0;
  const days = isOver ? `the last 7 days of the sale, to ${date(hoursUntil, zone)}` : "last 7 days";
  return (
    <section id="hours-of-event">
      <h2>
        {`By hour, ${days}: ${sold} sold`}
        {thisHour > 0 ? `, ${whole(thisHour)} of them this hour` : ""}
      </h2>
      <Hours
        id="hours"
        title={`Sold by hour, ${days}`}
        sentence={`${sold} sold in the last 7 days${isOver ? " of its sale" : ""}.`}
        {...{ hours, zone }}
      />
    </section>
  );
}

interface ReadProps {
  look: Look;
  read: EventRead;
}

function Head({ look, read: { event } }: ReadProps) {
  const { eventId, timezone } = event;
  const zone = look.zone ?? timezone;
  const [from, to] = [new Date(event.eventDate), new Date(event.eventEndDate)];
  const facts: Child[] = [
    // By the event's own calendar; of a time somebody has to know whose clock it is by.
    <time datetime={event.eventDate}>{dates(from, to, timezone)}</time>,
    daysWords(event, look.now),
    event.location && <bdi>{event.location}</bdi>,
    event.salesEndDate && event.status === "ON_SALE" ? (
      <>
        {`on sale until ${shortMoment(new Date(event.salesEndDate), look.now, zone)} `}
        <span class="muted">{zone ?? "UTC"}</span>
      </>
    ) : null,
  ].filter((fact) => fact !== null && fact !== "");
  const id = encodeURIComponent(eventId);
  return (
    <div class="event-head">
      <p class="crumbs">
        <a href={href(look, "/")}>Events</a> /{" "}
        <a href={href(look, "/", { region: event.region })}>{regionName(event.region)}</a>
      </p>
      <h1>
        <bdi>{event.eventName}</bdi>
      </h1>
      <Status {...statusOf(event, look)} />
      <p class="facts">
        {facts.map((fact, index) => (
          <>
            {index > 0 ? <span class="apart"> · </span> : null}
            {fact}
          </>
        ))}
      </p>
      <ViewForms
        csv={href(look, "/api/ticket-types", { eventId, format: "csv" })}
        json={href(look, `/api/events/${id}`)}
      />
    </div>
  );
}

/** Of a race that was called off, nobody waits for its day. */
function daysWords(event: EventRow, now: Date): string {
  const days = daysToRace(event, now);
  if (days < 0 || event.status === "CANCELLED") return "";
  if (days > 0) return `in ${counted(days, "day")}`;
  const day = dayOfRace(event, now);
  return day === undefined ? "today" : `today, ${day}`;
}

function Figures({ read: { event, pace } }: { read: EventRead }) {
  if (event.status === "GROUP") return null;
  if (event.totalSold === null)
    return <p class="figures-none">Not counted yet: its numbers appear with the first count.</p>;
  const { reserved, heldForUnderShops, oversoldPlaces, charityCapacity, charityAvailable } = event;
  const more = [
    reserved ? `${whole(reserved)} reserved` : "",
    heldForUnderShops ? `${whole(heldForUnderShops)} held for partners` : "",
  ].filter((text) => text !== "");
  const trend = trendOf(pace?.last7Days ?? null, pace?.previous7Days ?? null);
  return (
    <dl class="figures" id="figures">
      <Figure value={<Percent name="percentSold" value={event.percentSold} />}>sold</Figure>
      <Figure value={<Whole name="totalSold" value={event.totalSold} />}>
        of <Whole name="totalCapacity" value={event.totalCapacity} /> places
      </Figure>
      <Figure value={<Whole name="totalAvailable" value={event.totalAvailable} />}>
        left{more.length > 0 ? `, ${more.join(", ")}` : ""}
        {oversoldPlaces ? <b class="wrong">, {whole(oversoldPlaces)} oversold</b> : null}
      </Figure>
      {charityCapacity ? (
        <Figure value={<Whole name="charityAvailable" value={charityAvailable} />}>
          of {whole(charityCapacity)} charity left
        </Figure>
      ) : null}
      {event.status === "ENDED" || event.status === "CANCELLED" ? null : (
        <>
          <Figure value={<Came name="pace.last24Hours" value={pace?.last24Hours ?? null} />}>
            last 24 h{pace?.hourSoFar ? `, ${whole(pace.hourSoFar)} more this hour` : ""}
          </Figure>
          <Figure value={<Came name="pace.last7Days" value={pace?.last7Days ?? null} />}>
            last 7 days{trend}
          </Figure>
        </>
      )}
      {pace?.usual ? (
        <Figure value={<Ahead name="pace.usual.pointsAhead" value={pace.usual.pointsAhead} />}>
          points against usual
        </Figure>
      ) : null}
    </dl>
  );
}

const Figure = ({ value, children }: { value: Child; children: Child }) => (
  <div>
    <dt>{children}</dt>
    <dd>{value}</dd>
  </div>
);

/** Against the seven days before, where there is something to compare with. */
function trendOf(last: number | null, before: number | null): string {
  if (last === null || !before || before < 20) return "";
  const change = Math.round((last / before - 1) * 100);
  return change === 0 ? ", as before" : `, ${signed(change)} %`;
}
