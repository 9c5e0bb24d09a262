import { createHash } from "node:crypto";
import type { SalesCounted, TicketTypeCount } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { enqueue } from "../../datacore/outbox.ts";
import type { Tally } from "../../rules/count.ts";
import { tellable } from "../../rules/value.ts";
import { changeFacts, countFacts } from "../events/fact-parts.ts";
import { readCountSeen, saveCountSeen } from "../store/counts-seen.ts";
import { lockCount } from "../store/locks.ts";
import { addSaid, nothingOf, withSaid } from "./said-since.ts";

export type Count = Omit<
  SalesCounted,
  "idempotencyKey" | "part" | "account" | "source" | "observedAt"
>;

export interface RecordOptions {
  source?: SalesCounted["source"];
  /** Says everything anew, whatever was said before. */
  force?: boolean;
  /**
   * Every ticket was read for it: where anything was said since all ticket types were, all of them are
   * said. Else only those that changed.
   */
  isFull?: boolean;
}

/** Some 250 undershops. More might not fit a fact beside the hours, and then it is not told who sold what. */
const UNDER_SHOPS_BYTES = 8_000;

/** A tally as a fact says it. */
export const typeCountsOf = ({ ticketTypes }: Tally): TicketTypeCount[] =>
  ticketTypes.map(
    ({
      newSalesByHour,
      replacementsByHour,
      soldByUnderShop,
      reservedByUnderShop,
      values,
      ...numbers
    }) => ({
      ...numbers,
      value: tellable(values),
      ...fittingShops({
        ...(soldByUnderShop && { soldByUnderShop }),
        ...(reservedByUnderShop && { reservedByUnderShop }),
      }),
      newSales: newSalesByHour,
      replacements: replacementsByHour,
    }),
  );

const fittingShops = (
  shops: Pick<TicketTypeCount, "soldByUnderShop" | "reservedByUnderShop">,
): typeof shops => (JSON.stringify(shops).length <= UNDER_SHOPS_BYTES ? shops : {});

/**
 * Records a count on change only, and the hours that changed only: since the last complete count, for
 * one that is not is no base for any other. The first count of an event by an account names all its ticket
 * types, and what fell to nothing since another account counted it; so does a full one after changes; between
 * these a fact names the ticket types that changed.
 */
export async function recordCount(
  tx: Sql,
  account: string,
  given: Count,
  { source = "poll", force = false, isFull = false }: RecordOptions = {},
): Promise<boolean> {
  const { eventId } = given;
  await lockCount(tx, eventId);
  const seen = await readCountSeen(tx, account, eventId);
  const isFirst = !seen?.isKnownHere;
  const isLate = seen !== undefined && seen.countedAt >= new Date(given.countedAt);
  // It rests on all that any count before it knew, although it may bear an earlier moment.
  const countedAt = isLate ? justAfter(seen.countedAt) : given.countedAt;
  const count = { ...given, countedAt };
  const before = new Map(seen?.ticketTypes.map((type) => [type.ticketTypeId, type] as const));
  const ticketTypes = withVanished(count.ticketTypes, before).map((type) =>
    withHours(type, before.get(type.ticketTypeId), force || isFirst),
  );
  const changed = ticketTypes.filter((type) => differs(type, before.get(type.ticketTypeId)));
  const incomplete = count.complete ? null : digestOf(count);
  const sinceWhole = seen?.sinceWhole ?? {};
  const isDue = isFull && count.complete && Object.keys(sinceWhole).length > 0;
  const isNews =
    isFirst ||
    force ||
    isDue ||
    seen.incomplete !== incomplete ||
    (count.complete && changed.length > 0);
  const isComplete = !count.complete || force || isFull || isFirst || before.size === 0;
  if (isNews) {
    const facts = isComplete
      ? countFacts(subject("counted"), {
          ...count,
          ticketTypes: withSaid(ticketTypes, sinceWhole, count),
        })
      : changeFacts(subject("changed"), { ...count, ticketTypes: changed });
    await enqueue(tx, facts, new Date(countedAt));
  }
  if (!isNews && isLate) return false;
  const base = count.complete ? count.ticketTypes : (seen?.ticketTypes ?? []);
  const isSaid = isNews && isComplete && count.complete;
  const said = isSaid ? {} : addSaid(sinceWhole, isNews && count.complete ? changed : []);
  await saveCountSeen(
    tx,
    { account, eventId },
    { countedAt: new Date(countedAt), ticketTypes: base, incomplete, sinceWhole: said },
  );
  return isNews;

  function subject(kind: "counted" | "changed") {
    const key = `sales.${kind}/${account}/${eventId}/${countedAt}`;
    return { key, account, source, observedAt: countedAt };
  }
}

function digestOf({ ticketsRead, expectedTotal, ticketTypes }: Count) {
  const types = ticketTypes.map((type) => withHours(type, undefined, true));
  const said = JSON.stringify([ticketsRead, expectedTotal, types]);
  return createHash("sha256").update(said).digest("hex").slice(0, 20);
}

/** A type that neither the event nor a ticket names any more is counted as nothing, not forgotten. */
function withVanished(now: TicketTypeCount[], before: Map<string, TicketTypeCount>) {
  const named = new Set(now.map(({ ticketTypeId }) => ticketTypeId));
  const vanished = [...before.values()]
    .filter((type) => !named.has(type.ticketTypeId) && !isZero(type))
    .map(({ ticketTypeId }) => nothingOf(ticketTypeId));
  return [...now, ...vanished];
}

const numbersOf = ({
  newSales: _new,
  replacements: _replaced,
  ticketTypeId: _id,
  soldByUnderShop: _sold,
  reservedByUnderShop: _reserved,
  value: _value,
  ...numbers
}: TicketTypeCount) => numbers;

const isZero = (type: TicketTypeCount) => Object.values(numbersOf(type)).every((n) => n === 0);

/** With the hours that changed, or with all of them; an hour that fell to nothing is said to be 0. */
const withHours = (now: TicketTypeCount, before: TicketTypeCount | undefined, all: boolean) => ({
  ...now,
  newSales: hoursOf(now.newSales, before?.newSales ?? {}, all),
  replacements: hoursOf(now.replacements, before?.replacements ?? {}, all),
});

function hoursOf(now: Record<string, number>, before: Record<string, number>, all: boolean) {
  const hours = new Set([...Object.keys(now), ...Object.keys(before)]);
  return Object.fromEntries(
    [...hours]
      .sort()
      .map((hour) => [hour, now[hour] ?? 0] as const)
      .filter(([hour, tickets]) => all || tickets !== (before[hour] ?? 0)),
  );
}

function differs(now: TicketTypeCount, before: TicketTypeCount | undefined) {
  if (!before) return true;
  if (Object.keys(now.newSales).length + Object.keys(now.replacements).length > 0) return true;
  return saidBy(now) !== saidBy(before);
}

const saidBy = (type: TicketTypeCount) =>
  JSON.stringify([
    sorted(numbersOf(type)),
    sorted(type.soldByUnderShop ?? {}),
    sorted(type.reservedByUnderShop ?? {}),
    // One that was counted before values were says another thing than one without any.
    type.value ? sorted(type.value).map(([currency, value]) => [currency, sorted(value)]) : null,
  ]);

/** jsonb gives keys back in an order of its own. */
const sorted = (numbers: object) => Object.entries(numbers).sort(([a], [b]) => (a < b ? -1 : 1));

const justAfter = (moment: Date) => new Date(moment.getTime() + 1).toISOString();
