/** An event of which something is known otherwise now. */
export interface Touched {
  eventId: string;
  /** The oldest instant of what is known otherwise; null for the whole past. */
  since: Date | null;
}

/** Of each event once, since the earliest of its instants. */
export function mergeTouched(touched: readonly Touched[]): Touched[] {
  const merged = new Map<string, Touched>();
  for (const { eventId, since } of touched) {
    const before = merged.get(eventId);
    merged.set(eventId, { eventId, since: before ? earlierOf(before.since, since) : since });
  }
  return [...merged.values()];
}

export const earlierOf = (one: Date | null, other: Date | null) =>
  one === null || other === null ? null : one < other ? one : other;
