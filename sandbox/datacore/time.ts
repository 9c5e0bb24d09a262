/** Events are kept by the UTC hour: `yyyyMMddHH0000`. */
export const timeBucketOf = (time: Date) =>
  `${time.toISOString().slice(0, 13).replaceAll(/[-T]/g, "")}0000`;

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** `undefined` for whatever is no ISO 8601 date, or time with its zone. */
export function parseIsoTime(text: unknown): Date | undefined {
  if (typeof text !== "string" || !ISO.test(text)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
