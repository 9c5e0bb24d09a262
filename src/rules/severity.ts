import { msOf } from "./instant.ts";

/** The gravest first. */
export const severities = ["critical", "high", "medium"] as const;
export type Severity = (typeof severities)[number];

/** Whether the first is as grave as the second. */
export const isAsGrave = (one: Severity, other: Severity) =>
  severities.indexOf(one) <= severities.indexOf(other);

export const gravest = (all: readonly Severity[]): Severity =>
  all.reduce<Severity>((most, one) => (isAsGrave(one, most) ? one : most), "medium");

/** Moved later is the worst that can happen to a launch: people were told to be there. */
export function launchSeverity(previous: string | null, next: string | null): Severity {
  if (previous === null || next === null) return "medium";
  return movedSeverity(msOf(previous), msOf(next));
}

/** The day of an instant, as `2026-03-01`, on a calendar by a zone's clock; by UTC where there is none. */
export type DayOf = (at: Date, timezone: string | null) => string;

/**
 * Whoever has a ticket for a race's day has to know of another one. By the event's own calendar: an hour later
 * is the same race day.
 */
export function raceSeverity(previous: string, next: string, dayOf: (at: Date) => string) {
  return movedSeverity(dayOf(new Date(previous)), dayOf(new Date(next)));
}

const movedSeverity = <Place extends number | string>(was: Place, is: Place): Severity =>
  is > was ? "critical" : is < was ? "high" : "medium";
