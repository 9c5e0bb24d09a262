import { createHmac, timingSafeEqual } from "node:crypto";

const LOWER_CASE_HEX = /^[0-9a-f]{64}$/;

/** What Vivenu sends as `x-vivenu-signature`; the key is text, although it may look like hex. */
export const sign = (rawBytes: Uint8Array, key: string) =>
  createHmac("sha256", key).update(rawBytes).digest("hex");

/** Whether the body is what the holder of the key sent; nothing is without a key or in another form. */
export function verify(
  rawBytes: Uint8Array,
  header: string | null | undefined,
  key: string,
): boolean {
  if (key === "" || !header || !LOWER_CASE_HEX.test(header)) return false;
  return timingSafeEqual(Buffer.from(header), Buffer.from(sign(rawBytes, key)));
}
