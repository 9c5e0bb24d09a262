import { Secret } from "./secret.ts";

/** One key as it is configured: never the key itself, only what it is compared with. */
export interface ConfiguredKey {
  name: string;
  isAdmin: boolean;
  /** Sees the events of these accounts and no others. */
  accounts?: readonly string[];
  /** Sees these events and no others. */
  events?: readonly string[];
  /** SHA-256 of the key, in hexadecimal. */
  digest: Secret;
}

export interface ReadKeys {
  keys: ConfiguredKey[];
  /** What is wrong, in words that name no digest. */
  faults: string[];
}

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;
/** By this name the key of `BACKEND_API_KEY` is known. */
export const DEFAULT_KEY = "default";

/** `name:scopes:sha256`, separated by commas or one a line; in a file `#` begins a remark. */
export function readKeys(text: string): ReadKeys {
  const entries = text
    .split(/\r?\n/)
    .map((line) => line.replace(/#.*$/, ""))
    .join(",")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  const keys: ConfiguredKey[] = [];
  const faults: string[] = [];
  for (const [index, entry] of entries.entries()) {
    const read = readKey(entry);
    if (typeof read === "string") faults.push(`entry ${index + 1} ${read}`);
    else keys.push(read);
  }
  const names = keys.map(({ name, digest }) => `${name} ${digest.reveal()}`);
  if (new Set(names).size < names.length) faults.push("names one key twice");
  else faults.push(...sharedKeyFaults(keys));
  return { keys, faults };
}

/** One key under two names, or with other scopes, would be what its first entry says, and nobody would be told. */
export function sharedKeyFaults(keys: readonly ConfiguredKey[]): string[] {
  const byDigest = Map.groupBy(keys, ({ digest }) => digest.reveal());
  return [...byDigest.values()].flatMap((entries) => {
    const names = new Set(entries.map(({ name }) => name));
    const sights = new Set(entries.map(({ digest: _, ...key }) => JSON.stringify(key)));
    if (names.size > 1) return [`gives one key several names: ${[...names].join(", ")}`];
    return sights.size > 1 ? [`gives one key several scopes: ${[...names].join()}`] : [];
  });
}

function readKey(entry: string): ConfiguredKey | string {
  const [name = "", scopes = "", digest = "", ...more] = entry.split(":");
  if (more.length > 0 || digest === "") return "must be name:scopes:sha256, as `api-key` prints it";
  if (!NAME.test(name) || name === DEFAULT_KEY)
    return "needs a name of letters, digits, - and _, other than default";
  if (!/^[0-9a-f]{64}$/i.test(digest))
    return "must end with 64 hexadecimal digits: the SHA-256 of the key, and not the key";
  const read = readScopes(scopes);
  if (typeof read === "string") return read;
  return { name, ...read, digest: new Secret(digest.toLowerCase()) };
}

/** `read` or `admin`, and what a key is kept to: `read+account=DACH+account=FRANCE`, `read+event=<id>`. */
function readScopes(text: string): Pick<ConfiguredKey, "isAdmin" | "accounts" | "events"> | string {
  const words = text.split("+").map((word) => word.trim());
  const valuesOf = (kind: string) =>
    words.flatMap((word) => (word.startsWith(`${kind}=`) ? word.slice(kind.length + 1) : []));
  const accounts = valuesOf("account").map((account) => account.toUpperCase());
  const events = valuesOf("event");
  const kinds = words.filter((word) => !/^(account|event)=./.test(word));
  const unknown = kinds.find((word) => word !== "read" && word !== "admin");
  if (unknown !== undefined || kinds.length === 0)
    return "has other scopes than read, admin, account=NAME and event=ID, separated by +";
  const isAdmin = kinds.includes("admin");
  if (accounts.length > 0 && events.length > 0) return "is kept to accounts or to events, not both";
  if (isAdmin && accounts.length + events.length > 0)
    return "is admin, which is for everything, and kept to some";
  return {
    isAdmin,
    ...(accounts.length > 0 && { accounts }),
    ...(events.length > 0 && { events }),
  };
}
