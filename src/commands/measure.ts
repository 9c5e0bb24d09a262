import { flowTypes } from "../contracts/index.ts";
import { readOutboxState } from "../datacore/outbox.ts";
import type { Metrics } from "../lib/metrics.ts";
import { countSetAsideByFlowType } from "../projections/position.ts";
import type { Surroundings } from "./parts.ts";

/** What only the database knows, measured when somebody asks; left out while it does not answer. */
export async function measureRooms({
  sql,
  clock,
  metrics,
}: Pick<Surroundings, "sql" | "clock"> & { metrics: Metrics }) {
  const { setAside, outboxWaiting, outboxOldest } = metrics;
  try {
    const [counted, outbox] = await Promise.all([
      countSetAsideByFlowType(sql),
      readOutboxState(sql),
    ]);
    const facts = new Map(counted.map((row) => [row.flowType, row.facts]));
    for (const flowType of new Set([...flowTypes, ...facts.keys()]))
      setAside.set({ flow_type: flowType }, facts.get(flowType) ?? 0);
    const since = outbox.oldestWaitingAt?.getTime();
    outboxWaiting.set(outbox.waiting);
    outboxOldest.set(
      since === undefined ? 0 : Math.max(0, (clock.now().getTime() - since) / 1_000),
    );
  } catch {
    setAside.reset();
    // To reset a gauge without labels is to say 0.
    outboxWaiting.remove();
    outboxOldest.remove();
  }
}
