import { Curve, type CurveProps } from "./curve.tsx";
import { percent } from "./numbers.ts";
import type { Point } from "./paths.ts";
import { clock, clockTicks } from "./ticks.ts";

const MINUTE_MS = 60_000;
/** So long a launch is looked at minute by minute. */
const SHOWN_MINUTES = 180;

export interface LaunchMinutesProps
  extends Pick<CurveProps, "id" | "name" | "forecast" | "isThen"> {
  sentence: string;
  launchedAt: number;
  now: number;
  /** Whoever looks reads his own clock. */
  zone: string | null;
  /** Percent sold by minutes since the launch. */
  own: readonly Point[];
  others: readonly { name: string; points: readonly Point[] }[];
  usual?: readonly Point[];
}

/** A launch as it runs, minute by minute, against how launches usually run. */
export function LaunchMinutes(props: LaunchMinutesProps) {
  const { launchedAt, zone, name, own, others, usual, now } = props;
  const at = (minutes: number) => launchedAt + minutes * MINUTE_MS;
  const moved = (points: readonly Point[]) => points.map(({ x, y }) => ({ x: at(x), y }));
  const extent = { from: launchedAt, to: at(SHOWN_MINUTES) };
  return (
    <Curve
      {...{ id: props.id, name, sentence: props.sentence, title: `${name} since its launch` }}
      x={{
        ...extent,
        ticks: clockTicks(extent, zone),
        column: "Time",
        say: (value) => clock(value, zone),
      }}
      y={{ ticks: percentTicks, column: "Sold", say: percent }}
      own={moved(own)}
      others={others.map((other) => ({ ...other, points: moved(other.points) }))}
      {...(usual && { usual: { name: "usual", points: moved(usual) } })}
      {...(props.forecast && { forecast: props.forecast })}
      {...(now <= extent.to && { now })}
      {...(props.isThen && { isThen: true })}
    />
  );
}

export const percentTicks = [0, 25, 50, 75, 100].map((at) => ({
  at,
  label: at === 100 ? "100 %" : String(at),
}));
