/**
 * A stretch of time, both bounds inclusive and in milliseconds, how many tickets Vivenu created in
 * it, and when those were created that are known already. It is complete when none is missing.
 */
export interface Segment {
  from: number;
  until: number;
  total: number;
  known: number[];
}

export type Stretch = Pick<Segment, "from" | "until">;

export const isComplete = ({ known, total }: Segment) => known.length === total;

/**
 * What an answer teaches: the stretch asked for has `total` tickets, so what is left of the segments
 * it touches has the rest. Undefined where that contradicts what is known.
 */
export function narrow(
  segments: readonly Segment[],
  { from, until, total, fresh }: Stretch & { total: number; fresh: readonly number[] },
): Segment[] | undefined {
  const touched = segments.filter((segment) => segment.from <= until && from <= segment.until);
  const known = [...touched.flatMap((segment) => segment.known), ...fresh];
  const cut = (stretch: Stretch, count: number): Segment => ({
    ...stretch,
    total: count,
    known: known.filter((time) => stretch.from <= time && time <= stretch.until),
  });

  const rest = sum(touched.map((segment) => segment.total)) - total;
  const begin = Math.min(...touched.map((segment) => segment.from));
  const end = Math.max(...touched.map((segment) => segment.until));
  const pieces = [cut({ from, until }, total)];
  if (begin < from) pieces.unshift(cut({ from: begin, until: from - 1 }, rest));
  else if (until < end) pieces.push(cut({ from: until + 1, until: end }, rest));
  else if (rest !== 0) return undefined;

  if (pieces.some((piece) => piece.known.length > piece.total)) return undefined;
  const untouched = segments.filter((segment) => !touched.includes(segment));
  return [...untouched, ...pieces].sort((a, b) => a.from - b.from);
}

export interface Aim extends Stretch {
  /** Whether it rests on an estimate, which its answer can tell to be off. */
  estimated: boolean;
}

/**
 * From the first segment on, as far as a page of `top` should reach: whole segments while they fit,
 * and of the next as much as the tickets known in it let expect, times `reach`.
 */
export function aim(segments: readonly Segment[], top: number, reach: number): Aim | undefined {
  const [first] = segments;
  if (!first) return undefined;
  let room = top;
  let until = first.from - 1;
  for (const segment of segments) {
    if (segment.from !== until + 1) break;
    if (segment.total > room) {
      const bound = within(segment, room * reach);
      if (bound !== undefined && bound >= segment.from)
        return { from: first.from, until: bound, estimated: true };
      if (segment === first) until = Math.max(half(segment), first.from);
      break;
    }
    room -= segment.total;
    until = segment.until;
  }
  return { from: first.from, until, estimated: false };
}

/** Up to where a segment should hold no more than `room`: the fewer are known, the more cautiously. */
function within({ total, known, until }: Segment, room: number) {
  const expected = (known.length * room) / total;
  const caution = Math.min(Math.max(1 - 1.2 / Math.sqrt(expected), 0.5), 0.95);
  const index = Math.floor(expected * caution);
  return index < 1 ? undefined : (inOrder(known)[index] ?? until + 1) - 1;
}

/** A segment in which too little is known halves at its middle ticket; of an unknown one, all is asked. */
const half = ({ known, until }: Segment) =>
  (inOrder(known)[Math.floor(known.length / 2)] ?? until + 1) - 1;

const inOrder = (times: readonly number[]) => times.toSorted((a, b) => a - b);

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
