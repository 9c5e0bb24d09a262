import type { EventRow } from "../../projections/queries/row-types.ts";
import { here, type Look } from "../look.ts";
import { Came, Whole } from "../number.tsx";
import { as } from "../roles.ts";
import { counted } from "../words.ts";
import type { ShownGroup } from "./event-groups.ts";
import { type Column, columns } from "./events-columns.ts";
import { EventLine, latelyOf, lineOf } from "./events-line.tsx";
import type { EventsRead } from "./read-events.ts";

interface TableProps {
  look: Look;
  read: EventsRead;
}

const captions: Record<ShownGroup["name"], (group: ShownGroup) => [string, string]> = {
  launching: () => ["Launching", "now and within 48 hours"],
  onSale: (group) => ["On sale", `${numberOf(group)}, next race first`],
  announced: (group) => ["Announced", numberOf(group)],
  closed: (group) => ["Sale closed", `${numberOf(group)}, the race not over yet`],
  series: ({ of }) => ["Series", `${counted(of, "event that holds", "events that hold")} others`],
  past: ({ of, rows }) => [
    "Past",
    of > rows.length ? `the latest ${rows.length} of ${of}` : counted(of, "event"),
  ],
};

function numberOf({ of, rows, isRest }: ShownGroup) {
  const kind = isRest ? "more event" : "event";
  return of > rows.length ? `${rows.length} of ${counted(of, kind)}` : counted(of, kind);
}

/** One table for the groups, so that columns stand below each other; what is over is folded away. */
export function EventsTable({ look, read }: TableProps) {
  const groups = read.groups ?? [{ name: undefined, rows: read.page.rows, of: 0 }];
  const past = groups.find(({ name }) => name === "past");
  const open = groups.filter(({ name }) => name !== "past");
  return (
    <>
      {open.some(({ rows }) => rows.length > 0) ? (
        <Table caption="Events" look={look}>
          {open.map((group) => (
            <tbody>
              {group.name ? <GroupHead group={group as ShownGroup} /> : null}
              {group.rows.map((row) => (
                <EventLine {...lineOf(row, { look, read })} />
              ))}
            </tbody>
          ))}
          {read.page.next === null ? (
            <Totals read={read} rows={open.flatMap(({ rows }) => rows)} />
          ) : null}
        </Table>
      ) : null}
      {past?.name ? (
        <details class="fold" id="past" open={open.length === 0}>
          <summary>
            <b>{captions.past(past as ShownGroup)[0]}</b> {captions.past(past as ShownGroup)[1]}
          </summary>
          <Table caption="Past events" look={look} isPlain isBelow={open.length > 0}>
            <tbody>
              {past.rows.map((row) => (
                <EventLine {...lineOf(row, { look, read })} />
              ))}
            </tbody>
          </Table>
          {past.of > past.rows.length ? (
            <p>
              <a href={here(look, { status: "ENDED,CANCELLED", sort: "-eventDate" })}>
                All {past.of} past events
              </a>
            </p>
          ) : null}
        </details>
      ) : null}
    </>
  );
}

interface HeadProps {
  caption: string;
  look: Look;
  /** Without ways to sort: these rows have an order of their own. */
  isPlain?: boolean;
  /** The names of its columns stand above already. */
  isBelow?: boolean;
  children: unknown;
}

function Table({ caption, look, isPlain = false, isBelow = false, children }: HeadProps) {
  const sorted = look.query.get("sort") ?? "eventDate";
  return (
    <table class="events" {...as.table}>
      <caption class="unseen">{caption}</caption>
      <colgroup>
        {columns.map(({ kind }) => (
          <col class={`col-${kind}`} />
        ))}
      </colgroup>
      <thead class={isBelow ? "unseen" : undefined} {...as.rowGroup}>
        <tr {...as.row}>
          {columns.map((column) => (
            <ColumnHead {...{ column, look, sorted, isPlain }} />
          ))}
        </tr>
      </thead>
      {children}
    </table>
  );
}

interface ColumnHeadProps {
  column: Column;
  look: Look;
  sorted: string;
  isPlain: boolean;
}

function ColumnHead({ column: { name, kind, sort }, look, sorted, isPlain }: ColumnHeadProps) {
  const isSortable = !isPlain && sort !== undefined;
  const isBy = isSortable && sorted.replace(/^-/, "").toLowerCase() === sort.by.toLowerCase();
  const isDescending = sorted.startsWith("-");
  const label =
    kind === "share" ? (
      <>
        {name} <span class="tick" aria-hidden="true" /> usual by now
      </>
    ) : (
      name
    );
  if (!isSortable)
    return (
      <th class={kind} {...as.columnHeader} scope="col">
        {label}
      </th>
    );
  const next = (isBy ? !isDescending : sort.isDescending) ? `-${sort.by}` : sort.by;
  const direction = isDescending ? "descending" : "ascending";
  return (
    <th class={kind} {...as.columnHeader} scope="col" aria-sort={isBy ? direction : undefined}>
      <a href={here(look, { sort: next })}>
        {label}
        {isBy ? <span aria-hidden="true">{isDescending ? " ↓" : " ↑"}</span> : null}
      </a>
    </th>
  );
}

function GroupHead({ group }: { group: ShownGroup }) {
  const [name, more] = captions[group.name](group);
  return (
    <tr class="group" {...as.row}>
      <th colspan={columns.length} {...as.rowHeader} scope="rowgroup">
        <h2>{name}</h2> <span>{more}</span>
      </th>
    </tr>
  );
}

/** What all the rows come to, where all are shown; nothing where nothing is known, and of how many where not of all. */
function Totals({ read, rows }: { read: EventsRead; rows: readonly EventRow[] }) {
  const sum = (of: (row: EventRow) => number | null | undefined) =>
    rows.reduce<number | null>((total, row) => {
      const value = of(row) ?? null;
      return value === null ? total : (total ?? 0) + value;
    }, null);
  const known = rows.filter(({ totalSold }) => totalSold !== null).length;
  const isAll = rows.every(({ totalSold, status }) => totalSold !== null || status === "GROUP");
  /** As it stands in the line. */
  const lately = (row: EventRow, of: "last24Hours" | "last7Days") =>
    latelyOf(read.paces.get(row.eventId), of)?.value;
  return (
    <tfoot {...as.rowGroup}>
      <tr {...as.row}>
        <th class="name" colspan={4} {...as.rowHeader} scope="row">
          {counted(rows.length, "event")}
          {isAll ? null : <span class="muted">{`, ${known} counted`}</span>}
        </th>
        <td class="number sold" {...as.cell}>
          <Whole name="sum.totalSold" value={sum((row) => row.totalSold)} />
        </td>
        <td class="number left" {...as.cell}>
          <Whole name="sum.totalAvailable" value={sum((row) => row.totalAvailable)} />{" "}
          <span class="unit">left</span>
        </td>
        <td class="number day" {...as.cell}>
          <Came name="sum.last24Hours" value={sum((row) => lately(row, "last24Hours"))} />
        </td>
        <td class="number week" {...as.cell}>
          <Came name="sum.last7Days" value={sum((row) => lately(row, "last7Days"))} />{" "}
          <span class="unit">in 7 d</span>
        </td>
        <td class="rest" colspan={3} {...as.cell} />
      </tr>
    </tfoot>
  );
}
