import type { Fact } from "../contracts/index.ts";
import { isDataFault } from "../database/fault.ts";
import type { Unreadable } from "../datacore/datacore.ts";

/** Finds the facts that PostgreSQL can not take, and has `take` take the others. */
export async function takeByHalves(
  facts: Fact[],
  take: (facts: Fact[]) => Promise<void>,
): Promise<Unreadable[]> {
  const [first] = facts;
  if (!first) return [];
  try {
    await take(facts);
    return [];
  } catch (error) {
    if (!isDataFault(error)) throw error;
    if (facts.length === 1) return [refusedBy(error, first)];
  }
  const half = Math.ceil(facts.length / 2);
  const earlier = await takeByHalves(facts.slice(0, half), take);
  return [...earlier, ...(await takeByHalves(facts.slice(half), take))];
}

const refusedBy = (
  { code }: { code: string },
  { factId, eventType, payload }: Fact,
): Unreadable => ({
  factId,
  eventType,
  idempotencyKey: payload.idempotencyKey,
  reason: `PostgreSQL: ${code}`,
});
