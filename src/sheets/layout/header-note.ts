/** What clock a column's times are by: that of each row's event, or the one of the service. */
export type ColumnClock = "event" | "service";

/** By which a note is known as ours: one that somebody wrote, or wrote on, is theirs. */
const SIGNED = "\nvivenu-event-monitor";

/** What a header's name does not say, for whoever rests on it; the names of some are fixed. */
export const clockNote = (clock: ColumnClock, timezone: string) =>
  clock === "service"
    ? `Times are by one clock, ${timezone} (SHEET_TIMEZONE), whichever event they are of.${SIGNED}`
    : `By the clock of each row's event, whose Timezone stands among the events.${SIGNED}`;

export const isOurNote = (note: string) => note.endsWith(SIGNED);

/** For where nobody but us writes. */
export const unsigned = (note: string) => note.replace(SIGNED, "");
