import { expect, test } from "bun:test";
import type { PageRequest } from "../../datacore/datacore.ts";
import { Failure, messageOf } from "../../lib/failure.ts";
import { pagesInTime } from "./pages-in-time.ts";

/** A datacore that answers `fail` for pages above `most`, and what it was asked for. */
function stage(most: number, fail: () => Error) {
  const asked: number[] = [];
  const answering = { most };
  const read = async ({ pageSize }: PageRequest) => {
    asked.push(pageSize);
    if (pageSize > answering.most) throw fail();
    return { facts: [], unreadable: [] };
  };
  const told: string[] = [];
  const readInTime = pagesInTime(read, {
    largest: 400,
    onTooSlow: (failure, facts) => void told.push(`${messageOf(failure)}: ${facts}`),
    onInTime: () => void told.push("came"),
  });
  const page = (pageSize: number, flowType = "vivenu.sales.0") =>
    readInTime({ flowType, timeBucket: "20260301100000", pageSize });
  return { asked, answering, told, page };
}

const late = () => new Failure("unavailable", "too slow", { timeoutMs: 30_000 });
const gateway = () => new Failure("unavailable", "Flowcore answered 504", { status: 504 });
const down = () => new Failure("unavailable", "Flowcore answered 503", { status: 503 });

test.each([
  ["in time", late],
  ["by the time of a gateway before it", gateway],
])(
  "a page that does not come %s is asked for by halves, and so are those after it",
  async (_, fail) => {
    const { asked, page, told } = stage(100, fail);
    for (let n = 0; n < 3; n += 1) await page(400);
    expect(asked).toEqual([400, 200, 100, 100, 100]);
    expect(told).toEqual([`${fail().message}: 200`, `${fail().message}: 100`, "came"]);
  },
);

test("what is not asked for more than comes in time changes nothing", async () => {
  const { asked, page } = stage(100, late);
  for (const pageSize of [80, 80, 400, 80, 400]) await page(pageSize);
  expect(asked).toEqual([80, 80, 400, 200, 100, 80, 100]);
});

test("pages grow again when larger ones come, and another flow type's never shrank", async () => {
  const { asked, answering, page } = stage(100, late);
  await page(400);
  answering.most = 400;
  await page(400, "vivenu.event.0");
  expect(asked).toEqual([400, 200, 100, 400]);
  for (let n = 0; n < 8; n += 1) await page(400);
  expect(asked.at(-1)).toBe(400);
});

test("a failure that has nothing to do with size halves nothing", async () => {
  const { asked, page } = stage(100, down);
  await expect(page(400)).rejects.toThrow("503");
  expect(asked).toEqual([400]);
});

test("of so few facts as fifty nothing is halved: it is not their number that takes so long", async () => {
  const { asked, page, told } = stage(0, late);
  await expect(page(400)).rejects.toThrow("too slow");
  expect(asked).toEqual([400, 200, 100, 50]);
  expect(told).toHaveLength(3);
});

test("half of an odd number of facts is rounded down", async () => {
  const { asked, page, told } = stage(40, late);
  await page(75);
  expect([asked, told]).toEqual([
    [75, 37],
    ["too slow: 37", "came"],
  ]);
});

test.each([
  ["is no failure of the datacore", () => new Error("a fault of ours")],
  ["is of another kind", () => new Failure("refused", "no such key", { timeoutMs: 30_000 })],
])("what %s halves nothing", async (_, fail) => {
  const { asked, page } = stage(100, fail);
  await expect(page(400)).rejects.toThrow(fail().message);
  expect(asked).toEqual([400]);
});
