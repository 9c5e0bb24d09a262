import { counted, thousands } from "../../lib/counted.ts";
import { oneDecimal } from "../../rules/decimals.ts";
import type { Digest, DigestEvent, DigestLaunch } from "./digest.ts";

export const digestTitle = (digest: Digest) => {
  const { day, soldInDay } = digest;
  if (soldInDay === null) return `HYROX on ${day}`;
  return `HYROX on ${day}: ${sumOf(digest, soldInDay)} sold in 24 hours`;
};

const sumOf = (digest: Digest, sold: number) =>
  `${isAtLeast(digest) ? "at least " : ""}${thousands(sold)}`;

/** What was sold since numbers were read, or of events that nobody counted, is in no sum. */
const isAtLeast = ({ unknownEvents = 0, oldNumbers = [] }: Digest) =>
  unknownEvents > 0 || oldNumbers.length > 0;

/** The parts of a digest in their order, each with what it says where there is nothing to say. */
export const digestParts = (digest: Digest): { heading: string; lines: string[] }[] => [
  { heading: "Wrong", lines: orNone(digest.wrong, "Nothing.") },
  {
    heading: "Sold in 24 hours, and what is sold against what is usual by now",
    lines: [
      ...sumLines(digest),
      ...orNone(
        [...digest.events.map(eventLine), ...moreLines(digest.moreEvents, "event")],
        NO_EVENT,
      ),
    ],
  },
  {
    heading: `What changed (${thousands(digest.changesInDay)} in all, here the grave ones)`,
    lines: orNone(digest.changes, "Nothing grave."),
  },
  {
    heading: "What launches next",
    lines: orNone(
      [
        ...digest.launches.map(launchLine),
        ...moreLines(digest.moreLaunches ?? 0, "launch", "launches"),
      ],
      "Nothing in 14 days.",
    ),
  },
];

export const NO_EVENT = "No event is on sale.";

/** What is to be known of the sum before it is believed. */
export function sumLines(digest: Digest): string[] {
  const { soldInDay, soldPerDay, unknownEvents = 0, oldNumbers = [] } = digest;
  return [
    ...oldNumbers,
    ...(unknownEvents > 0
      ? [`Of ${counted(unknownEvents, "event")} it is not known what was sold.`]
      : []),
    ...(typeof soldInDay === "number" && typeof soldPerDay === "number"
      ? [
          `All together: ${sumOf(digest, soldInDay)}. A day of the last 7 had ${thousands(soldPerDay)} in the mean.`,
        ]
      : []),
  ];
}

export const digestText = (digest: Digest) =>
  [
    digestTitle(digest),
    ...digestParts(digest).flatMap(({ heading, lines }) => [
      "",
      heading,
      ...lines.map((line) => `• ${line}`),
    ]),
  ].join("\n");

const orNone = (lines: string[], none: string) => (lines.length === 0 ? [none] : lines);

export const moreLines = (count: number, one: string, more?: string) =>
  count > 0 ? [`and ${counted(count, `more ${one}`, `more ${more ?? `${one}s`}`)}`] : [];

function eventLine(event: DigestEvent): string {
  const { name, region, soldInDay, percentSold, available } = event;
  const ahead = aheadOf(event);
  return [
    `${name} (${region}): ${soldInDay === null ? "unknown" : thousands(soldInDay)}`,
    ...(percentSold === null ? [] : [`${percentSold} % sold`]),
    ...(ahead === null ? [] : [`${ahead} points`]),
    ...(available === null ? [] : [`${thousands(available)} left`]),
  ].join(", ");
}

/** In percent of the places: `+7.1`. */
export function aheadOf({ pointsAhead }: DigestEvent): string | null {
  if (pointsAhead === null) return null;
  return `${pointsAhead < 0 ? "−" : "+"}${oneDecimal(Math.abs(pointsAhead))}`;
}

const launchLine = ({ name, region, at, notReady }: DigestLaunch) =>
  `${at}: ${name} (${region})${notReady.length > 0 ? `, not ready: ${notReady.join(", ")}` : ""}`;
