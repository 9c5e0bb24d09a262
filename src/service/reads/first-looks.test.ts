import { expect, test } from "bun:test";
import { pagePaths } from "../../api/pages.ts";
import { CALLER_HEADER, openCaller } from "../../api/request/callers.ts";
import { firstLooks } from "./first-looks.ts";

/** What was looked at where `answer` answers, by whom, and with which event. */
async function looked(
  readEventId: () => Promise<string | undefined>,
  answer: (path: string) => Response = () => new Response("a view"),
) {
  const paths: string[] = [];
  const fetch = (request: Request) => {
    const { pathname } = new URL(request.url);
    expect(openCaller(request.headers.get(CALLER_HEADER) ?? "", "secret")?.isAdmin).toBe(false);
    paths.push(pathname);
    return answer(pathname);
  };
  const { signal } = new AbortController();
  await firstLooks({ fetch, handover: "secret", readEventId, signal });
  return paths;
}

test("each view is looked at once before anybody asks, and that of an event by one that is shown", async () => {
  const paths = await looked(async () => "paris/1");
  for (const path of pagePaths) expect(paths).toContain(path.replace(":eventId", "paris%2F1"));
  expect(paths).toContain("/api/events");
  expect(new Set(paths).size).toBe(paths.length);
});

test("where no event is shown yet, the other views are looked at", async () => {
  const paths = await looked(async () => undefined);
  expect(paths).toEqual(expect.arrayContaining(["/", "/changes"]));
  expect(paths.filter((path) => path.startsWith("/events"))).toEqual([]);
});

test("a database that cannot be read is asked once, and whoever looks first fails nobody", async () => {
  const fails = async () => {
    throw new Error("the connection was lost");
  };
  expect(await looked(fails)).toEqual([]);
  const paths = await looked(
    async () => "paris",
    (path) => new Response(path, { status: path === "/" ? 503 : 200 }),
  );
  expect(paths.at(-1)).toBe("/");
});
