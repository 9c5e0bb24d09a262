import { isKeptToSome } from "../../api/request/callers.ts";
import { startOfMinute } from "../../lib/clock.ts";
import { fieldWords } from "../../rules/change-words.ts";
import { severities } from "../../rules/severity.ts";
import { AS_OF, here, type Look } from "../look.ts";
import { isSame, Kept, RegionSelect, Select, valuesOf } from "../select.tsx";
import { ViewForms } from "../view-forms.tsx";

const DAY_MS = 86_400_000;
export const SINCE_DAYS = [1, 7, 30, 90];

const fieldChoices: [words: string, fields: string][] = [
  ["Dates", "sellStart,sellEnd,start,end,visibleAfter"],
  ["Prices", "price"],
  ["Places", "amount,maxAmount"],
  ["Sold out and open again", "available,availableToBuy,percentSold"],
  ["Ticket types", "added,removed,active,category,class"],
  ["Names", "name,eventType,hideInListing"],
];

const words = new Map(Object.entries(fieldWords).map(([name, said]) => [name.toLowerCase(), said]));
const fieldName = (field: string) => words.get(field.toLowerCase()) ?? field;

export interface FiltersProps {
  look: Look;
  regions: readonly string[];
  /** Of the time that is looked at: how many there are, or that there are more than are counted. */
  counts: { critical: string; high: string };
  /** Null is ever. */
  days: number | null;
}

/** What the API calls `since`; the same for whoever looks within a minute. */
export const sinceOf = ({ now }: Look, days: number | null) =>
  days === null ? undefined : new Date(startOfMinute(now).getTime() - days * DAY_MS);

/** Which changes are shown: how grave, and a form whose address is its state. */
export function ChangesFilters({ look, regions, counts, days }: FiltersProps) {
  const { query } = look;
  const severity = valuesOf(look, "severity");
  const numbers: Record<string, string> = { ...counts };
  const since = sinceOf(look, days)?.toISOString();
  const table = { firstCounts: "false", days: undefined, since };
  return (
    <div class="filters">
      <nav class="choices" aria-label="How grave">
        {["", ...severities].map((name) => (
          <a
            href={here(look, { severity: name })}
            aria-current={isSame(severity, name) ? "true" : undefined}
          >
            {name === "" ? "All" : `${name[0]?.toUpperCase()}${name.slice(1)}`}{" "}
            <span>{numbers[name] ?? ""}</span>
          </a>
        ))}
      </nav>
      <form class="filter" method="get" action="/changes" data-auto>
        <Kept look={look} names={["severity", "eventId", AS_OF]} />
        <Select
          {...{ look, name: "field", label: "What", options: fieldChoices }}
          wordsOf={fieldName}
        />
        <RegionSelect look={look} regions={offeredTo(look, regions)} />
        <label>
          <span>Since</span>
          <select name="days">
            {SINCE_DAYS.map((count) => (
              <option value={String(count)} selected={count === days}>
                {count === 1 ? "24 hours" : `${count} days`}
              </option>
            ))}
            <option value="all" selected={days === null}>
              ever
            </option>
          </select>
        </label>
        <label class="is-words">
          <span>Event</span>
          <input type="search" name="q" value={query.get("q") ?? ""} placeholder="any" />
        </label>
        <button type="submit">Apply</button>
      </form>
      <ViewForms
        csv={here(look, { ...table, format: "csv" }, "/api/changes")}
        json={here(look, table, "/api/changes")}
      />
    </div>
  );
}

/** Who sees some events only hears of no other account. */
const offeredTo = ({ caller }: Look, regions: readonly string[]) =>
  caller && isKeptToSome(caller)
    ? regions.filter((region) => caller.accounts?.includes(region))
    : regions;
