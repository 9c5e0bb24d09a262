import type { Child } from "hono/jsx";
import type { EventRow } from "../projections/queries/row-types.ts";
import type { Look } from "./look.ts";
import { ago, coming } from "./words.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const words: Record<string, string> = {
  ANNOUNCED: "Announced",
  CANCELLED: "Cancelled",
  DRAFT: "Draft",
  ENDED: "Over",
  GROUP: "Holds other events",
  ON_SALE: "On sale",
  PAUSED: "Paused",
  SALES_CLOSED: "Sale closed",
  SOLD_OUT: "Sold out",
};

/** As it stands beside its shape, of a status in whatever case. */
export const statusWord = (status: string) => `“${words[status.trim().toUpperCase()] ?? status}”`;

export interface StatusProps {
  status: string;
  shape: Shape;
  text: string;
  isStrong: boolean;
}

/** What an event's status is, by a shape and a word; near its launch by how near. */
export const Status = ({ status, shape, text, isStrong }: StatusProps) => (
  <span class={isStrong ? "status is-strong" : "status"} data-field="status" data-value={status}>
    <svg class={`shape shape-${shape}`} aria-hidden="true" viewBox="0 0 12 12">
      {shapes[shape]}
    </svg>
    {text}
  </span>
);

type Shape = "full" | "half" | "square" | "ring" | "new" | "none" | "bars";

const shapes: Record<Shape, Child> = {
  full: <circle cx="6" cy="6" r="5" />,
  half: (
    <>
      <circle class="shape-line" cx="6" cy="6" r="4.4" />
      <path d="M6 1.6a4.4 4.4 0 0 0 0 8.8z" />
    </>
  ),
  square: <rect x="1" y="1" width="10" height="10" rx="1" />,
  ring: <circle class="shape-line is-dashed" cx="6" cy="6" r="4.6" />,
  new: <circle class="shape-line" cx="6" cy="6" r="4.6" />,
  none: <circle class="shape-line" cx="6" cy="6" r="4.6" />,
  bars: <path d="M3 2h2v8H3zM7 2h2v8H7z" />,
};

export function statusOf(row: EventRow, { now, zone }: Look): StatusProps {
  const { status, salesLaunchDate, limited, timezone } = row;
  const launch = salesLaunchDate === null ? undefined : new Date(salesLaunchDate);
  const since = launch ? now.getTime() - launch.getTime() : Number.NaN;
  if (status === "ANNOUNCED" && launch && since < 0) {
    const text = coming(launch, now, zone ?? timezone);
    const isSoon = -since < 2 * DAY_MS;
    return {
      status,
      shape: "ring",
      isStrong: false,
      text: row.presale
        ? `Presale, ${text}`
        : isSoon && text.startsWith("tomorrow")
          ? text.replace("t", "T")
          : `Launches ${text}`,
    };
  }
  if (status === "ON_SALE" && launch && since >= 0 && since < DAY_MS)
    return { status, shape: "new", text: `Launched ${lately(launch, now)}`, isStrong: true };
  const text = limited && status === "ON_SALE" ? "Nearly sold out" : (words[status] ?? status);
  return { status, shape: shapeOf(status, limited), text, isStrong: false };
}

/** In whole hours from the first one on: a column has no room for minutes beside them. */
function lately(launch: Date, now: Date): string {
  const since = now.getTime() - launch.getTime();
  return since < HOUR_MS ? ago(launch, now) : `${Math.floor(since / HOUR_MS)} h ago`;
}

function shapeOf(status: string, limited: boolean): Shape {
  if (status === "ON_SALE") return limited ? "half" : "full";
  if (status === "SOLD_OUT") return "square";
  if (status === "PAUSED") return "bars";
  return status === "ANNOUNCED" || status === "DRAFT" ? "ring" : "none";
}
