import { printable } from "../../lib/printable.ts";
import { knownZone, wallClock } from "../../lib/zones.ts";
import { exponentOf } from "../../rules/money.ts";
import { kinds } from "./kinds.ts";
import type { Notice, NoticeItem } from "./notice.ts";

/** More than a screen of lines is read by nobody, and some channels refuse them. */
const MOST_LINES = 20;
const LONGEST = 200;

/** A notice in words, for whatever channel. */
export interface Message {
  title: string;
  lines: string[];
  /** Where the page has more. */
  link: string | null;
}

export function messageOf(notice: Notice, page: string | undefined): Message {
  const { kind, subject, eventId, eventName, region, items } = notice;
  const of = eventName === null ? region : `${plain(eventName)} (${region})`;
  const lines = items.map((item) => lineOf(notice, item));
  const more = lines.length - MOST_LINES;
  return {
    title: `${kinds[kind].title}${partsOf(subject, items.length)}: ${of}`,
    lines: more > 0 ? [...lines.slice(0, MOST_LINES), `and ${more} more`] : lines,
    link:
      page === undefined
        ? null
        : eventId === null
          ? `${page}/operations`
          : `${page}/events/${encodeURIComponent(eventId)}`,
  };
}

const NEVER = "not before the sale ends";

/** That a ticket type is sold out is not that its event is. */
function partsOf(subject: Notice["subject"], count: number) {
  const name = { ticketType: "ticket type", shop: "undershop", event: "", account: "" }[subject];
  return name === "" ? "" : `, ${count} ${name}${count === 1 ? "" : "s"}`;
}

function lineOf({ kind, timezone }: Notice, item: NoticeItem): string {
  const [was, is] = [wordsOf(item.was, item, timezone), wordsOf(item.is, item, timezone)];
  const about = item.name === null ? "" : `${plain(item.name)}: `;
  switch (kind) {
    case "launchSet":
    case "salesOpened":
      return `${about}${is}`;
    case "placesAdded":
      return item.was === null ? `${about}${is}, a new ticket type` : `${about}${was} → ${is}`;
    case "nearlySoldOut":
      return `${about}${is} sold`;
    case "soldOut":
    case "reopened":
      return `${about}${is} left, ${was} before`;
    case "paused":
      return `${about}${is} to buy, ${was} before`;
    case "keyRefused":
    case "numbersOld":
      return is;
    case "cancelled":
    case "postponed":
    case "restored":
      return item.was === null ? `${about}${is}` : `${about}${was} → ${is}`;
    case "forecastMoved":
      return [item.was === null ? NEVER : was, item.is === null ? NEVER : is].join(" → ");
    default:
      return `${about}${was} → ${is}`;
  }
}

export function wordsOf(
  value: NoticeItem["is"],
  { valueKind, currency }: Pick<NoticeItem, "valueKind" | "currency">,
  timezone: string | null,
): string {
  if (value === null) return "none";
  if (valueKind === "instant") return instantWords(new Date(String(value)), timezone);
  if (valueKind === "money")
    return `${Number(value).toFixed(exponentOf(currency ?? ""))} ${currency ?? ""}`.trim();
  if (valueKind === "percent") return `${value} %`;
  return plain(String(value));
}

/** By the event's own clock, as its visitors read it: `2027-01-15 12:00 Europe/Berlin`. */
export function instantWords(at: Date, timezone: string | null): string {
  const zone = knownZone(timezone);
  return `${wallClock(at, zone).toISOString().slice(0, 16).replace("T", " ")} ${zone ?? "UTC"}`;
}

/** On one line, in the order in which it is read, and of a length that has room: names are anybody's. */
export const plain = (text: string, longest = LONGEST) =>
  printable(text.replace(TURNS_TEXT, "").replace(/\s+/gu, " ").trim(), longest);

const TURNS_TEXT = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
