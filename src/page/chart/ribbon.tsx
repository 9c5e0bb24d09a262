import { dayAt } from "../../lib/zones.ts";
import { xClass } from "./curve-picture.tsx";
import { Figure } from "./figure.tsx";
import { along } from "./paths.ts";
import { dateTicks, dayLabel } from "./ticks.ts";

const WEEKS_MS = 8 * 7 * 86_400_000;
const LEVELS = 2;
/** Of the ribbon's width on a laptop, in percent: what a letter takes, and what is between two names. */
const LETTER = 0.68;
const GAP = 1;
/** Behind it is the way to the table. */
const FARTHEST = 91;

export interface Coming {
  at: number;
  kind: "launch" | "race";
  name: string;
  /** Of its place: a race is on a day there, wherever one looks from. */
  zone?: string | null;
}

export interface RibbonProps {
  id: string;
  now: number;
  coming: readonly Coming[];
  /** Whose calendar launches are by. */
  zone: string | null;
}

/** The next eight weeks: a diamond where sales begin, a block where a race is. */
export function Ribbon({ id, now, coming, zone }: RibbonProps) {
  const x = { from: now, to: now + WEEKS_MS };
  const shown = coming
    .filter(({ at }) => Number.isFinite(at) && at >= x.from && at <= x.to)
    .sort((a, b) => a.at - b.at);
  const launches = shown.filter(({ kind }) => kind === "launch").length;
  return (
    <Figure
      {...{ id, kind: "ribbon", title: "The next eight weeks" }}
      sentence={`${counted(launches, "launch", "launches")} and ${counted(shown.length - launches, "race", "races")} in the next eight weeks.`}
      columns={["Day", "What", "Event"]}
      readings={shown.map((one) => ({
        at: along(x, one.at),
        name: dayLabel(one.at, zoneOf(one, zone)),
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
      {shown.map(({ at, kind }) => (
        <svg
          aria-hidden="true"
          class={`coming coming-${kind}`}
          x={`${along(x, at)}%`}
          y="40"
          overflow="visible"
        >
          {kind === "launch" ? <path d="M0,-6l5,6l-5,6l-5,-6z" /> : <path d="M-4,-8h8v16h-8z" />}
        </svg>
      ))}
      {namesOf(shown, x, zone).map(({ left, level, text }) => (
        <text class="chart-coming" x={`${left}%`} dx="-5" y={24 - level * 15}>
          {text}
        </text>
      ))}
    </Figure>
  );
}

const vertical = (at: number) => ({ x1: `${at}%`, x2: `${at}%` });

const counted = (count: number, one: string, more: string) =>
  count === 0 ? `no ${one}` : count === 1 ? `one ${one}` : `${count} ${more}`;

const zoneOf = ({ kind, zone: there = null }: Coming, zone: string | null) =>
  kind === "race" ? there : zone;

/** One name a day and kind; a name that would stand on another is left to the table. */
function namesOf(shown: readonly Coming[], x: { from: number; to: number }, zone: string | null) {
  const days = Map.groupBy(
    shown,
    (one) => `${dayAt(new Date(one.at), zoneOf(one, zone))} ${one.kind}`,
  );
  const free = Array.from({ length: LEVELS }, () => -GAP);
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
    return [{ left, level, text }];
  });
}
