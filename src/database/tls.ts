import { readFileSync } from "node:fs";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import { Failure, messageOf } from "../lib/failure.ts";

/** PostgreSQL's own words (libpq), from the least to the most that is asked of the server. */
const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

/** What libpq has for TLS in an address, and the driver would send on to the server as its settings. */
const OURS = ["sslmode", "sslrootcert", "sslcert", "sslkey"];

export interface Secured {
  url: string;
  /** As the driver takes it: without it, it does what it does by itself. */
  tls: { ssl?: false | "prefer" | ConnectionOptions };
}

/**
 * The address without what is about TLS, and that as the driver takes it: it knows the modes alone, and
 * for it `verify-ca` and a file of the CA are nothing. As in libpq, a CA makes `require` check the
 * certificate.
 */
export function secured(address: string): Secured {
  const url = new URL(address);
  const [given, root, sslcert, sslkey] = OURS.map(
    (name) => url.searchParams.get(name) || undefined,
  );
  const mode = given ?? (root === undefined ? undefined : "verify-full");
  if (mode === undefined) return { url: address, tls: {} };
  for (const name of OURS) url.searchParams.delete(name);
  const { href } = url;
  if (mode === "disable") return { url: href, tls: { ssl: false } };
  if (mode === "allow" || mode === "prefer") return { url: href, tls: { ssl: "prefer" } };
  const isChecked = mode !== "require" || root !== undefined;
  const own = {
    ...(root !== undefined && root !== "system" && { ca: read("sslrootcert", root) }),
    ...(sslcert && { cert: read("sslcert", sslcert) }),
    ...(sslkey && { key: read("sslkey", sslkey) }),
  };
  if (!isChecked) return { url: href, tls: { ssl: { ...own, rejectUnauthorized: false } } };
  // The driver names no host where it is an address in numbers, and the runtime would compare another.
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isNamed = mode === "verify-full" || root === "system";
  const identity = isNamed
    ? (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(host, certificate)
    : () => undefined;
  return {
    url: href,
    tls: { ssl: { ...own, rejectUnauthorized: true, checkServerIdentity: identity } },
  };
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Failure("refused", `DATABASE_URL: ${name} cannot be read: ${messageOf(error)}`);
  }
}

/** What is wrong with an address as far as TLS goes; undefined where nothing is. */
export function tlsFault(address: string): string | undefined {
  const { searchParams } = new URL(address);
  const mode = searchParams.get("sslmode");
  if (mode !== null && !sslModes.some((one) => one === mode))
    return `its sslmode must be one of ${sslModes.join(", ")}`;
  if (searchParams.has("sslcert") !== searchParams.has("sslkey"))
    return "its sslcert and sslkey go together";
  return undefined;
}
