import { percent } from "./numbers.ts";
import { isDrawable, linePath, type Point } from "./paths.ts";

/** A row's curve is as wide as a thumb and as high as a letter: finer than a sharp screen's pixels. */
const SIZE = { width: 200, height: 60 };

/** What is drawn and said of a curve: its points move with the clock, this once in a while. */
export interface SparkProps {
  path: string;
  from: string;
  to: string;
  /** Launched within two days. */
  isLaunching: boolean;
}

/** Of percents sold by time: as high as all that there is. Null without a point. */
export function sparkOf(
  points: readonly Point[],
  { isLaunching }: Pick<SparkProps, "isLaunching">,
): SparkProps | null {
  const drawn = points.filter(isDrawable);
  const first = drawn[0];
  const last = drawn.at(-1);
  if (!first || !last) return null;
  const top = Math.max(100, ...drawn.map(({ y }) => y));
  const box = { x: { from: first.x, to: last.x }, y: { from: 0, to: top } };
  return {
    path: linePath(withoutFlat(sparse(drawn), top), box, SIZE),
    from: percent(first.y),
    to: percent(last.y),
    isLaunching,
  };
}

/** The curve since the launch, in the height of a row. */
export const Spark = ({ path, from, to, isLaunching }: SparkProps) => (
  <svg
    class={isLaunching ? "spark is-launching" : "spark"}
    viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
    preserveAspectRatio="none"
    role="img"
    aria-label={`From ${from} to ${to} sold since the launch`}
  >
    <path class="spark-all" d={`M0,0H${SIZE.width}`} />
    <path class="spark-sold" d={path} />
  </svg>
);

const MOST = 40;

function sparse(points: readonly Point[]): Point[] {
  const each = Math.ceil(points.length / MOST);
  const last = points.length - 1;
  return points.filter((_, index) => index % each === 0 || index === last);
}

/** Of what is level, its ends. */
function withoutFlat(points: readonly Point[], top: number): Point[] {
  const height = (point: Point | undefined) => point && Math.round((point.y * SIZE.height) / top);
  return points.filter((point, index) => {
    const mine = height(point);
    return mine !== height(points[index - 1]) || mine !== height(points[index + 1]);
  });
}
