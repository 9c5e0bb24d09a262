import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** Who asks, by the key that was sent. */
export const Caller = z.object({
  /** As the key is called where it is configured. */
  name: z.string(),
  isAdmin: z.boolean(),
  /** Sees the events of these accounts and no others. */
  accounts: z.array(z.string()).readonly().optional(),
  /** Sees these events and no others. */
  events: z.array(z.string()).readonly().optional(),
});
export type Caller = z.infer<typeof Caller>;

export interface ApiKey extends Caller {
  /** SHA-256 of the key. */
  digest: Buffer;
}

/** The keys that open at this moment. */
export interface KeyRing {
  read(): Promise<readonly ApiKey[]>;
}

export const isKeptToSome = ({ accounts, events }: Caller) =>
  accounts !== undefined || events !== undefined;

/** Whether what is of this event of this account is for the caller. */
export const sees = ({ accounts, events }: Caller, row: { region: string; eventId: string }) =>
  (accounts === undefined || accounts.includes(row.region)) &&
  (events === undefined || events.includes(row.eventId));

/** What of a caller an answer hangs on. */
export const sightOf = ({ accounts = [], events = [] }: Caller) =>
  JSON.stringify([[...accounts].sort(), [...events].sort()]);

export const CALLER_HEADER = "x-caller";

/** Names a caller to the process that reads; only who knows the secret can. */
export function sealCaller({ name, isAdmin, accounts, events }: Caller, secret: string): string {
  const said = Buffer.from(JSON.stringify({ name, isAdmin, accounts, events })).toString(
    "base64url",
  );
  return `${said}.${sealOf(said, secret).toString("base64url")}`;
}

export function openCaller(text: string, secret: string): Caller | undefined {
  const [said = "", seal = ""] = text.split(".");
  if (!isSame(Buffer.from(seal, "base64url"), sealOf(said, secret))) return undefined;
  return Caller.parse(JSON.parse(Buffer.from(said, "base64url").toString("utf8")));
}

const sealOf = (said: string, secret: string) =>
  createHmac("sha256", secret).update(`caller ${said}`).digest();

/** In a time that does not tell how much of it is right. */
export const isSame = (one: Buffer, other: Buffer) =>
  one.length === other.length && timingSafeEqual(one, other);
