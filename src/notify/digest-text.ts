import { counted } from "../lib/counted.ts";
import type { Digest, DigestEvent, DigestLaunch } from "./digest.ts";

export const digestTitle = ({ day, soldInDay }: Digest) =>
  soldInDay === null ? `HYROX on ${day}` : `HYROX on ${day}: ${soldInDay} sold in 24 hours`;

/** The parts of a digest in their order, each with what it says where there is nothing to say. */
export const digestParts = (digest: Digest): { heading: string; lines: string[] }[] => [
  { heading: "Wrong", lines: orNone(digest.wrong, "Nothing.") },
  {
    heading: "Sold in 24 hours, and what is sold against what is usual by now",
    lines: orNone(
      [
        ...digest.events.map(eventLine),
        ...(digest.moreEvents > 0 ? [`and ${counted(digest.moreEvents, "more event")}`] : []),
      ],
      "No event is on sale.",
    ),
  },
  {
    heading: `What changed (${digest.changesInDay})`,
    lines: orNone(digest.changes, "Nothing grave."),
  },
  {
    heading: "What launches next",
    lines: orNone(digest.launches.map(launchLine), "Nothing in 14 days."),
  },
];

export const digestText = (digest: Digest) =>
  [
    digestTitle(digest),
    ...digestParts(digest).flatMap(({ heading, lines }) => [
      ...["", heading],
      ...lines.map((line) => `• ${line}`),
    ]),
  ].join("\n");

const orNone = (lines: string[], none: string) => (lines.length === 0 ? [none] : lines);

function eventLine(event: DigestEvent): string {
  const { name, region, soldInDay, percentSold, available } = event;
  const ahead = aheadOf(event);
  return [
    `${name} (${region}): ${soldInDay ?? "unknown"}`,
    ...(percentSold === null ? [] : [`${percentSold} % sold`]),
    ...(ahead === null ? [] : [`${ahead} points`]),
    ...(available === null ? [] : [`${available} left`]),
  ].join(", ");
}

/** In percent of the places: `+7.1`. */
export function aheadOf({ pointsAhead }: DigestEvent): string | null {
  if (pointsAhead === null) return null;
  return `${pointsAhead < 0 ? "−" : "+"}${Math.abs(pointsAhead).toFixed(1)}`;
}

export const launchLine = ({ name, region, at, notReady }: DigestLaunch) =>
  `${at}: ${name} (${region})${notReady.length > 0 ? `, not ready: ${notReady.join(", ")}` : ""}`;
