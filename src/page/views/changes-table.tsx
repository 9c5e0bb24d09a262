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
  const zoneOf = (change: ShownChange) => look.zone ?? change.timezone;
  const byDay = Map.groupBy(changes, (change) => dayAt(new Date(change.changedAt), zoneOf(change)));
  const today = dayAt(look.now, look.zone);
  const yesterday = dayAfter(today, -1);
  return (
    <table class="list changes" {...as.table}>
      <caption class="unseen">What changed, newest first</caption>
      <thead {...as.rowGroup}>
        <tr {...as.row}>
          {["At", "Weight", "Event", "What", "Heard by"].map((name) => (
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
            <Row {...{ look, change }} zone={zoneOf(change)} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

interface RowProps {
  look: Look;
  change: ShownChange;
  zone: string | null;
}

function Row({ look, change, zone }: RowProps) {
  const at = new Date(change.changedAt);
  return (
    <tr id={`change-${change.id}`} class={`is-${change.severity}`} {...as.row}>
      <td class="at" {...as.cell}>
        <time datetime={change.changedAt} title={moment(at, zone)}>
          {clock(at.getTime(), zone)}
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
        <ChangeSentence {...{ change, zone }} />
      </td>
      <td class="source muted" {...as.cell}>
        {ofCounts.has(change.changeType) ? "count" : change.source}
      </td>
    </tr>
  );
}

const ofCounts = new Set(["nearlySoldOut", "soldOut", "paused", "reopened"]);
