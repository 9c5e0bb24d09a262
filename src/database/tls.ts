import { readFileSync } from "node:fs";
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from "node:tls";
import { Failure, messageOf } from "../lib/failure.ts";
import type { Logger } from "../lib/logger.ts";

/** PostgreSQL's own words (libpq), from the least to the most that is asked of the server. */
const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

/** What libpq has for TLS in an address, and the driver would send on to the server as its settings. */
const OURS = ["sslmode", "sslrootcert", "sslcert", "sslkey"];

export interface Secured {
  url: string;
  /**
   * As the driver takes it: without it, it does what it does by itself. What is read from files is asked for at each
   * connection.
   */
  tls: { ssl?: false | "prefer" | (() => ConnectionOptions) };
}

/**
 * The address without what is about TLS, and that as the driver takes it: it knows the modes alone, and
 * for it `verify-ca` and a file of the CA are nothing. As in libpq, a CA makes `require` check the
 * certificate. The logger is told when a file cannot be used and what was in it before goes on to be.
 */
export function secured(address: string, logger?: Logger): Secured {
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
  const files = kept({ root: root === "system" ? undefined : root, sslcert, sslkey }, logger);
  const isChecked = mode !== "require" || root !== undefined;
  if (!isChecked)
    return { url: href, tls: { ssl: () => ({ ...files(), rejectUnauthorized: false }) } };
  // The driver names no host where it is an address in numbers, and the runtime would compare another.
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isNamed = mode === "verify-full" || root === "system";
  const identity = isNamed
    ? (_: string, certificate: Parameters<typeof checkServerIdentity>[1]) =>
        checkServerIdentity(host, certificate)
    : () => undefined;
  const checked = { rejectUnauthorized: true, checkServerIdentity: identity };
  return { url: href, tls: { ssl: () => ({ ...files(), ...checked }) } };
}

interface Paths {
  root: string | undefined;
  sslcert: string | undefined;
  sslkey: string | undefined;
}

/** What is in the files now; while they cannot be used, because they are being renewed, what was in them before. */
function kept(paths: Paths, logger?: Logger): () => ConnectionOptions {
  let usable = readAll(paths);
  let told: string | undefined;
  return () => {
    try {
      usable = readAll(paths);
      told = undefined;
    } catch (error) {
      // PostgreSQL's answer to what was in them says whether it matters now; a start would end at it.
      const reason = messageOf(error);
      if (reason !== told) logger?.warn({ reason }, "database.tls_files_passed_over");
      told = reason;
    }
    return usable;
  };
}

/** Throws a failure that names the file. */
function readAll({ root, sslcert, sslkey }: Paths): ConnectionOptions {
  const ca = root === undefined ? undefined : read("sslrootcert", root);
  if (ca !== undefined && !isUsable({ ca }))
    throw unusable(`sslrootcert names a file without a usable certificate: ${root}`);
  const cert = sslcert === undefined ? undefined : read("sslcert", sslcert);
  const key = sslkey === undefined ? undefined : read("sslkey", sslkey);
  if (cert !== undefined && key !== undefined && !isUsable({ cert, key }))
    throw unusable(`sslcert and sslkey are no certificate and its key: ${sslcert}, ${sslkey}`);
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

function isUsable({ ca = "", cert = ca, key }: { ca?: string; cert?: string; key?: string }) {
  // The runtime takes an empty text for no certificate at all.
  if (!cert.includes("-----BEGIN")) return false;
  try {
    createSecureContext(key === undefined ? { ca } : { cert, key });
    return true;
  } catch {
    return false;
  }
}

const unusable = (what: string) => new Failure("refused", `DATABASE_URL: ${what}`);

function read(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw unusable(`${name} cannot be read: ${messageOf(error)}`);
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
