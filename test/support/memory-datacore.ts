import type { Fact, NewFact } from "../../src/contracts/index.ts";
import { eventTypesOf } from "../../src/contracts/index.ts";
import type { Datacore, Page, PageRequest, Unreadable } from "../../src/datacore/datacore.ts";
import { timeBucketOf } from "../../src/datacore/time-bucket.ts";
import { compareIds, storedAt } from "../../src/datacore/time-uuid.ts";
import { Failure } from "../../src/lib/failure.ts";
import { asRead, factIdAt } from "./facts.ts";

interface Filed {
  flowType: string;
  timeBucket: string;
  factId: string;
  fact?: Fact;
  unreadable?: Unreadable;
}

export interface Misbehaviour {
  /** The list of buckets leaves out what this says. */
  hidesBucket?: (timeBucket: string) => boolean;
  /** Every page holds at most this many, and goes on by a cursor; 0 gives an empty page first. */
  pageLimit?: number;
  emptyPagesBetween?: boolean;
  /** Larger pages do not come in time. */
  slowAbove?: number;
  /** Thrown by the next reads. */
  failing?: () => Failure | undefined;
}

/** A datacore in memory that files facts when the test says so: late, behind others, twice. */
export function memoryDatacore(misbehaviour: Misbehaviour = {}) {
  const filed: Filed[] = [];
  const requests: PageRequest[] = [];
  let lists = 0;

  const file = (
    flowType: string,
    factId: string,
    rest: Pick<Filed, "fact" | "unreadable">,
    bucket?: string,
  ) => {
    const timeBucket = bucket ?? timeBucketOf(storedAt(factId));
    filed.push({ flowType, timeBucket, factId, ...rest });
    filed.sort((a, b) => compareIds(a.factId, b.factId));
  };

  const api: Datacore = {
    async append(fact) {
      const read = asRead(fact);
      file(flowTypeOf(fact), read.factId, { fact: read });
      return read.factId;
    },
    appendAll: (facts) => Promise.all(facts.map((fact) => api.append(fact))),
    async readTimeBuckets(flowType, from = "") {
      lists += 1;
      const failure = misbehaviour.failing?.();
      if (failure) throw failure;
      const all = filed.filter((one) => one.flowType === flowType).map((one) => one.timeBucket);
      const listed = [...new Set(all)].sort().filter((bucket) => bucket >= from);
      return listed.filter((bucket) => !misbehaviour.hidesBucket?.(bucket));
    },
    async readPage(request) {
      requests.push(request);
      const failure = misbehaviour.failing?.();
      if (failure) throw failure;
      if (misbehaviour.slowAbove !== undefined && request.pageSize > misbehaviour.slowAbove)
        throw new Failure("unavailable", "too slow", { timeoutMs: 1 });
      return pageOf(request);
    },
    close() {},
  };

  function pageOf({ flowType, timeBucket, pageSize, cursor, fromFactId }: PageRequest): Page {
    const [place = "", gap] = cursor?.split("|") ?? [];
    const found = filed.filter(
      (one) =>
        one.flowType === flowType &&
        one.timeBucket === timeBucket &&
        (place === ""
          ? fromFactId === undefined || compareIds(one.factId, fromFactId) >= 0
          : compareIds(one.factId, place) > 0),
    );
    if (misbehaviour.emptyPagesBetween && found.length > 0 && !gap)
      return { facts: [], unreadable: [], cursor: `${place}|gap` };
    const size = Math.min(pageSize, misbehaviour.pageLimit ?? pageSize);
    const page = found.slice(0, size);
    const last = page.at(-1);
    return {
      facts: page.flatMap(({ fact }) => fact ?? []),
      unreadable: page.flatMap(({ unreadable }) => unreadable ?? []),
      ...(last && found.length > page.length && { cursor: last.factId }),
    };
  }

  return {
    ...api,
    requests,
    get lists() {
      return lists;
    },
    /** Readable from now on, as if stored at `at`; in the bucket of that time unless one is named. */
    file(fact: NewFact, at: Date | string, { n = filed.length, bucket = "" } = {}) {
      const factId = factIdAt(at, n);
      file(flowTypeOf(fact), factId, { fact: asReadWith(fact, factId) }, bucket || undefined);
      return factId;
    },
    fileUnreadable(flowType: string, at: Date | string, more: Partial<Unreadable> = {}) {
      const factId = factIdAt(at, filed.length);
      const unreadable = { factId, eventType: "event.eaten.0", reason: "no contract", ...more };
      file(flowType, factId, { unreadable });
      return factId;
    },
    /** The same fact under the same id once more, beside the first. */
    fileAgain(factId: string) {
      const found = filed.find((one) => one.factId === factId);
      if (found) filed.push({ ...found });
      filed.sort((a, b) => compareIds(a.factId, b.factId));
    },
  };
}

const asReadWith = (fact: NewFact, factId: string): Fact => ({ ...asRead(fact), factId });

const flowTypes = ["vivenu.event.0", "vivenu.sales.0"];
const flowTypeOf = ({ eventType }: NewFact) =>
  flowTypes.find((flowType) => eventTypesOf(flowType).includes(eventType)) ?? "";
