import { CurvePicture } from "./curve-picture.tsx";
import { Figure, type Reading } from "./figure.tsx";
import { along, type Extent, isDrawable, type Point, type Span, valueAt } from "./paths.ts";
import type { Tick } from "./ticks.ts";

const markKinds = ["launch", "price", "capacity", "soldOut"] as const;

export interface Mark {
  x: number;
  kind: (typeof markKinds)[number];
  /** `40 places more`. */
  label: string;
}

export interface CurveProps {
  id: string;
  title: string;
  sentence: string;
  /** The event's short name, which stands beside its curve. */
  name: string;
  x: Extent & { ticks: readonly Tick[]; column: string; say: (value: number) => string };
  y: { ticks: readonly Tick[]; column: string; say: (value: number) => string };
  /** All there is, and how it is written beside its line. */
  capacity?: Tick;
  own: readonly Point[];
  /** What it is compared with. */
  others?: readonly { name: string; points: readonly Point[] }[];
  /** Their median, and how it is called. */
  usual?: { name: string; points: readonly Point[] };
  /** What is to be expected, most likely and in 8 of 10 times. */
  forecast?: { points: readonly Point[]; range: readonly Span[]; end?: Tick };
  marks?: readonly Mark[];
  now?: number;
  /** What is now is an earlier moment. */
  isThen?: boolean;
}

const MOST_ROWS = 60;

/** What was sold of one event, against others and against all there is. */
export function Curve(given: CurveProps) {
  const own = given.own.filter(isDrawable);
  const props = { ...given, own };
  const { id, title, sentence, others = [], usual, forecast, x, y } = props;
  const columns = [
    ...[x.column, `${y.column}, this event`],
    ...(usual ? ["Usual"] : []),
    ...(forecast ? ["Most likely", "8 of 10 times"] : []),
    ...(given.marks?.length ? ["What happened"] : []),
  ];
  return (
    <Figure
      {...{ id, kind: "curve", title, sentence, columns, readings: readingsOf(props) }}
      legend={
        <>
          <span class="key key-own">this event</span>
          {others.length > 0 ? (
            <span class="key key-other">{comparableWords(others.length)}</span>
          ) : null}
          {usual ? <span class="key key-usual">their median</span> : null}
          {forecast ? <span class="key key-forecast">forecast, 8 of 10</span> : null}
        </>
      }
    >
      <CurvePicture {...props} />
    </Figure>
  );
}

const comparableWords = (count: number) =>
  count === 1 ? "1 comparable event" : `${count} comparable events`;

/** As many places as a table can have, the marks' and the forecast's among them. */
function readingsOf({ own, usual, forecast, marks = [], x, y }: CurveProps): Reading[] {
  const drawn = [...own, ...(forecast?.points ?? [])];
  const all = [...new Set([...drawn.map((point) => point.x), ...marks.map((mark) => mark.x)])];
  const within = all.filter((at) => at >= x.from && at <= x.to).sort((a, b) => a - b);
  const each = Math.ceil(within.length / MOST_ROWS);
  // What is now is among them, whatever is to be expected behind it.
  const kept = new Set([...marks.map((mark) => mark.x), own.at(-1)?.x]);
  const last = within.length - 1;
  const shown = within.filter((at, i) => i % each === 0 || i === last || kept.has(at));
  const byName = Map.groupBy(shown, x.say);
  const said = (value: number | undefined) => (value === undefined ? "" : y.say(value));
  return [...byName].map(([name, places]) => {
    const at = lastOf(places);
    return { at: along(x, at), name, cells: cellsAt(at, places) };
  });

  /** Of one name, as of a day, the last that is known. */
  function lastOf(places: readonly number[]): number {
    return places.findLast((at) => valueAt(own, at) !== undefined) ?? places.at(-1) ?? x.from;
  }

  function cellsAt(at: number, places: readonly number[]): string[] {
    return [
      said(valueAt(own, at)),
      ...(usual ? [said(valueAt(usual.points, at))] : []),
      ...(forecast ? [said(valueAt(forecast.points, at)), range(at)] : []),
      ...(marks.length > 0
        ? [
            marks
              .filter((mark) => places.includes(mark.x))
              .map(({ label }) => label)
              .join(", "),
          ]
        : []),
    ];
  }

  function range(at: number) {
    const spans = forecast?.range ?? [];
    const low = valueAt(
      spans.map((span) => ({ x: span.x, y: span.low })),
      at,
    );
    const high = valueAt(
      spans.map((span) => ({ x: span.x, y: span.high })),
      at,
    );
    return low === undefined || high === undefined ? "" : `${y.say(low)} to ${y.say(high)}`;
  }
}
