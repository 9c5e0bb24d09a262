import { expect, test } from "bun:test";
import { testApi } from "../../../test/support/test-api.ts";

const downloads = {
  names: ["vivenu.xlsx", "events.csv"],
  read: async (name: string) =>
    name === "events.csv"
      ? { contentType: "text/csv; charset=utf-8", body: new TextEncoder().encode("a,b\n") }
      : undefined,
};

test("a file is downloaded under its name by whoever has the key", async () => {
  const { get, app } = testApi({ downloads });
  const answer = await get("/api/downloads/events.csv");
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="events.csv"');
  expect(await answer.text()).toBe("a,b\n");
  expect((await app.request("/api/downloads/events.csv")).status).toBe(401);
});

test("a file that is not there is said to be not there, with those that are", async () => {
  const { get } = testApi({ downloads });
  for (const name of ["vivenu.xlsx", "nonsense.csv", "..%2Fpasswd"]) {
    const answer = await get(`/api/downloads/${name}`);
    expect([name, answer.status]).toEqual([name, 404]);
    expect(await answer.text()).toContain("events.csv");
  }
  expect((await testApi().get("/api/downloads/events.csv")).status).toBe(404);
});

test("a file that is there for others is not named to whoever hears that it is not", async () => {
  const answer = await testApi({ downloads }).get("/api/downloads/vivenu.xlsx");
  expect(await answer.json()).toMatchObject({
    detail: "There is no such file for this key. There are events.csv.",
  });
});

test("the document of the API has it", async () => {
  const document = await testApi({ downloads }).read<{ paths: object }>("/openapi.json");
  expect(Object.keys(document.paths)).toContain("/api/downloads/{name}");
});
