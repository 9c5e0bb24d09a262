/** Shorter names are near to too many others. */
const SHORTEST = 8;
const SHORTEST_REGION = 5;
/** Of longer names two slips are as unlikely to be another word as one is of these. */
const LONG = 12;
/** Of names that are otherwise the same one may lack what stands between their words. */
const SHORTEST_BARE = 10;

/** What Kubernetes puts into a container's environment for each service beside it. */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)$/;
const SERVICE_ADDRESS = /^(tcp|udp|sctp):\/\//;

/** Nobody else's variables begin like this. */
const OURS =
  /^((VIVENU|FLOWCORE|SHEET|WEBHOOK|BACKEND|TICKET_TYPE)_|GOOGLE_(SHEET|SERVICE_ACCOUNT|PRIVATE))/;
const OF_ACCOUNT = /^([A-Z][A-Z0-9_]{0,31})_(API|WEBHOOK_SECRET|SELLER_ID)$/;

type Given = Record<string, string | undefined>;

export interface KnownNames {
  variables: readonly string[];
  /** Those that are named, and those that are known without. */
  regions: { named: readonly string[]; known: readonly string[] };
}

export interface UnknownNames {
  /** Nearly the name of a variable that is not set: it was meant, and would do nothing. */
  faults: string[];
  /** Seems to be meant for this service, and does nothing. */
  notes: string[];
}

/** What is set and is no variable of ours, as far as somebody seems to have thought that it is. */
export function unknownNames(given: Given, { variables, regions }: KnownNames): UnknownNames {
  const isKnown = new Set(variables);
  const found: UnknownNames = { faults: [], notes: [] };
  for (const name of Object.keys(given)) {
    if (isKnown.has(name) || isServiceLink(name, given[name])) continue;
    const meant = nearestTo(name, variables);
    if (meant !== undefined && given[meant] === undefined)
      found.faults.push(`${name} is no variable of this service; ${meant} is`);
    else {
      const hint = meant ? `${meant} is, and is set as well` : hintFor(name, regions);
      if (hint !== undefined) found.notes.push(`${name} is no variable of this service; ${hint}`);
    }
  }
  return found;
}

function hintFor(name: string, { named, known }: KnownNames["regions"]): string | undefined {
  const [, region = "", kind = ""] = OF_ACCOUNT.exec(name) ?? [];
  // An account of HYROX that is not named is one that somebody has left out.
  if (known.includes(region) && kind !== "") return undefined;
  const account = [...named, ...known].find((one) => name.startsWith(`${one}_`));
  if (account !== undefined)
    return `of an account there are ${account}_API, ${account}_WEBHOOK_SECRET and ${account}_SELLER_ID`;
  if (OURS.test(name)) return "docs/configuration.md lists them";
  return kind === "" ? undefined : `VIVENU_REGIONS names no account ${region}`;
}

const isServiceLink = (name: string, value = "") =>
  SERVICE_LINK.test(name) || (name.endsWith("_PORT") && SERVICE_ADDRESS.test(value));

function nearestTo(name: string, variables: readonly string[]): string | undefined {
  const bare = bareOf(name);
  const same = variables.find((one) => bareOf(one) === bare);
  if (same !== undefined && bare.length >= SHORTEST_BARE) return same;
  const most = slipsIn(name);
  // Only its case may be another.
  if (most === 0) return variables.find((one) => one === name.toUpperCase());
  const near = variables
    .map((one) => ({ one, slips: slipsBetween(name.toUpperCase(), one, most) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips);
  return near[0]?.one;
}

const bareOf = (name: string) => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "");

/** How many slips a name may have and still be taken for another; of a short one any other is near. */
function slipsIn(name: string): number {
  const [, region] = OF_ACCOUNT.exec(name) ?? [];
  // UK is an account of its own and no misspelt USA.
  if (region !== undefined) return region.length < SHORTEST_REGION ? 0 : 1;
  // A single word of this length is `NOTIFICATIONS`.
  if (!name.includes("_")) return name.length < LONG ? 0 : 1;
  if (name.length < SHORTEST) return 0;
  return name.length < LONG ? 1 : 2;
}

/** How many letters have to be added, left out, changed or swapped with the next one; infinite above `most`. */
export function slipsBetween(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let above = Array.from({ length: other.length + 1 }, (_, n) => n);
  let least = 0;
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    const leastAbove = least;
    least = i;
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const slips = Math.min(
        (row[j - 1] ?? 0) + 1,
        (above[j] ?? 0) + 1,
        (above[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
      row.push(slips);
      if (slips < least) least = slips;
    }
    // Each way to the end passes through this row or, by a swap, over it: names that have little in common are
    // told apart after a few letters.
    if (Math.min(least, leastAbove) > most) return Number.POSITIVE_INFINITY;
    before = above;
    above = row;
  }
  return above[other.length] ?? 0;
}
