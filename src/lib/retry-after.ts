/** Of a `Retry-After`, seconds or an HTTP date, how long it asks to wait from an instant on; anything else says nothing. */
export function readRetryAfter(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? "";
  const ms = /^\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1_000
    : /[a-z]/i.test(text)
      ? Date.parse(text) - now.getTime()
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.max(Math.ceil(ms), 0);
}
