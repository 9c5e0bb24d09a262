import { createHmac } from "node:crypto";
import { type ApiKey, isSame } from "../request/callers.ts";

/** By what seals are opened. */
export interface SealDoor {
  ring: readonly ApiKey[];
  /** The service's own, the same in each replica: digests are kept so that whoever reads them opens nothing. */
  secret: string;
  now: Date;
}

/** What a seal is for, and nothing else. */
export interface Sealed {
  said: string;
  /** Seconds since 1970. */
  expiresS: number;
}

/** Clocks of two replicas are not one. */
const SPARE_S = 60;

/**
 * A key's name, until when, and a signature by the service's secret and the key's digest: nothing is stored,
 * every replica knows it, the key cannot be told from it, and it ends with its key.
 */
export function seal(key: ApiKey, { said, expiresS }: Sealed, secret: string): string {
  const signature = signatureOf(key, { said, expiresS }, secret).toString("base64url");
  return `${key.name}.${expiresS}.${signature}`;
}

/** The key that it was made with, while both last; undefined for one that lasts longer than is made here. */
export function openSeal(
  text: string,
  { ring, secret, now }: SealDoor,
  { said, longestS }: { said: string; longestS: number },
): { key: ApiKey; expiresS: number } | undefined {
  const [, name, expires, signature] = /^([\w-]+)\.(\d{1,12})\.([\w-]{43})$/.exec(text) ?? [];
  const seconds = now.getTime() / 1_000;
  const expiresS = Number(expires);
  if (!signature || expiresS <= seconds || expiresS > seconds + longestS + SPARE_S)
    return undefined;
  const given = Buffer.from(signature, "base64url");
  const key = ring
    .filter((one) => one.name === name)
    .find((one) => isSame(given, signatureOf(one, { said, expiresS }, secret)));
  return key && { key, expiresS };
}

function signatureOf({ digest, name }: ApiKey, { said, expiresS }: Sealed, secret: string) {
  const ofKey = createHmac("sha256", secret).update(digest).digest();
  return createHmac("sha256", ofKey).update(`${expiresS} ${name} ${said}`).digest();
}
