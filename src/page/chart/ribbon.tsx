import { dayAt } from "../../lib/zones.ts";
import { kept } from "../kept.ts";
import { dayRange } from "../words.ts";
import { xClass } from "./curve-picture.tsx";
import { Figure } from "./figure.tsx";
import { along, type Extent } from "./paths.ts";
import { dateTicks, dayLabel } from "./ticks.ts";

const WEEKS_MS = 8 * 7 * 86_400_000;
/** A block of less is no wider than its edges. */
const SHORTEST_MS = 8 * 3_600_000;
const LEVELS = 2;
/** Of the ribbon's width on a laptop, in percent: what a letter takes, and what is between two names. */
const LETTER = 0.68;
const GAP = 1;
/** Behind it is the way to the table. */
const FARTHEST = 91;
/** What a letter takes of the narrowest ribbon that has names, on a tablet or on paper. */
const NARROW_LETTER = 1.02;

export interface Coming {
  at: number;
  /** When a race ends. */
  until?: number;
  kind: "launch" | "race";
  name: string;
  /** Of its place: a race is on a day there, wherever one looks from. */
  zone?: string | null;
}

export interface RibbonProps {
  id: string;
  now: number;
  coming: readonly Coming[];
  /** Whose calendar launches are by; null for each its place's. */
  zone: string | null;
}

/** The next eight weeks: a diamond where sales begin, a block where a race is. An hour is less of it than a pixel. */
export const Ribbon = kept(({ id, now, coming, zone }: RibbonProps) => {
  const x = { from: now, to: now + WEEKS_MS };
  const shown = within(x, coming).sort((a, b) => a.at - b.at);
  const launches = shown.filter(({ kind }) => kind === "launch").length;
  return (
    <Figure
      {...{ id, kind: "ribbon", title: "The next eight weeks" }}
      sentence={`${counted(launches, "launch", "launches")} and ${counted(shown.length - launches, "race", "races")} in the next eight weeks.`}
      columns={["Day", "What", "Event"]}
      readings={shown.map((one) => ({
        at: along(x, one.at),
        name: daysOf(one, zone),
        cells: [one.kind === "launch" ? "Launch" : "Race", one.name],
      }))}
    >
      <line class="chart-base" x2="100%" y1="40" y2="40" />
      {dateTicks(x, zone).map(({ at, label }, index) => (
        <>
          <line class="chart-tick" {...vertical(along(x, at))} y1="40" y2="45" />
          <text class={xClass(index)} x={`${along(x, at)}%`} y="58">
            {label}
          </text>
        </>
      ))}
      {shown.map((one) =>
        one.kind === "launch" ? (
          <svg
            aria-hidden="true"
            class="coming-launch"
            x={`${along(x, one.at)}%`}
            y="40"
            overflow="visible"
          >
            <path d="M0,-6l5,6l-5,6l-5,-6z" />
          </svg>
        ) : (
          <rect class="coming-race" {...across(along(x, one.at), along(x, endOf(one)))} />
        ),
      )}
      {namesOf(shown, x, zone).map(({ left, level, text, isWide }) => (
        <text
          class={isWide ? "chart-coming is-wide" : "chart-coming"}
          x={`${left}%`}
          dx="-5"
          y={24 - level * 15}
        >
          {text}
        </text>
      ))}
    </Figure>
  );
});

const within = ({ from, to }: Extent, coming: readonly Coming[]) =>
  coming.filter((one) => Number.isFinite(one.at) && endOf(one) >= from && one.at <= to);

/** Of weeks in which nothing comes a picture would say nothing. */
export const isEmptyRibbon = ({ now, coming }: Pick<RibbonProps, "now" | "coming">) =>
  within({ from: now, to: now + WEEKS_MS }, coming).length === 0;

const vertical = (at: number) => ({ x1: `${at}%`, x2: `${at}%` });

/** A block over the line, from the first hour to the last. */
const across = (from: number, to: number) => ({
  ...{ x: `${from}%`, y: "36" },
  ...{ width: `${Math.round((to - from) * 100) / 100}%`, height: "8" },
});

const endOf = ({ kind, at, until = at }: Coming) =>
  kind === "race" ? Math.max(until, at + SHORTEST_MS) : at;

const counted = (count: number, one: string, more: string) =>
  count === 0 ? `no ${one}` : count === 1 ? `one ${one}` : `${count} ${more}`;

const zoneOf = ({ kind, zone: there = null }: Coming, zone: string | null) =>
  kind === "race" ? there : (zone ?? there);

/** `9 Jan`, or of a race of several days `9–10 Jan`; one that ends at midnight ends on the day before. */
function daysOf(one: Coming, zone: string | null): string {
  const last = Math.max(one.at, (one.until ?? one.at) - 1);
  return dayRange(new Date(one.at), new Date(last), zoneOf(one, zone));
}

/** One name a day and kind; a name that would stand on another is left to the table, on narrow ribbons alone where it is wide. */
function namesOf(shown: readonly Coming[], x: { from: number; to: number }, zone: string | null) {
  const days = Map.groupBy(
    shown,
    (one) => `${dayAt(new Date(one.at), zoneOf(one, zone))} ${one.kind}`,
  );
  const free = Array.from({ length: LEVELS }, () => -GAP);
  const freeNarrow = [...free];
  return [...days.values()].flatMap((day) => {
    const [first, second] = day;
    if (!first) return [];
    const text =
      day.length > 2
        ? `${day.length} on ${dayLabel(first.at, zoneOf(first, zone))}`
        : second
          ? `${first.name}, ${second.name}`
          : first.name;
    const left = along(x, first.at);
    const right = left + text.length * LETTER;
    const level = free.findIndex((end) => end + GAP <= left);
    if (level === -1 || right > FARTHEST) return [];
    free[level] = right;
    const narrowRight = left + text.length * NARROW_LETTER;
    const isWide = (freeNarrow[level] ?? 0) + GAP > left || narrowRight > 100;
    if (!isWide) freeNarrow[level] = narrowRight;
    return [{ left, level, text, isWide }];
  });
}
