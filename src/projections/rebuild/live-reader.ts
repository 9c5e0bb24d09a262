import { flowTypes } from "../../contracts/index.ts";
import type { Sql } from "../../database/connect.ts";
import { moveCheckpoint } from "../consumer/checkpoint.ts";
import { LIVE, SHADOW } from "./shadow.ts";

/** The facts that the live rows are made of and the rebuilt ones are not, or only as an older program read them. */
export async function readMissing(tx: Sql, now: Date) {
  const [behind] = await tx<{ facts: number; oldest: Date | null }[]>`
    select count(*)::int as facts, min(live.stored_at) as oldest
    from ${tx(LIVE)}.applied_fact live
    where not exists (
      select from ${tx(SHADOW)}.applied_fact replayed
      where replayed.fact_id = live.fact_id
        and coalesce(replayed.read_by, 0) >= coalesce(live.read_by, 0)
    )
  `;
  return { facts: behind?.facts ?? 0, oldest: behind?.oldest ?? now };
}

/** Where the live reader goes on: from where the replay has read everything. */
export async function saveCheckpoints(tx: Sql, checkpoint: Date, now: Date) {
  await tx`set local search_path = ${tx(SHADOW)}, ${tx(LIVE)}`;
  for (const flowType of flowTypes) {
    const [newest] = await tx<{ storedAt: Date | null }[]>`
      select max(stored_at) as stored_at from applied_fact where flow_type = ${flowType}
    `;
    const newestSeen = newest?.storedAt ?? checkpoint;
    await moveCheckpoint(tx, { flowType, checkpoint, newestSeen, readAt: now });
  }
  await tx`set local search_path = ${tx(LIVE)}`;
}
