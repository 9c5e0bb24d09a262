import type { Page, PageRequest } from "../../datacore/datacore.ts";

type BucketPlace = Pick<PageRequest, "flowType" | "timeBucket" | "fromFactId">;

/** Every page of one hour, each asked for when the one before was taken. */
export async function* pagesOfBucket(
  read: (request: PageRequest) => Promise<Page>,
  { flowType, timeBucket, fromFactId }: BucketPlace,
  pageSize: () => number,
): AsyncGenerator<Page> {
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? fromFactId !== undefined && { fromFactId } : { cursor };
    const page = await read({ flowType, timeBucket, pageSize: pageSize(), ...from });
    yield page;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
