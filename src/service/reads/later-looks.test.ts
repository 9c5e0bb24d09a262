import { expect, test } from "bun:test";
import { fakeClock } from "../../../test/fixtures/vivenu/scripted.ts";
import { CALLER_HEADER, openCaller } from "../../api/request/callers.ts";
import { laterLooks } from "./later-looks.ts";

interface Given {
  readEventIds?: () => Promise<readonly string[]>;
  isAsked?: (looks: number) => boolean;
  answer?: (path: string, looks: number) => Response;
  abortAfter?: number;
}

/** What was looked at, and how long it took by a clock that only pauses move. */
async function looked({
  readEventIds = async () => ["paris/1", "rome"],
  isAsked = () => false,
  answer = () => new Response("a view"),
  abortAfter = Number.POSITIVE_INFINITY,
}: Given = {}) {
  const paths: string[] = [];
  const ending = new AbortController();
  const clock = fakeClock();
  const begunAt = clock.now().getTime();
  const fetch = (request: Request) => {
    const { pathname } = new URL(request.url);
    expect(openCaller(request.headers.get(CALLER_HEADER) ?? "", "secret")?.isAdmin).toBe(false);
    paths.push(pathname);
    if (paths.length >= abortAfter) ending.abort();
    return answer(pathname, paths.length);
  };
  await laterLooks({
    ...{ fetch, handover: "secret", clock, readEventIds, signal: ending.signal },
    isAsked: () => isAsked(paths.length),
  });
  return { paths, seconds: (clock.now().getTime() - begunAt) / 1_000 };
}

test("one event after the other is looked at, its page and its answer, with rests, and then nothing any more", async () => {
  const { paths, seconds } = await looked();
  const round = ["/events/paris%2F1", "/api/events/paris%2F1", "/events/rome", "/api/events/rome"];
  expect(paths.slice(0, 5)).toEqual([...round, round[0] ?? ""]);
  expect(paths).toHaveLength(60);
  expect(seconds).toBe(24);
});

test("nobody looks while somebody asks, and who is asked for minutes needs no looks", async () => {
  let turns = 0;
  const inTurns = await looked({
    isAsked: () => {
      turns += 1;
      return turns % 2 === 1;
    },
  });
  expect([inTurns.paths.length, inTurns.seconds]).toEqual([60, 48]);
  const asked = await looked({ isAsked: (looks) => looks >= 3 });
  expect(asked.paths).toHaveLength(3);
  expect(asked.seconds).toBeLessThan(130);
});

test("whoever looks fails nobody: it ends where a look fails, where nothing is shown, and with its process", async () => {
  const fails = async () => {
    throw new Error("the connection was lost");
  };
  expect((await looked({ readEventIds: fails })).paths).toEqual([]);
  expect((await looked({ readEventIds: async () => [] })).paths).toEqual([]);
  const busy = await looked({
    answer: (path, looks) => new Response(path, { status: looks === 4 ? 503 : 200 }),
  });
  expect(busy.paths).toHaveLength(4);
  expect((await looked({ abortAfter: 2 })).paths).toHaveLength(2);
});
