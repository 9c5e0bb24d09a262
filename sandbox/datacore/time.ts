/** Events are kept by the UTC hour: `yyyyMMddHH0000`. */
export const timeBucketOf = (time: Date) =>
  `${time.toISOString().slice(0, 13).replaceAll(/[-T]/g, "")}0000`;

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/;

/** `undefined` for whatever is no ISO 8601 date, or time with its zone. */
export const parseIsoTime = (text: unknown) => matching(ISO, text);

/**
 * An event's time is a date with a time in UTC: neither an offset nor a date alone is taken.
 * Probes: flowcore/event-time-is-utc, flowcore/event-time-is-whole.
 */
export const parseUtcTime = (text: unknown) => matching(UTC, text);

function matching(form: RegExp, text: unknown): Date | undefined {
  if (typeof text !== "string" || !form.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
