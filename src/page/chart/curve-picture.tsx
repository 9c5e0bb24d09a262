import type { CurveProps } from "./curve.tsx";
import { along, areaPath, BOX, type Box, isDrawable, linePath, type Point } from "./paths.ts";

/** A curve grows above 100 where more was sold than there is. */
export function CurvePicture(props: CurveProps) {
  const {
    own,
    others = [],
    usual,
    forecast,
    capacity,
    marks = [],
    now,
    isThen,
    x,
    y,
    name,
  } = props;
  const all = [own, usual?.points ?? [], ...others.map(({ points }) => points)].flat();
  const tops = [capacity?.at ?? 0, ...y.ticks.map(({ at }) => at)];
  const highest = all.filter(isDrawable).reduce((top, point) => Math.max(top, point.y), 0);
  const box: Box = { x, y: { from: 0, to: Math.max(highest, ...tops) * 1.04 || 1 } };
  const left = (at: number) => `${along(box.x, at)}%`;
  const top = (at: number) => `${100 - along(box.y, at)}%`;
  const end = own.at(-1);
  const isForecastLate = forecast?.end !== undefined && along(box.x, forecast.end.at) > 85;
  return (
    <>
      {y.ticks.map(({ at, label }) => (
        <>
          <line class="chart-grid" x2="100%" y1={top(at)} y2={top(at)} />
          <text class="chart-y" x="-9" dy="4" y={top(at)}>
            {label}
          </text>
        </>
      ))}
      {capacity ? (
        <>
          <line class="chart-capacity" x2="100%" y1={top(capacity.at)} y2={top(capacity.at)} />
          <text class="chart-capacity-label" x="100%" dx="7" dy="4" y={top(capacity.at)}>
            {capacity.label}
          </text>
        </>
      ) : null}
      {x.ticks.map(({ at, label }, index) => (
        <text class={xClass(index)} x={left(at)} y="100%" dy="20">
          {label}
        </text>
      ))}
      <line class="chart-base" x2="100%" y1="100%" y2="100%" />
      {now === undefined ? null : (
        <>
          <line class="chart-now" x1={left(now)} x2={left(now)} y2="100%" />
          <text class="chart-note" x={left(now)} dx="7" y="100%" dy="-9">
            {isThen ? "then" : "now"}
          </text>
        </>
      )}
      <svg
        aria-hidden="true"
        class="chart-lines"
        viewBox={`0 0 ${BOX.width} ${BOX.height}`}
        preserveAspectRatio="none"
        width="100%"
        height="100%"
      >
        {forecast ? <path class="line-range" d={areaPath(forecast.range, box)} /> : null}
        {others.map(({ points }) => (
          <path class="line-other" d={linePath(points, box)} />
        ))}
        {usual ? <path class="line-usual" d={linePath(usual.points, box)} /> : null}
        {forecast ? <path class="line-forecast" d={linePath(forecast.points, box)} /> : null}
        <path class="line-own" d={linePath(own, box)} />
      </svg>
      {end ? <circle class="chart-end" cx={left(end.x)} cy={top(end.y)} r="4.5" /> : null}
      {end ? (
        <text class="chart-name" {...besideOf(box, end)}>
          {shortened(name)}
        </text>
      ) : null}
      {forecast?.end ? (
        <text
          class="chart-forecast-end"
          x={left(forecast.end.at)}
          dx={isForecastLate ? "-7" : "7"}
          y={top(capacity?.at ?? 0)}
          dy="18"
          text-anchor={isForecastLate ? "end" : "start"}
        >
          {forecast.end.label}
        </text>
      ) : null}
      {marks
        .filter((mark) => mark.x >= x.from && mark.x <= x.to)
        .map(({ x: at, kind, label }) => (
          <svg class={`mark mark-${kind}`} x={left(at)} y="100%" overflow="visible">
            <title>{label}</title>
            <path d="M0,-1l5,7h-10z" />
          </svg>
        ))}
    </>
  );
}

/** A phone has room for every other one. */
export const xClass = (index: number) => (index % 2 === 1 ? "chart-x is-second" : "chart-x");

/** Longer ones would stand beside the chart. */
const LONGEST_NAME = 24;
const shortened = (name: string) =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1).trimEnd()}…` : name;

/**
 * Above the curve's end, which comes from below; where there is no room to its left, below it, for above it is
 * what is to be expected, and above that where it is nearly at the top.
 */
function besideOf(box: Box, { x, y }: Point) {
  const [at, up] = [along(box.x, x), along(box.y, y)];
  const isLate = at > 30;
  return {
    x: `${at}%`,
    y: `${100 - up}%`,
    dx: isLate ? "-12" : "12",
    // At the start of a launch the moment's own name stands right above it.
    dy: isLate || up > 92 ? "-10" : up < 25 ? "-24" : "22",
    "text-anchor": isLate ? "end" : "start",
  };
}
