import { isAsGrave } from "../../rules/severity.ts";
import type { Notice } from "../notices/notice.ts";
import type { Rule } from "../settings.ts";

/** The channels that a notice goes to, each once, whatever number of rules names it. */
export const channelsFor = (notice: Notice, rules: readonly Rule[]): string[] => [
  ...new Set(rules.filter((rule) => isMeant(notice, rule)).flatMap(({ to }) => to)),
];

function isMeant(
  { kind, subject, severity, eventId, region }: Notice,
  { regions, events, kinds, of, severity: least }: Rule,
) {
  return (
    (!regions || regions.includes(region)) &&
    (!events || (eventId !== null && events.includes(eventId))) &&
    (!kinds || kinds.includes(kind)) &&
    (!of || of.includes(subject)) &&
    (!least || isAsGrave(severity, least))
  );
}
