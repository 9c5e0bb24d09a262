import { createHmac, timingSafeEqual } from "node:crypto";

const LOWER_CASE_HEX = /^[0-9a-f]{64}$/;

/** What Vivenu sends as `x-vivenu-signature`; the key is text, although it may look like hex. */
export const sign = (rawBytes: Uint8Array, key: string) =>
  createHmac("sha256", key).update(rawBytes).digest("hex");

/** In the one form that is accepted: nothing else can fit, whatever the body is. */
export const isSignature = (header: string | null | undefined): header is string =>
  LOWER_CASE_HEX.test(header ?? "");

export interface Hashing {
  update(part: Uint8Array): void;
  /** The keys of whose holders the body is; to be asked once, when all parts are in. */
  fitting(header: string): string[];
}

/** The signatures that a body, which comes in parts, would have by each of the keys; an empty key has none. */
export function hashing(keys: Iterable<string>): Hashing {
  const hmacs = [...new Set(keys)]
    .filter((key) => key !== "")
    .map((key) => ({ key, hmac: createHmac("sha256", key) }));
  return {
    update(part) {
      for (const { hmac } of hmacs) hmac.update(part);
    },
    fitting: (header) =>
      hmacs.filter(({ hmac }) => isSame(hmac.digest("hex"), header)).map(({ key }) => key),
  };
}

const isSame = (expected: string, header: string) =>
  isSignature(header) && timingSafeEqual(Buffer.from(header), Buffer.from(expected));

/** Whether the body is what the holder of the key sent; nothing is without a key or in another form. */
export function verify(
  rawBytes: Uint8Array,
  header: string | null | undefined,
  key: string,
): boolean {
  const { update, fitting } = hashing([key]);
  update(rawBytes);
  return isSignature(header) && fitting(header).length > 0;
}
