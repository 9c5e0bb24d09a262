/** An instant as a fact writes it or as PostgreSQL hands it back. */
export type InstantLike = string | Date;

/** Texts are compared as the instants that they write: `12:00+01:00` and `11:00Z` are one. */
export const msOf = (instant: InstantLike) => new Date(instant).getTime();

export const hasCome = (instant: InstantLike | null, now: Date) =>
  instant !== null && msOf(instant) <= now.getTime();

export const isSameInstant = (one: InstantLike | null, other: InstantLike | null) =>
  one === null || other === null ? one === other : msOf(one) === msOf(other);
