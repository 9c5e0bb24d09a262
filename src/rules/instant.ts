/** A moment as a fact writes it or as PostgreSQL hands it back. */
export type Moment = string | Date;

/** Moments are compared as instants: `12:00+01:00` and `11:00Z` are one. */
export const msOf = (moment: Moment) => new Date(moment).getTime();

export const hasCome = (moment: Moment | null, now: Date) =>
  moment !== null && msOf(moment) <= now.getTime();

export const isSameMoment = (one: Moment | null, other: Moment | null) =>
  one === null || other === null ? one === other : msOf(one) === msOf(other);
