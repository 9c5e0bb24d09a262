import type { ChangeRow } from "../../projections/queries/row-types.ts";
import { graveWordsIn } from "../../rules/grave-words.ts";
import { gravest } from "../../rules/severity.ts";
import type { PlacesByChange } from "./added-types.ts";
import type { Kind, Subject } from "./kinds.ts";
import type { Notice } from "./notice.ts";

/** Later than this it is no news: what is in the log for longer was read late, or is told again. */
export const NEWS_MS = 24 * 3_600_000;

export interface NewsOptions {
  now: Date;
  /** When somebody first wanted to be told: what was before is known. */
  since: Date;
  /** What ticket types that were added, and caps that were raised, brought; without it nobody is told of them. */
  addedPlaces?: PlacesByChange | undefined;
}

export const noticesOf = (changes: readonly ChangeRow[], options: NewsOptions): Notice[] =>
  noticesIn(
    changes.filter((change) => isNews(change, options)),
    options.addedPlaces,
  );

/**
 * The notices of changes, which are in the order in which they were found. Those of one event that are
 * alike and follow each other are one: what was sold out, opened again and sold out is three.
 */
export function noticesIn(changes: readonly ChangeRow[], addedPlaces?: PlacesByChange): Notice[] {
  const notices: Notice[] = [];
  const lastOf = new Map<string, Notice>();
  for (const change of changes) {
    const places = addedPlaces?.get(change.id);
    const kind = kindOf(change, places);
    if (kind === undefined) continue;
    const notice = noticeOf(kind, change, places);
    const last = lastOf.get(change.eventId);
    if (last?.kind === kind && last.subject === notice.subject) {
      last.items.push(...notice.items);
      last.severity = gravest([last.severity, notice.severity]);
      last.at = notice.at;
    } else {
      notices.push(notice);
      lastOf.set(change.eventId, notice);
    }
  }
  return notices;
}

function noticeOf(kind: Kind, change: ChangeRow, places: number | undefined): Notice {
  const { eventId, eventName, region, timezone, changedAt, severity } = change;
  const item = {
    sourceId: `change ${change.id}`,
    name: change.subjectName,
    was: change.previousValue.value,
    is: kind === "placesAdded" ? placesNow(change, places) : change.newValue.value,
    valueKind: kind === "placesAdded" ? ("places" as const) : change.kind,
    currency: change.currency,
  };
  return {
    kind,
    subject: subjectOf(change),
    severity,
    at: changedAt,
    items: [item],
    eventId,
    eventName,
    region,
    timezone,
  };
}

/** The change of a ticket type that was added has its name alone as a value, and no cap is none. */
function placesNow({ fieldName, newValue: { value } }: ChangeRow, places: number | undefined) {
  if (fieldName === "added") return places ?? value;
  return value ?? "no limit";
}

function isNews(change: ChangeRow, { now, since }: NewsOptions) {
  const at = Date.parse(change.changedAt);
  return isNew(change) && at >= since.getTime() && at >= now.getTime() - NEWS_MS;
}

/** What a backfill or a first count found was so before anybody looked. */
export const isNew = ({ source, isFirstCount }: ChangeRow) =>
  source !== "backfill" && !isFirstCount;

/** Undefined where nobody is told: the page, the sheet and the API show every change. */
export function kindOf(change: ChangeRow, places?: number): Kind | undefined {
  const { changeType, fieldName, previousValue, newValue, severity } = change;
  const [was, is] = [previousValue.value, newValue.value];
  switch (changeType) {
    case "nearlySoldOut":
    case "soldOut":
    case "paused":
    case "reopened":
      return changeType;
    default:
      break;
  }
  // What a name or another date calls off is what makes the change as grave as this.
  if (fieldName === "name") return kindOfName(String(was ?? ""), String(is ?? ""), severity);
  if (changeType === "event" && fieldName === "start")
    return severity === "critical" ? "postponed" : undefined;
  if (changeType === "category" || (changeType === "event" && fieldName === "maxAmount"))
    return places === undefined ? undefined : "placesAdded";
  if (changeType === "event")
    return fieldName !== "sellStart" ? undefined : was === null ? "launchSet" : "launchMoved";
  if (changeType !== "ticketType") return undefined;
  if (fieldName === "price") return was === null || is === null ? undefined : "priceChanged";
  if (fieldName === "added") return places === undefined ? undefined : "placesAdded";
  if (fieldName === "amount") return Number(is) > Number(was) ? "placesAdded" : undefined;
  return undefined;
}

/**
 * A name that gains such a word says it, and one that loses it takes it back; that a date is not called new any
 * more says nothing.
 */
function kindOfName(was: string, is: string, severity: ChangeRow["severity"]): Kind | undefined {
  const [before, after] = [graveWordsIn(was), graveWordsIn(is)];
  if (severity === "high")
    return before.difference(after).has("cancelled") ? "restored" : undefined;
  if (severity !== "critical") return undefined;
  const gained = after.difference(before);
  return gained.has("cancelled") ? "cancelled" : gained.has("postponed") ? "postponed" : undefined;
}

/**
 * The places that came with a ticket type, or under a cap that was raised, are those that its event has more,
 * whatever a type may sell.
 */
function subjectOf({ changeType, subjectId, fieldName }: ChangeRow): Subject {
  if (changeType === "underShop") return "shop";
  if (changeType === "category") return "event";
  return subjectId === null || fieldName === "added" ? "event" : "ticketType";
}
