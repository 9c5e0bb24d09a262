import { eventTypesOf } from "../contracts/index.ts";

const FRESH_MS = 2 * 60_000;
const RETRY_MS = 30_000;

interface Entry {
  names: string[];
  until: number;
}

/**
 * A flow type's event types by the datacore's own word: a reader that asks for those it knows alone
 * never sees that there are others. While the datacore does not say, the last known count, or those of
 * the contracts. What a new type stored before it was noticed is found by the passes that overlap.
 */
export function eventTypeBook(
  lookUp: (flowType: string) => Promise<string[]>,
  now = () => performance.now(),
) {
  const entries = new Map<string, Entry>();

  return async function eventTypes(flowType: string): Promise<string[]> {
    const known = entries.get(flowType);
    if (!known) return refreshed(flowType, eventTypesOf(flowType));
    if (now() >= known.until) {
      // Nobody waits for it: what is known serves meanwhile.
      entries.set(flowType, { ...known, until: now() + RETRY_MS });
      void refreshed(flowType, known.names);
    }
    return known.names;
  };

  async function refreshed(flowType: string, otherwise: string[]): Promise<string[]> {
    const found: string[] = await lookUp(flowType).catch(() => []);
    const names = found.length > 0 ? found : otherwise;
    // One of ours that is not there yet is about to be made, and facts of it wait for that.
    const isComplete = eventTypesOf(flowType).every((ours) => found.includes(ours));
    entries.set(flowType, { names, until: now() + (isComplete ? FRESH_MS : RETRY_MS) });
    return names;
  }
}
