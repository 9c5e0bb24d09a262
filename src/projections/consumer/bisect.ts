import type { Fact } from "../../contracts/index.ts";
import { blameOf, causeOf, isLockNotHad } from "../../database/fault.ts";
import type { Unreadable } from "../../datacore/datacore.ts";

/** A fact that could not be applied. */
export interface Refused extends Unreadable {
  /** Nobody foresaw it: it is tried a few times more. */
  mayPass: boolean;
}

export interface Bisected {
  refused: Refused[];
  /** Why the rest was not tried any more: so many hung, and none did not, that PostgreSQL may. */
  stoppedBy?: unknown;
}

/** A machine that is short of CPU makes any fact slow: before one is refused for it, it has so many times as long. */
const PATIENCE = 3;
/** Each part that hangs costs its whole time limit: so there are few levels to look at. */
const PARTS_IF_SLOW = 8;
const MOST_HANGING = 4;

/**
 * Bisects a page that failed: finds the facts that cannot be applied, and has `take` take the others, in
 * `times` as long as is usual, or as a transaction may take.
 * Rethrows what is no fact's fault: so that a fact that hangs is told from a PostgreSQL that does, `take`
 * must then take nothing, in its time.
 */
export async function bisect(
  facts: Fact[],
  failure: unknown,
  take: (facts: Fact[], times?: number) => Promise<void>,
): Promise<Bisected> {
  const bisected: Bisected = { refused: [] };
  let taken = 0;
  let hanging = 0;
  // One that is alone may have failed for what was beside it.
  await (facts.length === 1 ? tryTaking(facts) : split(facts, failure));
  return bisected;

  async function tryTaking(some: Fact[], times = 1) {
    try {
      await take(some, times);
      taken += some.length;
    } catch (error) {
      await split(some, error, times);
    }
  }

  async function split(some: Fact[], error: unknown, times = 1) {
    const blame = blameOf(error);
    if (blame === "outage") throw error;
    if (blame === "slow") await take([]);
    const [first] = some;
    if (first && some.length === 1) {
      if (blame === "slow" && times === 1 && !isLockNotHad(error)) return tryTaking(some, PATIENCE);
      bisected.refused.push(refusedBy(error, first, blame !== "item"));
      hanging += blame === "slow" ? 1 : 0;
      if (hanging === MOST_HANGING && taken === 0) bisected.stoppedBy = error;
    }
    if (some.length < 2) return;
    const size = Math.ceil(some.length / (blame === "slow" ? PARTS_IF_SLOW : 2));
    for (let at = 0; at < some.length && !bisected.stoppedBy; at += size)
      await tryTaking(some.slice(at, at + size));
  }
}

const refusedBy = (
  error: unknown,
  { factId, eventType, payload }: Fact,
  mayPass: boolean,
): Refused => ({
  factId,
  eventType,
  mayPass,
  reason: causeOf(error),
  account: payload.account,
  idempotencyKey: payload.idempotencyKey,
});
