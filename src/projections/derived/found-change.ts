import type { ChangedFieldName } from "../../rules/changed-fields.ts";
import type { ChangedValue } from "../../rules/description-changes.ts";
import type { Severity } from "../../rules/severity.ts";

/** A change as it is found in an event's past; what else a row says is the event's. */
export interface FoundChange {
  /** Where in the history it was found. */
  originAt: Date;
  changedAt: Date;
  changeType: string;
  /** The ticket type's, the category's or the undershop's; null where the change is the event's own. */
  subjectId: string | null;
  /** What that was called then. */
  subjectName: string | null;
  fieldName: ChangedFieldName;
  /** As people read it: the plain name, and behind " of " what the subject is called. */
  field: string;
  previousValue: ChangedValue;
  newValue: ChangedValue;
  /** Of prices. */
  currency: string | null;
  /** Whether the values are instants. */
  isInstant: boolean;
  source: string;
  severity: Severity;
}
