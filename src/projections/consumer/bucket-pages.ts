import { cursorFollower } from "../../datacore/cursors.ts";
import type { Page, PageRequest } from "../../datacore/datacore.ts";

type BucketPlace = Pick<PageRequest, "flowType" | "timeBucket" | "fromFactId" | "toFactId">;

/** Every page of one hour, each asked for when the one before was taken. */
export async function* pagesOfBucket(
  read: (request: PageRequest) => Promise<Page>,
  { flowType, timeBucket, fromFactId, toFactId }: BucketPlace,
  pageSize: () => number,
): AsyncGenerator<Page> {
  const follow = cursorFollower<string>(`pages of the hour ${timeBucket} of ${flowType}`);
  const to = toFactId !== undefined && { toFactId };
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? fromFactId !== undefined && { fromFactId } : { cursor };
    const page = await read({ flowType, timeBucket, pageSize: pageSize(), ...from, ...to });
    yield page;
    cursor = follow(page.cursor);
  } while (cursor !== undefined);
}
