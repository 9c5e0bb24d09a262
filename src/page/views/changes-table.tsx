import type { ShownChange } from "../../api/changes/change-schema.ts";
import { dayAfter, dayAt } from "../../lib/zones.ts";
import { clock } from "../chart/ticks.ts";
import { href, type Look } from "../look.ts";
import { as } from "../roles.ts";
import { date, moment, regionName } from "../words.ts";
import { ChangeSentence } from "./change-words.tsx";

export interface ChangesTableProps {
  look: Look;
  changes: readonly ShownChange[];
}

/** By day, newest first: each in one sentence. */
export function ChangesTable({ look, changes }: ChangesTableProps) {
  // Changes of all places are in one order by one clock alone.
  const byDay = Map.groupBy(changes, ({ changedAt }) => dayAt(new Date(changedAt), look.zone));
  const today = dayAt(look.now, look.zone);
  const yesterday = dayAfter(today, -1);
  return (
    <table class="list changes" {...as.table}>
      <caption class="unseen">What changed, newest first</caption>
      <thead {...as.rowGroup}>
        <tr {...as.row}>
          {[look.zone ? "At" : "At, UTC", "Weight", "Event", "What", "Heard by"].map((name) => (
            <th {...as.columnHeader} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      {[...byDay].map(([day, rows]) => (
        <tbody {...as.rowGroup}>
          <tr class="group" {...as.row}>
            <th colspan={5} scope="rowgroup" {...as.rowHeader}>
              {day === today ? "Today, " : day === yesterday ? "Yesterday, " : ""}
              {date(new Date(`${day}T00:00:00Z`), null)}
            </th>
          </tr>
          {rows.map((change) => (
            <Row {...{ look, change }} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

interface RowProps {
  look: Look;
  change: ShownChange;
}

function Row({ look, change }: RowProps) {
  const at = new Date(change.changedAt);
  return (
    <tr id={`change-${change.id}`} class={`is-${change.severity}`} {...as.row}>
      <td class="at" {...as.cell}>
        <time datetime={change.changedAt} title={moment(at, look.zone)}>
          {clock(at.getTime(), look.zone)}
        </time>
      </td>
      <td class="weight" {...as.cell}>
        {change.severity[0]?.toUpperCase()}
        {change.severity.slice(1)}
      </td>
      <th class="event" scope="row" {...as.rowHeader}>
        <a href={href(look, `/events/${encodeURIComponent(change.eventId)}`)}>
          <bdi>{change.eventName}</bdi>
        </a>{" "}
        <small>{regionName(change.region)}</small>
      </th>
      <td class="what" {...as.cell}>
        <ChangeSentence {...{ change }} zone={look.zone ?? change.timezone} />
      </td>
      <td class="source muted" {...as.cell}>
        {ofCounts.has(change.changeType) ? "count" : change.source}
      </td>
    </tr>
  );
}

const ofCounts = new Set(["nearlySoldOut", "soldOut", "paused", "reopened"]);
