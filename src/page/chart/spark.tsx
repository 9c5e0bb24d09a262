import { percent } from "./numbers.ts";
import { BOX, isDrawable, linePath, type Point } from "./paths.ts";

export interface SparkProps {
  /** Percent sold by time. */
  points: readonly Point[];
  /** Launched within two days. */
  isLaunching?: boolean;
}

/** The curve since the launch, as high as all that there is, in the height of a row. */
export function Spark({ points, isLaunching = false }: SparkProps) {
  const drawn = points.filter(isDrawable);
  const first = drawn[0];
  const last = drawn.at(-1);
  if (!first || !last) return null;
  const top = Math.max(100, ...drawn.map(({ y }) => y));
  const box = { x: { from: first.x, to: last.x }, y: { from: 0, to: top } };
  return (
    <svg
      class={isLaunching ? "spark is-launching" : "spark"}
      viewBox={`0 0 ${BOX.width} ${BOX.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`From ${percent(first.y)} to ${percent(last.y)} sold since the launch`}
    >
      <path class="spark-all" d={`M0,0H${BOX.width}`} />
      <path class="spark-sold" d={linePath(sparse(drawn), box)} />
    </svg>
  );
}

const MOST = 40;

/** A row's curve is as wide as a thumb. */
function sparse(points: readonly Point[]): Point[] {
  const each = Math.ceil(points.length / MOST);
  const last = points.length - 1;
  return points.filter((_, index) => index % each === 0 || index === last);
}
