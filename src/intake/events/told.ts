export type Fail = (eventId: string | null, error: unknown) => void;

export interface Told {
  fail: Fail;
  /** Of what may not concern us at all: it is said, and makes nothing incomplete. */
  note: Fail;
}
