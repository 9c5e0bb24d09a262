import { median } from "../../rules/pace.ts";
import { Curve, type CurveProps, type Mark } from "../chart/curve.tsx";
import { percentTicks } from "../chart/launch-minutes.tsx";
import { percent, whole } from "../chart/numbers.ts";
import { type Point, valueAt } from "../chart/paths.ts";
import { dayLabel, roundTicks } from "../chart/ticks.ts";
import { here, type Look } from "../look.ts";
import { counted, shortName } from "../words.ts";
import { type Axis, axisOf } from "./curve-axis.ts";
import type { AskedEvent, EventRead } from "./read-event.ts";

const DAY_MS = 86_400_000;
const USUAL_POINTS = 60;
/** So long a table has several places of a day, which need an hour each. */
const YOUNG_MS = 45 * DAY_MS;

interface EventCurveProps {
  look: Look;
  read: EventRead;
  asked: AskedEvent;
}

/** What was sold since the launch, against the events it is compared with, along one of three axes. */
export function EventCurve({ look, read, asked }: EventCurveProps) {
  const { event, curve, own, comparables, pace, changes } = read;
  if (!curve)
    return (
      <section class="curve-of-event">
        <h2>Sold since launch</h2>
        <p class="muted none">{whyNone(read, look)}</p>
      </section>
    );
  const { capacity } = curve;
  const unit = (share: number) => (asked.y === "places" ? (share / 100) * capacity : share);
  const isYoung = look.now.getTime() - curve.launch < YOUNG_MS;
  // Clocks are the reader's. Days of a sale are the event's, as its levels are and what the API says.
  const zone = isYoung ? (look.zone ?? event.timezone) : event.timezone;
  const axis = axisOf(asked.x, curve, isYoung);
  const mine = own.map(({ at, percent: share }) => ({ x: axis.at(at), y: unit(share) }));
  const others = comparables.map((one) => ({
    name: one.eventName,
    points: one.points
      .map(({ at, percent: share }) => ({ x: axis.of(one, at), y: unit(share) }))
      .filter(({ x }) => x >= axis.from && x <= axis.to),
  }));
  const usual = usualOf(others, axis);
  const last = own.at(-1);
  const days = Math.floor((Math.min(look.now.getTime(), curve.end) - curve.launch) / DAY_MS);
  const whole_ = Math.ceil((curve.end - curve.launch) / DAY_MS);
  const usualNow = pace?.usual?.usualPercentSold;
  const sentence = [
    `${last ? percent(last.percent) : "Nothing"} sold ${days === 0 ? "on the first" : `after ${days}`} of ${counted(whole_, "day")} of selling`,
    usualNow === undefined ? "" : `; usual by now is ${percent(usualNow)}`,
  ];
  return (
    <section class="curve-of-event" id="curve-of-event">
      <div class="curve-head">
        <h2>Sold since launch</h2>
        <Choice {...{ look, asked }} name="x" choices={xNames} />
        <Choice {...{ look, asked }} name="y" choices={yNames} />
      </div>
      <Curve
        id="curve"
        title={`${event.eventName}: sold since launch`}
        sentence={`${sentence.join("")}.`}
        name={shortName(event.eventName)}
        x={{
          from: axis.from,
          to: axis.to,
          column: axis.column,
          ticks: axis.ticks(zone),
          say: axis.say(zone),
        }}
        y={{
          column: asked.y === "places" ? "Places" : "Sold",
          ticks: asked.y === "places" ? roundTicks(capacity, whole) : percentTicks,
          say: asked.y === "places" ? whole : percent,
        }}
        capacity={{ at: unit(100), label: whole(capacity) }}
        own={mine}
        others={others}
        {...(usual && { usual: { name: `median of ${others.length}`, points: usual } })}
        {...forecastProps()}
        marks={marksOf()}
        isThen={look.asOf !== undefined}
        {...(look.now.getTime() < curve.end && { now: axis.at(look.now.getTime()) })}
      />
    </section>
  );

  /** From what is sold now by the day that it sells out to what is sold in the end, most likely and 8 of 10 times. */
  function forecastProps(): Pick<CurveProps, "forecast"> {
    const known = read.forecast?.forecast;
    if (!curve || !last || !known?.known || event.status !== "ON_SALE") return {};
    const share = (places: number) => unit((places / capacity) * 100);
    const { final, soldOutAt } = known;
    const begin = { x: axis.at(last.at), y: unit(last.percent) };
    const reaching = (at: number | null) =>
      at !== null && at < curve.end ? [{ x: axis.at(at), y: unit(100) }] : [];
    const path = (at: number | null, end: number): Point[] => [
      begin,
      ...reaching(at),
      { x: axis.at(curve.end), y: share(end) },
    ];
    const most = path(soldOutAt.low, final.high);
    const least = path(soldOutAt.high, final.low);
    const places = [...new Set([...most, ...least].map(({ x }) => x))].sort((a, b) => a - b);
    const range = places.map((x) => ({
      x,
      low: valueAt(least, x) ?? begin.y,
      high: valueAt(most, x) ?? begin.y,
    }));
    const { expected } = soldOutAt;
    const end =
      expected !== null && expected < curve.end
        ? { end: { at: axis.at(expected), label: dayLabel(expected, event.timezone) } }
        : {};
    return { forecast: { points: path(expected, final.expected), range, ...end } };
  }

  function marksOf(): Mark[] {
    const launch: Mark = { x: axis.at(curve?.launch ?? 0), kind: "launch", label: "Launch" };
    const told = changes.filter(
      ({ isFirstCount, changeType, field, ticketTypeId }) =>
        !isFirstCount &&
        (field === "price" ||
          field === "amount" ||
          (changeType === "soldOut" && ticketTypeId === null)),
    );
    // What is changed at once of many ticket types is one mark: they would stand on each other.
    const together = Map.groupBy(told, ({ changedAt, field }) => `${changedAt} ${field}`);
    const others = [...together.values()].flatMap((all): Mark[] => {
      const [first] = all;
      if (!first) return [];
      const x = axis.at(Date.parse(first.changedAt));
      const areTypes = all.every(({ ticketTypeName }) => ticketTypeName !== null);
      const many = areTypes ? counted(all.length, "ticket type") : `${all.length} at once`;
      const of = all.length > 1 ? many : (first.ticketTypeName ?? "the event");
      if (first.field === "price") return [{ x, kind: "price", label: `Price of ${of}` }];
      if (first.field === "amount") return [{ x, kind: "capacity", label: `Places of ${of}` }];
      return [{ x, kind: "soldOut", label: "Sold out" }];
    });
    return [launch, ...others];
  }
}

const xNames = { date: "Date", launch: "Since launch", race: "To race" };
const yNames = { percent: "Percent", places: "Places" };

interface ChoiceProps<Name extends "x" | "y"> {
  look: Look;
  asked: AskedEvent;
  name: Name;
  choices: Record<AskedEvent[Name], string>;
}

function Choice<Name extends "x" | "y">({ look, asked, name, choices }: ChoiceProps<Name>) {
  const [first] = Object.keys(choices);
  return (
    <nav class="choices" aria-label={name === "x" ? "Along" : "Counting"}>
      {Object.entries(choices).map(([value, words]) => (
        <a
          href={here(look, { [name]: value === first ? [] : value })}
          aria-current={asked[name] === value ? "true" : undefined}
        >
          {String(words)}
        </a>
      ))}
    </nav>
  );
}

/** The median of the others wherever half of them are, which is what usual says. */
function usualOf(others: readonly { points: Point[] }[], { from, to }: Axis): Point[] | undefined {
  if (others.length < 2) return undefined;
  const points: Point[] = [];
  for (let place = 0; place <= USUAL_POINTS; place += 1) {
    const x = from + ((to - from) * place) / USUAL_POINTS;
    const values = others.flatMap((one) => valueAt(one.points, x) ?? []);
    if (values.length * 2 >= others.length) points.push({ x, y: median(values) });
  }
  return points.length > 1 ? points : undefined;
}

function whyNone({ event }: EventRead, { now }: Look): string {
  if (event.status === "GROUP") return "It holds other events, and these have the numbers.";
  if (event.totalSold === null) return "Not counted yet.";
  if (event.salesLaunchDate === null) return "No launch date is known.";
  return new Date(event.salesLaunchDate) > now
    ? "It has not launched yet."
    : "Its sales are not known hour by hour yet.";
}
