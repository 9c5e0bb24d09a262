import { scaleLinear } from "d3-scale";
import { area, line } from "d3-shape";

export interface Point {
  x: number;
  y: number;
}

/** A range at one place: from `low` to `high`. */
export interface Span {
  x: number;
  low: number;
  high: number;
}

/**
 * Paths are drawn in a box of so many units, which the page stretches: whole numbers are then finer than
 * pixels are, and half of the bytes.
 */
export const BOX = { width: 2000, height: 1200 };

/** So many places across and down are told apart. */
const MOST_POINTS = 90;

export interface Extent {
  readonly from: number;
  readonly to: number;
}

export interface Box {
  x: Extent;
  y: Extent;
}

/** Where something stands along an axis, in percent of its length: within it, and never without a number. */
export const along = (extent: Extent, value: number): number => placesOf(extent)(value);

/** A chart asks one extent for hundreds of places, and making a scale takes longer than all of them. */
const known = new WeakMap<Extent, (value: number) => number>();

function placesOf(extent: Extent): (value: number) => number {
  const made = known.get(extent);
  if (made) return made;
  const share = scaleLinear([extent.from, extent.to], [0, 100]).clamp(true);
  const places = (value: number) => {
    const place = share(value);
    return Number.isFinite(place) ? Math.round(place * 100) / 100 : 0;
  };
  known.set(extent, places);
  return places;
}

function unitsOf({ x, y }: Box, { width, height } = BOX) {
  const [across, up] = [placesOf(x), placesOf(y)];
  return {
    across: (value: number) => (across(value) * width) / 100,
    down: (value: number) => height - (up(value) * height) / 100,
  };
}

export function linePath(points: readonly Point[], box: Box, size = BOX): string {
  const { across, down } = unitsOf(box, size);
  const draw = line<Point>(
    ({ x }) => across(x),
    ({ y }) => down(y),
  ).digits(0);
  return draw(thinned(points.filter(isDrawable), box)) ?? "";
}

export function areaPath(spans: readonly Span[], box: Box): string {
  const { across, down } = unitsOf(box);
  const draw = area<Span>(
    ({ x }) => across(x),
    ({ low }) => down(low),
    ({ high }) => down(high),
  ).digits(0);
  return draw(spans.filter(({ x, low, high }) => [x, low, high].every(Number.isFinite))) ?? "";
}

/**
 * The last point of those that no eye tells apart, across and down: a curve through these is never off by more
 * than a line is thick, also where a launch goes straight up. First and last stay.
 */
export function thinned(points: readonly Point[], { x, y }: Box): Point[] {
  const last = points.length - 1;
  const [across, up] = [placesOf(x), placesOf(y)];
  const slot = (place: number) => Math.floor((place * MOST_POINTS) / 100);
  const slots = points.map((point) => [slot(across(point.x)), slot(up(point.y))] as const);
  return points.filter((_, index) => {
    const [mine, next] = [slots[index], slots[index + 1]];
    if (index === 0 || index === last || !mine || !next) return true;
    return next[0] !== mine[0] || next[1] !== mine[1];
  });
}

export const isDrawable = ({ x, y }: Point) => Number.isFinite(x) && Number.isFinite(y);

/** What it was at a place between two points of it; undefined before the first and after the last. */
export function valueAt(points: readonly Point[], x: number): number | undefined {
  const next = points.findIndex((point) => point.x >= x);
  const right = points[next];
  if (!right) return undefined;
  if (right.x === x) return right.y;
  const left = points[next - 1];
  if (!left) return undefined;
  return left.y + ((right.y - left.y) * (x - left.x)) / (right.x - left.x);
}
