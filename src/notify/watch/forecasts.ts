import type { Pool, Sql } from "../../database/connect.ts";
import { agoMs } from "../../lib/clock.ts";
import { daysBetween } from "../../lib/zones.ts";
import type { EventRow } from "../../projections/queries/row-types.ts";
import { kinds } from "../notices/kinds.ts";
import type { Notice } from "../notices/notice.ts";

/** By more days it moved; what moves slowly has moved when it is so far from what was told last. */
const FAR_DAYS = 7;
const AGAIN_MS = 6 * 3_600_000;
/** One takes as long as a list of events. */
const AT_A_TIME = 4;

/** In place of a day: it is expected not to sell out. */
const NEVER = "never";

interface Known {
  eventId: string;
  /** Null where nobody knew. */
  day: string | null;
  lookedAt: Date;
}

export interface ForecastLook {
  now: Date;
  read: (rows: readonly EventRow[]) => Promise<ReadonlyMap<string, string | null>>;
}

/** Of a few events, those first that were not looked at for longest: whether they sell out on another day. */
export async function movedForecasts(
  sql: Pool,
  rows: readonly EventRow[],
  { now, read }: ForecastLook,
) {
  const known = new Map((await readKnown(sql)).map((one) => [one.eventId, one]));
  const lastLook = ({ eventId }: EventRow) => known.get(eventId)?.lookedAt.getTime() ?? 0;
  const due = rows
    .filter((row) => agoMs(lastLook(row), now.getTime()) >= AGAIN_MS)
    .sort((one, other) => lastLook(one) - lastLook(other))
    .slice(0, AT_A_TIME);
  const days: ReadonlyMap<string, string | null> = due.length > 0 ? await read(due) : new Map();
  return {
    /** Notes what was worked out, and returns what is to be told. */
    async keep(tx: Sql): Promise<Notice[]> {
      const notices: Notice[] = [];
      for (const row of due) {
        const { eventId } = row;
        const was = known.get(eventId)?.day ?? null;
        const found = days.get(eventId);
        const is = found === null ? NEVER : found;
        const isFar = was !== null && is !== undefined && movedDays(was, is, row) > FAR_DAYS;
        if (isFar) notices.push(movedNotice(row, { was, is, now }));
        const day = isFar || was === null ? (is ?? null) : was;
        await tx`
          insert into notice_forecast (event_id, day, never, looked_at)
          values (${eventId}, ${day === NEVER ? null : day}, ${day === NEVER}, ${now})
          on conflict (event_id) do update set
            day = excluded.day, never = excluded.never, looked_at = excluded.looked_at
        `;
      }
      return notices;
    },
  };
}

/** What does not sell out is held against the end of the sale. */
function movedDays(was: string, is: string, { salesEndDate, eventDate }: EventRow) {
  const dayOf = (day: string) => (day === NEVER ? (salesEndDate ?? eventDate).slice(0, 10) : day);
  return Math.abs(daysBetween(dayOf(was), dayOf(is)));
}

function movedNotice(
  { eventId, eventName, region, timezone }: EventRow,
  { was, is, now }: { was: string; is: string; now: Date },
): Notice {
  const at = now.toISOString();
  const sourceId = `forecast ${eventId} ${was} ${is} ${at}`;
  const dayOf = (day: string) => (day === NEVER ? null : day);
  return {
    kind: "forecastMoved",
    severity: kinds.forecastMoved.severity,
    subject: "event",
    at,
    eventId,
    eventName,
    region,
    timezone,
    items: [
      {
        sourceId,
        name: null,
        was: dayOf(was),
        is: dayOf(is),
        valueKind: "text",
        currency: null,
      },
    ],
  };
}

const readKnown = (sql: Pool) => sql<Known[]>`
  select event_id, coalesce(day::text, case when never then ${NEVER} end) as day, looked_at
  from notice_forecast
`;
