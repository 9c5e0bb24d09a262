import type { MetricsJson } from "../../lib/metrics.ts";
import { within } from "../../lib/time-limit.ts";

const MEASURED_MS = 2_000;

/** Asks another process for its metrics by a number, under which the answer comes as a message later. */
export function metricsAsker() {
  const asked = new Map<number, (metrics: MetricsJson) => void>();
  let asks = 0;

  /** Undefined where it does not answer in time. */
  async function ask(send: (id: number) => void): Promise<MetricsJson | undefined> {
    const id = ++asks;
    const answer = Promise.withResolvers<MetricsJson>();
    asked.set(id, answer.resolve);
    send(id);
    try {
      return await within(MEASURED_MS, () => answer.promise);
    } catch {
      return undefined;
    } finally {
      asked.delete(id);
    }
  }

  return { ask, answered: (id: number, metrics: MetricsJson) => asked.get(id)?.(metrics) };
}
