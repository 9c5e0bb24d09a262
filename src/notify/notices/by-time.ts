/** What nobody changed in a description and is news of an event all the same: it was time, or it is gone. */
import type { EventRow, LaunchRow } from "../../projections/queries/row-types.ts";
import { wasOver } from "../../rules/called-off.ts";
import { kinds } from "./kinds.ts";
import type { Notice } from "./notice.ts";

export interface Listing {
  region: string;
  /** Null before its events were ever read. */
  listedAt: Date | null;
}

/** Behind `since`, and not behind `now`. */
export interface Span {
  since: Date;
  now: Date;
}

/** So long it is waited for accounts that cannot be read: that an event is gone may not wait for ever. */
const UNREAD_MS = 6 * 3_600_000;

export const plainItem = { name: null, was: null, currency: null } as const;

export const ofEvent = (
  row: Pick<EventRow, "eventId" | "eventName" | "region" | "timezone">,
): Pick<Notice, "subject" | "eventId" | "eventName" | "region" | "timezone"> => {
  const { eventId, eventName, region, timezone } = row;
  return { subject: "event", eventId, eventName, region, timezone };
};

/** Of launches in the span, those by which a sale began: what was sold before it is not opened by a date. */
export const openedNotices = (launches: readonly LaunchRow[], { since, now }: Span): Notice[] =>
  launches
    .filter(
      (launch) =>
        isWithin(launch.salesLaunchDate, since, now) && canBeBought(launch) && isOpening(launch),
    )
    .map((launch) => {
      const at = launch.salesLaunchDate;
      const sourceId = `${OPENED}${launch.eventId} ${at}`;
      return {
        ...ofEvent(launch),
        kind: "salesOpened",
        severity: kinds.salesOpened.severity,
        at,
        items: [{ ...plainItem, sourceId, is: at, valueKind: "instant" }],
      };
    });

/** Or could be, until the last place was sold. */
const canBeBought = ({ status }: LaunchRow) => status === "ON_SALE" || status === "SOLD_OUT";

/** Whoever corrects the launch of a sale that is under way opens nothing. */
function isOpening({ salesLaunchDate, moves }: LaunchRow) {
  const last = moves.at(-1);
  if (!last?.from || last.to === null) return true;
  const movedAt = Date.parse(last.at);
  return movedAt < Date.parse(salesLaunchDate) || Date.parse(last.from) > movedAt;
}

export const goneNotices = (
  rows: readonly EventRow[],
  lists: readonly Listing[],
  { since, now }: Span,
): Notice[] =>
  rows
    .filter((row) => isWithin(row.lastUpdated, since, now) && !wasOver(row))
    .flatMap((row) => goneNotice(row, lists, now));

/** It may have moved: so it is not told before every other account's events were read since it went. */
function goneNotice(row: EventRow, lists: readonly Listing[], now: Date): Notice[] {
  const goneAt = Date.parse(row.lastUpdated);
  const unread = lists.filter(
    ({ region, listedAt }) => region !== row.region && (listedAt?.getTime() ?? 0) <= goneAt,
  );
  if (unread.length > 0 && now.getTime() - goneAt < UNREAD_MS) return [];
  const sourceId = `${GONE}${row.eventId} ${row.lastUpdated}`;
  const is =
    unread.length === 0
      ? "Vivenu does not have it any more"
      : `${row.region} does not have it any more, and whether it moved is not known: ${unread.map(({ region }) => region).join(", ")} could not be read since`;
  return [
    {
      ...ofEvent(row),
      kind: "cancelled",
      severity: kinds.cancelled.severity,
      at: row.lastUpdated,
      items: [{ ...plainItem, sourceId, is, valueKind: "text" }],
    },
  ];
}

const OPENED = "opened ";
const GONE = "gone ";

/** It is found by every look for a day, whoever was told of it. */
export const isFoundAgain = ({ items }: Notice) =>
  items.some(({ sourceId }) => sourceId.startsWith(OPENED) || sourceId.startsWith(GONE));

/** What somebody was told of an event that was gone, by the id of that. */
export interface ToldGone {
  sourceId: string;
  eventId: string;
}

export const toldGoneOf = (sourceIds: readonly string[]): ToldGone[] =>
  sourceIds.flatMap((sourceId) => {
    const [, eventId] = sourceId.slice(GONE.length).match(/^(.+) \S+$/) ?? [];
    return sourceId.startsWith(GONE) && eventId !== undefined ? [{ sourceId, eventId }] : [];
  });

/** An event that is there again, in whatever account, for whoever was told that it was gone. */
export const backNotices = (
  told: readonly ToldGone[],
  rows: readonly EventRow[],
  now: Date,
): Notice[] =>
  told.flatMap(({ sourceId: toldBefore, eventId }): Notice[] => {
    const row = rows.find((one) => one.eventId === eventId);
    if (!row || row.status === "CANCELLED" || row.status === "ENDED") return [];
    const is = `${row.region} has it in Vivenu`;
    const item = { ...plainItem, sourceId: `back after ${toldBefore}`, is } as const;
    const { severity } = kinds.restored;
    return [
      {
        ...ofEvent(row),
        kind: "restored",
        severity,
        at: now.toISOString(),
        toldBefore,
        items: [{ ...item, valueKind: "text" }],
      },
    ];
  });

const isWithin = (at: string | null, since: Date, now: Date) =>
  at !== null && Date.parse(at) > since.getTime() && Date.parse(at) <= now.getTime();
