import type { ValueKind } from "../../rules/changed-fields.ts";
import type { ChangedValue } from "../../rules/description-changes.ts";
import type { Severity } from "../../rules/severity.ts";
import type { Kind, Subject } from "./kinds.ts";

/**
 * What happened at one time to one event, or to one account: several ticket types whose prices were
 * changed at once are one notice. It holds what is needed to tell of it, so that nobody reads rows when
 * it is sent, which may be much later.
 */
export interface Notice {
  kind: Kind;
  subject: Subject;
  severity: Severity;
  /** Null where it is an account's. */
  eventId: string | null;
  eventName: string | null;
  region: string;
  timezone: string | null;
  /** ISO instant. */
  at: string;
  /** A source of another notice: those are told that were told of it, whatever the rules say. */
  toldBefore?: string;
  items: NoticeItem[];
}

export interface NoticeItem {
  /** Tells it from all others for ever: nobody is told of one twice. */
  sourceId: string;
  /**
   * The ticket type's or the undershop's name; null where it is the event's, unless its places came with a
   * ticket type.
   */
  name: string | null;
  was: ChangedValue;
  is: ChangedValue;
  valueKind: ValueKind;
  currency: string | null;
}
