/**
 * An adaptive page size. A server that is asked for too much answers 503 or not in time, but so does
 * one that is in trouble of another kind. Whoever asks halves the size at once; here it doubles again
 * after some good pages: two where one size had failed, eight where many had, and twice as many each
 * time that a larger size failed again. Once a larger size held, every good page doubles it.
 */
export interface PageSize {
  now(): number;
  /** The smallest so far: it says how many requests the pages may take. */
  smallest(): number;
  /** A page came, of the size that was asked for, or of a smaller one where that was too much. */
  came(size: number): void;
}

/** How many good pages are waited for at most: the first time, and before a size that fails for good. */
const FIRST_PATIENCE = 8;
const MOST_PATIENCE = 64;

export function adaptivePageSize(largest: number): PageSize {
  let size = largest;
  let smallest = largest;
  let patience = 1;
  let goodPages = 0;
  let isTried = false;

  function came(now: number) {
    if (now < size) {
      const halvings = Math.max(1, Math.round(Math.log2(size / Math.max(now, 1))));
      patience = isTried
        ? Math.min(2 * patience, MOST_PATIENCE)
        : Math.max(patience, Math.min(2 ** halvings, FIRST_PATIENCE));
      goodPages = 0;
      size = Math.max(now, 1);
      smallest = Math.min(smallest, size);
    } else if (isTried) patience = 1;
    goodPages += 1;
    isTried = size < largest && goodPages >= patience;
    if (!isTried) return;
    size = Math.min(2 * size, largest);
    goodPages = 0;
  }

  return { now: () => size, smallest: () => smallest, came };
}
