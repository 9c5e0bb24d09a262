import type { Datacore, Page, PageRequest } from "../../datacore/datacore.ts";
import { timeBucketsBetween } from "../../datacore/time-bucket.ts";
import type { Clock } from "../../lib/clock.ts";
import { pagesOfBucket } from "../consumer/bucket-pages.ts";
import { pageSizeByWeight } from "../consumer/page-weight.ts";
import { pagesInTime } from "../consumer/pages-in-time.ts";
import type { PassSettings } from "../consumer/passes.ts";

const HOUR_MS = 3_600_000;
/** Pages are small already where facts are large. */
const SMALLEST_PAGE = 10;

export interface Bucket {
  flowType: string;
  timeBucket: string;
}

export interface LogBucketsOptions {
  datacore: Datacore;
  settings: PassSettings;
  clock: Clock;
  signal: AbortSignal;
  /** The first bucket; without it the whole log. */
  from?: string | undefined;
}

/** The log by its hours, read to the end of each in pages of a size that its facts' weight allows. */
export function logBuckets({ datacore, settings, clock, signal, from }: LogBucketsOptions) {
  const size = pageSizeByWeight(settings.pageSize);
  const readInTime = pagesInTime((request) => datacore.readPage(request), {
    largest: settings.pageSize,
    smallest: SMALLEST_PAGE,
  });

  return { bucketsOf, pagesOfAll, pagesOf, untilNow };

  async function bucketsOf(flowType: string, now: Date): Promise<Bucket[]> {
    const listed = await datacore.readTimeBuckets(flowType, from);
    const recent = timeBucketsBetween(new Date(now.getTime() - HOUR_MS), untilNow());
    return [...new Set([...listed, ...recent])]
      .sort()
      .filter((timeBucket) => from === undefined || timeBucket >= from)
      .map((timeBucket) => ({ flowType, timeBucket }));
  }

  async function* pagesOfAll(buckets: Bucket[]) {
    for (const bucket of buckets)
      for await (const page of pagesOf(bucket.flowType, bucket.timeBucket)) yield { bucket, page };
  }

  function pagesOf(flowType: string, timeBucket: string, fromFactId?: string) {
    const from = fromFactId !== undefined && { fromFactId };
    return pagesOfBucket(readSized, { flowType, timeBucket, ...from }, size.now);
  }

  async function readSized(request: PageRequest): Promise<Page> {
    signal.throwIfAborted();
    const page = await readInTime(request);
    size.came(page);
    return page;
  }

  /** Hours that have not begun by our clock may have by that of whoever stamps facts. */
  function untilNow() {
    return new Date(clock.now().getTime() + settings.skewMs);
  }
}
