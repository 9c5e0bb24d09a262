import type { Child } from "hono/jsx";
import type { ShownChange } from "../../api/changes/change-schema.ts";
import { fieldWords, placesWords } from "../../rules/change-words.ts";
import { amount, percent, whole } from "../chart/numbers.ts";
import { moment } from "../words.ts";

const words: ReadonlyMap<string, string> = new Map(Object.entries(fieldWords));

/** What became of places, and in which words what is left is said. */
const places: Record<string, { word: string; unit: string }> = {
  nearlySoldOut: { word: placesWords.nearlySoldOut, unit: "" },
  soldOut: { word: placesWords.soldOut, unit: " left" },
  paused: { word: placesWords.paused, unit: " to buy" },
  reopened: { word: placesWords.reopened, unit: " left" },
};

/** One change as one sentence: `Price of Women: CHF 99.00 → CHF 104.00`. */
export function ChangeSentence({ change, zone }: { change: ShownChange; zone: string | null }) {
  const subject = subjectOf(change);
  const of = places[change.changeType];
  if (of)
    return (
      <>
        {subject ?? "Event"} <b>{of.word}</b>: <Values {...{ change, zone }} unit={of.unit} />
      </>
    );
  if (change.field === "added" || change.field === "removed")
    return (
      <>
        Ticket type <b>{change.field}</b>:{" "}
        <bdi>{String(change.newValue ?? change.previousValue ?? "")}</bdi>
      </>
    );
  const moved = movedOf(change);
  return (
    <>
      {words.get(change.field) ?? change.field}
      {subject === null ? null : <> of {subject}</>}
      {moved === "" ? "" : <b> {moved}</b>}: <Values {...{ change, zone }} unit="" />
    </>
  );
}

/** A name's own direction stays within it. */
function subjectOf({ ticketTypeName, underShopName, categoryName }: ShownChange): Child {
  if (ticketTypeName !== null) return <bdi>{ticketTypeName}</bdi>;
  const name = underShopName ?? categoryName;
  if (name === null) return null;
  return (
    <>
      {underShopName === null ? "category" : "undershop"} “<bdi>{name}</bdi>”
    </>
  );
}

function movedOf({ kind, was, is }: ShownChange): string {
  if (kind !== "instant" || !was?.instant || !is?.instant) return "";
  return Date.parse(is.instant) > Date.parse(was.instant) ? "moved later" : "moved earlier";
}

function Values({
  change,
  zone,
  unit,
}: {
  change: ShownChange;
  zone: string | null;
  unit: string;
}) {
  const say = (value: ShownChange["was"]): Child => valueWords(value, change, zone);
  return (
    <>
      <span class="was">{say(change.was)}</span> <span aria-hidden="true">→</span>
      <span class="unseen">to</span> <b>{say(change.is)}</b>
      {unit}
      {change.isFirstCount ? <span class="muted">, when first counted</span> : null}
    </>
  );
}

/** Null is what nobody knows, and not nothing. */
function valueWords(
  value: ShownChange["was"],
  { changeType, field, currency, timezone, isFirstCount }: ShownChange,
  zone: string | null,
): Child {
  const isCap = changeType === "category" || field === "maxAmount";
  if (value === null) return isFirstCount ? "not counted" : isCap ? "no limit" : "none";
  const { instant, money, places: count, percent: share, text, flag } = value;
  if (instant !== undefined) return moment(new Date(instant), zone ?? timezone);
  if (money !== undefined) return `${currency ?? ""} ${amount(money, currency)}`.trim();
  if (count !== undefined) return whole(count);
  if (share !== undefined) return percent(share);
  if (flag !== undefined) return flag ? "yes" : "no";
  return text === undefined || text === "" ? "none" : <bdi>{text}</bdi>;
}
