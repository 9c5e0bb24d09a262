import { Failure } from "../lib/failure.ts";

/**
 * Follows the cursors of one list. Throws at one that was followed before: it leads back, and who follows it
 * again never comes to an end. `list` is what the failure calls it.
 */
export function cursorFollower<Cursor extends string | number>(list: string) {
  const followed = new Set<Cursor>();
  return (cursor: Cursor | undefined): Cursor | undefined => {
    if (cursor === undefined) return undefined;
    if (followed.has(cursor)) {
      const what = `Flowcore's ${list} do not come to an end: a page names a cursor that was followed before`;
      throw new Failure("unavailable", what, { pages: followed.size + 1 });
    }
    followed.add(cursor);
    return cursor;
  };
}
