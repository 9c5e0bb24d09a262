import { Problem } from "./problem.ts";

export type Metadata = Record<string, string>;

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The sender's metadata: base64 of JSON in UTF-8, kept string to string. Probe: flowcore/bad-metadata. */
export function decodeMetadata(header: string | undefined): Metadata {
  if (!header) return {};
  const decoded = BASE64.test(header) ? parseJson(Buffer.from(header, "base64").toString()) : null;
  if (typeof decoded !== "object" || decoded === null || Array.isArray(decoded)) {
    throw new Problem(400, "Invalid metadata: expected base64 encoded JSON object");
  }
  const entries = Object.entries(decoded).map(([key, value]) => [key, asText(value)]);
  return Object.fromEntries(entries);
}

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
