/** 100 ns steps between the UUID epoch, 1582-10-15, and the Unix epoch. */
const UNIX_EPOCH_TICKS = 122_192_928_000_000_000n;
const TICKS_PER_MS = 10_000n;

/**
 * Fact ids are UUID v1. Their text order is not their time order: the low bits of the time come
 * first. This is the time in 100 ns steps since 1582-10-15; 60 bits, so it fits a signed bigint.
 */
export function ticksOf(id: string): bigint {
  const [low, middle, high] = id.split("-");
  return (
    ((BigInt(`0x${high}`) & 0x0fffn) << 48n) | (BigInt(`0x${middle}`) << 32n) | BigInt(`0x${low}`)
  );
}

export const storedAt = (id: string) =>
  new Date(Number((ticksOf(id) - UNIX_EPOCH_TICKS) / TICKS_PER_MS));

/** Time first, then clock sequence and node as Cassandra compares them: signed byte by signed byte. */
export function compareIds(a: string, b: string): number {
  const difference = ticksOf(a) - ticksOf(b);
  if (difference !== 0n) return difference < 0n ? -1 : 1;
  const [left, right] = [restOf(a), restOf(b)];
  for (let i = 0; i < left.length; i++) {
    const byte = (left[i] ?? 0) - (right[i] ?? 0);
    if (byte !== 0) return byte;
  }
  return 0;
}

const restOf = (id: string) => new Int8Array(Buffer.from(id.slice(19).replace("-", ""), "hex"));

/** Below every id of its time; need not exist in the log. */
export function lowestIdAt(time: Date): string {
  const ticks = BigInt(time.getTime()) * TICKS_PER_MS + UNIX_EPOCH_TICKS;
  const hex = (value: bigint, digits: number) => value.toString(16).padStart(digits, "0");
  const low = hex(ticks & 0xffff_ffffn, 8);
  const middle = hex((ticks >> 32n) & 0xffffn, 4);
  const high = hex((ticks >> 48n) & 0x0fffn, 3);
  return `${low}-${middle}-1${high}-8080-808080808080`;
}

export const isTimeUuid = (id: string) =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id);
