import { kept } from "../kept.ts";
import { Figure } from "./figure.tsx";
import { whole } from "./numbers.ts";
import { along } from "./paths.ts";
import { clock, weekdayLabel } from "./ticks.ts";

const HOUR_MS = 3_600_000;

export interface Hour {
  /** When it begins. */
  at: number;
  sold: number;
}

export interface HoursProps {
  id: string;
  title: string;
  sentence: string;
  /** One after the other, the last week's. */
  hours: readonly Hour[];
  zone: string | null;
}

/** When people buy: new sales of each hour, by the clock of a zone. */
export const Hours = kept(({ id, title, sentence, hours, zone }: HoursProps) => {
  const known = hours.filter(({ at, sold }) => Number.isFinite(at) && Number.isFinite(sold));
  const first = known[0]?.at ?? 0;
  const x = { from: first, to: (known.at(-1)?.at ?? first) + HOUR_MS };
  const y = { from: 0, to: Math.max(1, ...known.map(({ sold }) => sold)) };
  const width = Math.max(0.1, (100 / Math.max(1, known.length)) * 0.8);
  return (
    <Figure
      {...{ id, kind: "hours", title, sentence, columns: ["Hour", "New sales"] }}
      readings={known.map(({ at, sold }) => ({
        at: along(x, at + HOUR_MS / 2),
        name: `${weekdayLabel(at, zone)}, ${clock(at, zone)}`,
        cells: [whole(sold)],
      }))}
    >
      {known.map(({ at, sold }) => {
        const height = along(y, sold);
        return height === 0 ? null : (
          <rect
            class="hour"
            {...{ x: `${along(x, at)}%`, y: `${round(100 - height)}%` }}
            {...{ width: `${round(width)}%`, height: `${height}%` }}
          />
        );
      })}
      <line class="chart-base" x2="100%" y1="100%" y2="100%" />
      {known.filter(beginsDay).map(({ at }, index) => (
        <text
          class={index % 2 === 1 ? "chart-day is-second" : "chart-day"}
          x={`${along(x, at)}%`}
          y="100%"
          dy="18"
        >
          {weekdayLabel(at, zone)}
        </text>
      ))}
    </Figure>
  );

  /** What is left of a first day may have no room for its name. */
  function beginsDay({ at }: Hour, index: number) {
    const day = weekdayLabel(at, zone);
    const before = known[index - 1];
    if (before) return weekdayLabel(before.at, zone) !== day;
    const left = known.findIndex((other) => weekdayLabel(other.at, zone) !== day);
    return left === -1 || left >= 15;
  }
});

const round = (value: number) => Math.round(value * 100) / 100;
