import type { Page, PageRequest } from "../../datacore/datacore.ts";
import { isFailure } from "../../lib/failure.ts";
import { adaptivePageSize, type PageSize } from "../../lib/page-size.ts";

const SMALLEST_PAGE = 50;
const GATEWAY_TIMEOUT = 504;

export interface PagesInTimeOptions {
  largest: number;
  /** Of this size and below nothing is halved any more: it is not the size that takes so long. */
  smallest?: number;
  /** Told of each page that did not come in time and is asked for anew, with how many facts at most. */
  onTooSlow?: (failure: unknown, facts: number) => void;
  /** Told when such a page came after all. */
  onInTime?: () => void;
}

/**
 * Pages of the log, as large as they are asked for where the datacore gives them in time. A dense hour
 * may not: the same place again with half of it, and what follows of its flow type in such pages until
 * larger ones come.
 */
export function pagesInTime(
  read: (request: PageRequest) => Promise<Page>,
  { largest, smallest = SMALLEST_PAGE, onTooSlow, onInTime }: PagesInTimeOptions,
) {
  const sizes = new Map<string, PageSize>();

  return async function readInTime(request: PageRequest): Promise<Page> {
    const size = sizeOf(request.flowType);
    const first = Math.min(request.pageSize, size.now());
    for (let pageSize = first; ; pageSize = Math.floor(pageSize / 2)) {
      try {
        const page = await read({ ...request, pageSize });
        // A page that came, but of less than would be asked for, says nothing of a larger one.
        if (pageSize < first || pageSize === size.now()) size.came(pageSize);
        if (pageSize < first) onInTime?.();
        return page;
      } catch (error) {
        if (pageSize <= smallest || !isTooSlow(error)) throw error;
        onTooSlow?.(error, Math.floor(pageSize / 2));
      }
    }
  };

  function sizeOf(flowType: string): PageSize {
    const size = sizes.get(flowType) ?? adaptivePageSize(largest);
    sizes.set(flowType, size);
    return size;
  }
}

const isTooSlow = (error: unknown) =>
  isFailure(error, "unavailable") &&
  (error.context.timeoutMs !== undefined || error.context.status === GATEWAY_TIMEOUT);
