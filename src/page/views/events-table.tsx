import type { EventRow, LaunchRow, Pace } from "../../projections/queries/row-types.ts";
import { Bar } from "../chart/bar.tsx";
import { Spark } from "../chart/spark.tsx";
import { here, href, type Look } from "../look.ts";
import { Ahead, Came, Percent, Whole } from "../number.tsx";
import { as } from "../roles.ts";
import { Status } from "../status.tsx";
import { counted, date } from "../words.ts";
import {
  daysToRace,
  type EventsRead,
  isLaunching,
  isToCome,
  type pageSorts,
  type ShownGroup,
} from "./read-events.ts";
import { SellsOut } from "./sells-out.tsx";

interface TableProps {
  look: Look;
  read: EventsRead;
}

interface Column {
  name: string;
  kind: string;
  /** By which the API sorts, and which way round first. */
  sort?: { by: keyof typeof pageSorts; isDescending: boolean };
}

const columns: Column[] = [
  { name: "Event", kind: "name", sort: { by: "eventName", isDescending: false } },
  { name: "Race", kind: "race", sort: { by: "eventDate", isDescending: false } },
  { name: "Status", kind: "status", sort: { by: "status", isDescending: false } },
  { name: "Sold", kind: "share", sort: { by: "percentSold", isDescending: true } },
  { name: "Sold", kind: "number", sort: { by: "totalSold", isDescending: true } },
  { name: "Left", kind: "number", sort: { by: "totalAvailable", isDescending: false } },
  { name: "24 h", kind: "number", sort: { by: "last24Hours", isDescending: true } },
  { name: "7 days", kind: "number", sort: { by: "last7Days", isDescending: true } },
  { name: "vs usual", kind: "number", sort: { by: "vsUsual", isDescending: true } },
  { name: "Since launch", kind: "curve" },
  { name: "Sells out", kind: "out" },
];

const captions: Record<ShownGroup["name"], (group: ShownGroup) => [string, string]> = {
  launching: () => ["Launching", "now and within 48 hours"],
  onSale: ({ of }) => ["On sale", `${counted(of, "event")}, next race first`],
  announced: ({ of }) => ["Announced", counted(of, "event")],
  series: ({ of }) => ["Series", `${counted(of, "event")} that hold others`],
  past: ({ of, rows }) => [
    "Past",
    of > rows.length ? `the latest ${rows.length} of ${of}` : counted(of, "event"),
  ],
};

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
                <EventLine {...{ look, read, row }} />
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
          <Table caption="Past events" look={look} isPlain>
            <tbody>
              {past.rows.map((row) => (
                <EventLine {...{ look, read, row }} />
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
  /** Without ways to sort, which are above already. */
  isPlain?: boolean;
  children: unknown;
}

function Table({ caption, look, isPlain = false, children }: HeadProps) {
  const sorted = look.query.get("sort") ?? "eventDate";
  return (
    <table class="events" {...as.table}>
      <caption class="unseen">{caption}</caption>
      <colgroup>
        {columns.map(({ kind }) => (
          <col class={`col-${kind}`} />
        ))}
      </colgroup>
      <thead class={isPlain ? "unseen" : undefined} {...as.rowGroup}>
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

interface LineProps extends TableProps {
  row: EventRow;
}

function EventLine({ look, read, row }: LineProps) {
  const zone = row.timezone;
  const isAhead = isToCome(row, look.now) && row.status === "ANNOUNCED";
  const days = daysToRace(row, look.now);
  return (
    <tr id={`event-${row.eventId}`} {...as.row}>
      <th class="name" {...as.rowHeader} scope="row">
        <a href={href(look, `/events/${encodeURIComponent(row.eventId)}`)}>
          <bdi>{row.eventName}</bdi>
        </a>{" "}
        <span class="region">{regionName(row.region)}</span>
      </th>
      <td class="race" {...as.cell}>
        <time datetime={row.eventDate}>{date(new Date(row.eventDate), zone)}</time>{" "}
        <span class="days">{days >= 0 ? `${days} d` : ""}</span>
      </td>
      <td class="status-cell" {...as.cell}>
        <Status row={row} look={look} />
      </td>
      {isAhead ? (
        <td class="ready" {...as.cell} colspan={columns.length - 3}>
          <Readiness row={row} launch={read.launches.get(row.eventId)} />
        </td>
      ) : row.status === "GROUP" ? (
        <td class="ready" {...as.cell} colspan={columns.length - 3}>
          {counted(row.childEventIds.length, "event")} in it
        </td>
      ) : (
        <Numbers {...{ look, read, row }} />
      )}
    </tr>
  );
}

function Numbers({ look, read, row }: LineProps) {
  const pace = read.paces.get(row.eventId);
  const curve = read.curves.get(row.eventId);
  return (
    <>
      <td class="bar-cell" {...as.cell}>
        <span class="bar-and-number">
          <Bar sold={row.percentSold} usual={pace?.usual?.usualPercentSold} />
          <Percent name="percentSold" value={row.percentSold} />
        </span>
      </td>
      <td class="number sold" {...as.cell}>
        <Whole name="totalSold" value={row.totalSold} />
      </td>
      <td class="number left" {...as.cell}>
        <Whole name="totalAvailable" value={row.totalAvailable} /> <span class="unit">left</span>
      </td>
      <td class="number day" {...as.cell}>
        <Lately pace={pace} of="last24Hours" />
      </td>
      <td class="number week" {...as.cell}>
        <Lately pace={pace} of="last7Days" /> <span class="unit">in 7 d</span>
      </td>
      <td class="number usual" {...as.cell}>
        <Ahead name="pace.usual.pointsAhead" value={pace?.usual?.pointsAhead ?? null} />
      </td>
      <td class="curve" {...as.cell}>
        {curve ? (
          <Spark
            points={curve.points.map(({ at, percent }) => ({ x: at, y: percent }))}
            isLaunching={isLaunching(row, look.now)}
          />
        ) : null}
      </td>
      <td class={row.oversoldPlaces ? "out is-over" : "out"} {...as.cell}>
        <SellsOut row={row} pace={pace} forecast={read.sellOuts.get(row.eventId)} />
      </td>
    </>
  );
}

interface LatelyProps {
  pace: Pace | undefined;
  of: "last24Hours" | "last7Days";
}

/** In whole hours; of a sale that is younger than that, what came so far. */
function Lately({ pace, of }: LatelyProps) {
  if (!pace) return null;
  // Only where nothing else is there: else a day would have more than its week.
  if (pace.last7Days === 0 && pace.hourSoFar)
    return (
      <span title="In the hour that has begun">
        <Came name="pace.hourSoFar" value={pace.hourSoFar} />
      </span>
    );
  return <Came name={`pace.${of}`} value={pace[of]} />;
}

/** What all the rows come to, where all are shown. */
function Totals({ read, rows }: { read: EventsRead; rows: readonly EventRow[] }) {
  const sum = (of: (row: EventRow) => number | null | undefined) =>
    rows.reduce((total, row) => total + (of(row) ?? 0), 0);
  const { paces } = read;
  return (
    <tfoot {...as.rowGroup}>
      <tr {...as.row}>
        <th class="name" colspan={4} {...as.rowHeader} scope="row">
          {counted(rows.length, "event")}
        </th>
        <td class="number sold" {...as.cell}>
          <Whole name="sum.totalSold" value={sum((row) => row.totalSold)} />
        </td>
        <td class="number left" {...as.cell}>
          <Whole name="sum.totalAvailable" value={sum((row) => row.totalAvailable)} />{" "}
          <span class="unit">left</span>
        </td>
        <td class="number day" {...as.cell}>
          <Came name="sum.last24Hours" value={sum((row) => paces.get(row.eventId)?.last24Hours)} />
        </td>
        <td class="number week" {...as.cell}>
          <Came name="sum.last7Days" value={sum((row) => paces.get(row.eventId)?.last7Days)} />{" "}
          <span class="unit">in 7 d</span>
        </td>
        <td class="rest" colspan={3} {...as.cell} />
      </tr>
    </tfoot>
  );
}

/** What is ready for a launch, and what is not. */
function Readiness({ row, launch }: { row: EventRow; launch: LaunchRow | undefined }) {
  const words = { noRaces: "no ticket types yet", noPrice: "without a price" };
  const more = { ...words, inactive: "switched off", noCapacity: "without places" };
  return (
    <>
      {row.totalCapacity ? (
        <>
          <Whole name="totalCapacity" value={row.totalCapacity} /> places
        </>
      ) : null}
      {launch?.isReady ? ", ready" : null}
      {launch?.problems.map(({ problem, ticketTypes }) => (
        <span class="attention">
          {row.totalCapacity ? ", " : ""}
          {ticketTypes.length > 0 ? `${ticketTypes.length} ` : ""}
          {more[problem]}
        </span>
      ))}
    </>
  );
}

/** `SOUTH_AFRICA` is written as `South Africa`; a short one is an abbreviation. */
export function regionName(region: string): string {
  if (/^[A-Z]{2,4}$/.test(region) && !["PERU", "ASIA"].includes(region)) return region;
  return region
    .toLowerCase()
    .split(/[_\s-]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(" ");
}
