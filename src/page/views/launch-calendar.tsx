import { dayAt, wallClock } from "../../lib/zones.ts";
import type { EventRow, LaunchRow } from "../../projections/queries/row-types.ts";
import { dayLabel, weekdayLabel } from "../chart/ticks.ts";
import { AS_OF, here, href, type Look } from "../look.ts";
import { valuesOf } from "../select.tsx";
import { raceDays, shortName } from "../words.ts";

const DAY_MS = 86_400_000;
const WEEKS = 4;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** Days as `2026-11-23`, which order as texts do. */
export interface Weeks {
  first: string;
  days: string[];
}

/** Four weeks from the Monday of the week that a day is in. */
export function weeksFrom(day: string): Weeks {
  const at = new Date(`${day}T00:00:00Z`);
  const monday = at.getTime() - ((at.getUTCDay() + 6) % 7) * DAY_MS;
  const days = Array.from({ length: WEEKS * 7 }, (_, index) => dayOf(monday + index * DAY_MS));
  return { first: days[0] ?? day, days };
}

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const moved = (day: string, weeks: number) => dayOf(Date.parse(day) + weeks * 7 * DAY_MS);

export interface CalendarProps {
  look: Look;
  weeks: Weeks;
  launches: readonly LaunchRow[];
  races: readonly EventRow[];
}

interface Entry {
  kind: "launch" | "race";
  eventId: string;
  name: string;
}

/** Launches and races by day, of the reader's calendar where it is known. */
export function Calendar({ look, weeks, launches, races }: CalendarProps) {
  const today = dayAt(look.now, look.zone);
  const dayIn = (at: string, zone: string | null) => dayAt(new Date(at), look.zone ?? zone);
  const entries = Map.groupBy<string, { day: string; entry: Entry }>(
    [
      ...launches.map((row) => ({
        day: dayIn(row.salesLaunchDate, row.timezone),
        entry: { kind: "launch" as const, eventId: row.eventId, name: shortName(row.eventName) },
      })),
      // A race is on days of its own place, wherever one looks from.
      ...races.flatMap((row) => {
        const { eventId } = row;
        const entry = { kind: "race" as const, eventId, name: shortName(row.eventName) };
        return raceDays(row).map((day) => ({ day, entry }));
      }),
    ],
    ({ day }) => day,
  );
  const rows = Array.from({ length: WEEKS }, (_, week) => weeks.days.slice(week * 7, week * 7 + 7));
  return (
    <section class="calendar" aria-labelledby="calendar-title">
      <div class="section-head">
        <h2 id="calendar-title">Four weeks</h2>
        <nav class="calendar-ways" aria-label="Weeks">
          <a
            class="button"
            href={here(look, { from: moved(weeks.first, -WEEKS) })}
            aria-label="Earlier"
          >
            ‹
          </a>
          <a class="button" href={here(look, { from: undefined })}>
            Today
          </a>
          <a
            class="button"
            href={here(look, { from: moved(weeks.first, WEEKS) })}
            aria-label="Later"
          >
            ›
          </a>
          <a class="button" href={icsOf(look)}>
            .ics
          </a>
        </nav>
      </div>
      <table>
        <caption class="unseen">Launches and races by day</caption>
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((days) => (
            <tr>
              {days.map((day, index) => (
                <Day
                  look={look}
                  day={day}
                  label={labelOf(day, index === 0 && days === rows[0])}
                  isToday={day === today}
                  entries={(entries.get(day) ?? []).map(({ entry }) => entry)}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {!weeks.days.some((day) => entries.has(day)) && (
        <p class="in-agenda muted">No launch and no race in these four weeks.</p>
      )}
      <p class="calendar-key muted">
        <span class="launch-day">launch</span> <span class="race-day">race</span>
      </p>
    </section>
  );
}

interface DayProps {
  look: Look;
  day: string;
  /** Where its weekday stands above it. */
  label: string;
  isToday: boolean;
  entries: readonly Entry[];
}

/** A cell of a week, and on a phone, where seven have no room for a name, a line of an agenda. */
function Day({ look, day, label, isToday, entries }: DayProps) {
  const classes = [isToday && "is-today", entries.length === 0 && "is-free"].filter(Boolean);
  return (
    <td class={classes.join(" ") || undefined} aria-current={isToday ? "date" : undefined}>
      <time datetime={day}>
        <span class="in-week">{label}</span>
        <span class="in-agenda">{agendaLabel(day)}</span>
      </time>
      {entries.map((entry) => (
        <Mark look={look} entry={entry} />
      ))}
    </td>
  );
}

/** It is of the same accounts, and to subscribe to: of no earlier moment. */
const icsOf = (look: Look) =>
  href(look, "/api/launches.ics", { region: regions(look), [AS_OF]: undefined });

const regions = (look: Look) =>
  valuesOf(look, "region")
    .map((region) => region.toUpperCase())
    .join(",");

const Mark = ({ look, entry }: { look: Look; entry: Entry }) => (
  <a
    class={`entry ${entry.kind}-day`}
    href={href(look, `/events/${encodeURIComponent(entry.eventId)}`)}
    title={`${entry.kind === "launch" ? "Launch" : "Race"}: ${entry.name}`}
  >
    {entry.name}
  </a>
);

/** `Tue 10 Feb` */
function agendaLabel(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return `${weekdayLabel(at, null).split(" ", 1)[0]} ${dayLabel(at, null)}`;
}

/** The month on the first of it, and where the weeks begin. */
function labelOf(day: string, isFirst: boolean): string {
  const date = wallClock(new Date(`${day}T00:00:00Z`), null);
  const label = dayLabel(date.getTime(), null);
  return isFirst || date.getUTCDate() === 1 ? label : String(date.getUTCDate());
}
