import type { ChangedValue, Severity } from "../../rules/description-changes.ts";

/** A change as it is found in an event's past; what else a row says is the event's. */
export interface FoundChange {
  /** Where in the history it was found. */
  originAt: Date;
  changedAt: Date;
  changeType: string;
  field: string;
  previousValue: ChangedValue;
  newValue: ChangedValue;
  /** Whether the values are instants. */
  isInstant: boolean;
  source: string;
  severity: Severity;
}
