import type { Child } from "hono/jsx";
import { isKeptToSome } from "../../api/request/callers.ts";
import { AS_OF, here, href, type Look } from "../look.ts";
import { isSame, Kept, RegionSelect, valuesOf } from "../select.tsx";
import { statusWord } from "../status.tsx";
import { ViewForms } from "../view-forms.tsx";
import { regionName } from "../words.ts";
import { choices } from "./event-groups.ts";
import type { EventsRead } from "./read-events.ts";

interface FiltersProps {
  look: Look;
  read: EventsRead;
  regions: readonly string[];
}

const filters = [
  "region",
  "q",
  "percentSoldMin",
  "percentSoldMax",
  "from",
  "to",
  "vsUsualMin",
  "vsUsualMax",
] as const;

/** Which events are shown: choices with how many there are of each, and a form whose address is its state. */
export function Filters({ look, read, regions }: FiltersProps) {
  const asked = valuesOf(look, "status");
  const said = (name: string) => look.query.get(name) ?? "";
  // Who sees some events only hears of no other account.
  const isPartner = look.caller !== undefined && isKeptToSome(look.caller);
  const own = new Set(read.parts.map(({ region }) => region));
  const offered = isPartner ? regions.filter((region) => own.has(region)) : regions;
  // Keys for decimals have no minus on some phones.
  const numberField = (name: string, inputmode: "decimal" | "text" = "decimal") => ({
    type: "text",
    inputmode,
    name,
    placeholder: "any",
    value: said(name),
  });
  return (
    <div class="filters">
      <nav class="choices" aria-label="Which events">
        <Choice {...{ look, read, asked }} name="All" statuses={[]} />
        <Choice {...{ look, read, asked }} name="On sale" statuses={choices.onSale} />
        <Choice {...{ look, read, asked }} name="To launch" statuses={choices.toLaunch} />
        <Choice {...{ look, read, asked }} name="Sale closed" statuses={choices.closed} />
        <Choice {...{ look, read, asked }} name="Past" statuses={choices.past} />
      </nav>
      <form class="filter" method="get" action="/" data-auto>
        <Kept look={look} names={["status", "sort", AS_OF]} />
        <RegionSelect look={look} regions={offered} />
        <Range
          name="Percent sold"
          value={rangeWords(said("percentSoldMin"), said("percentSoldMax"), " %")}
        >
          <label>
            <span>from</span>
            <input {...numberField("percentSoldMin")} />
          </label>
          <label>
            <span>to</span>
            <input {...numberField("percentSoldMax")} />
          </label>
        </Range>
        <Range
          name="Against usual"
          value={rangeWords(said("vsUsualMin"), said("vsUsualMax"), " points")}
        >
          <label>
            <span>from</span>
            <input {...numberField("vsUsualMin", "text")} />
          </label>
          <label>
            <span>to</span>
            <input {...numberField("vsUsualMax", "text")} />
          </label>
        </Range>
        <Range name="Race" value={rangeWords(said("from"), said("to"), "")}>
          <label>
            <span>from</span>
            <input type="date" name="from" value={said("from")} />
          </label>
          <label>
            <span>to</span>
            <input type="date" name="to" value={said("to")} />
          </label>
        </Range>
        {said("q") ? (
          <label>
            <span>Name</span>
            <input type="search" name="q" value={said("q")} />
          </label>
        ) : null}
        <button type="submit">Apply</button>
        {isFiltered(look) ? <a href={cleared(look)}>Clear</a> : null}
      </form>
      <ViewForms csv={asTable(look, "csv")} json={asTable(look)} />
    </div>
  );
}

interface RangeProps {
  name: string;
  value: string;
  children: Child;
}

/** Two ends of a range, behind a button that says what they are. */
const Range = ({ name, value, children }: RangeProps) => (
  <details class="range">
    <summary class="button">
      {name} <b>{value || "any"}</b>
    </summary>
    <span class="range-box">
      {children}
      <button type="submit">Apply</button>
    </span>
  </details>
);

function rangeWords(from: string, to: string, unit: string) {
  if (from && to) return `${from} to ${to}${unit}`;
  return from ? `from ${from}${unit}` : to && `to ${to}${unit}`;
}

interface ChoiceProps extends Pick<FiltersProps, "look" | "read"> {
  asked: readonly string[];
  name: string;
  statuses: readonly string[];
}

function Choice({ look, read, asked, name, statuses }: ChoiceProps) {
  const count = read.parts
    .filter(({ status }) => statuses.length === 0 || statuses.includes(status))
    .reduce((sum, { events }) => sum + events, 0);
  const value = statuses.join(",");
  const sort = statuses === choices.past ? "-eventDate" : undefined;
  return (
    <a
      href={here(look, { status: value, ...(sort && !look.query.has("sort") && { sort }) })}
      aria-current={isSame(asked, value) ? "true" : undefined}
    >
      {name} {read.isOfPace ? null : <span>{count}</span>}
    </a>
  );
}

export const isFiltered = (look: Look) =>
  filters.some((name) => look.query.get(name)) || Boolean(look.query.get("status"));

export const cleared = (look: Look) =>
  href(look, "/", { sort: look.query.get("sort") ?? undefined });

/** What is shown, from the API: the same parameters at its address. */
function asTable(look: Look, format?: string) {
  return here(look, { limit: undefined, format }, "/api/events");
}

const pointsWords = (points: string) => `${points} points against usual`;

/** What is asked for, in words, for who finds nothing. */
export function filterWords(look: Look): string {
  const said = (name: string) => look.query.get(name) ?? "";
  const [regions, statuses] = [valuesOf(look, "region"), valuesOf(look, "status")];
  const parts = [
    said("q") && `named “${said("q")}”`,
    regions.length > 0 && `in ${regions.map(regionName).join(", ")}`,
    statuses.length > 0 && `whose status is ${statuses.map(statusWord).join(" or ")}`,
    said("percentSoldMin") && `with ${said("percentSoldMin")} % or more sold`,
    said("percentSoldMax") && `with ${said("percentSoldMax")} % or less sold`,
    said("vsUsualMin") && `${pointsWords(said("vsUsualMin"))} or more`,
    said("vsUsualMax") && `${pointsWords(said("vsUsualMax"))} or less`,
    said("from") && `from ${said("from")} on`,
    said("to") && `until ${said("to")}`,
  ];
  return parts.filter((part) => part !== "" && part !== false).join(", ");
}
