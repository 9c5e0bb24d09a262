import { describe, expect, test } from "bun:test";
import { Hono } from "hono";
import { deliveryOf, eventJson, found, receiver } from "../../../test/support/intake.ts";
import { emptiedDatabase } from "../../../test/support/reused-database.ts";
import { createLogger } from "../../lib/logger.ts";
import { sign } from "../../vivenu/signature.ts";

const database = emptiedDatabase();

const accounts = [
  { region: "DACH", keys: ["dach-key"], sellerId: "seller-d" },
  { region: "FRANCE", keys: ["france-key"], sellerId: "seller-f" },
  { region: "ITALY", keys: ["shared-key"], sellerId: "seller-i" },
  { region: "USA", keys: ["shared-key"], sellerId: "seller-u" },
  { region: "CANADA", keys: [], sellerId: "seller-c" },
];

const from = (sellerId: string | undefined) =>
  deliveryOf("event.updated", { event: eventJson() }, { sellerId });

/** The receiver before an API that answers 401 to all that has no key of its own. */
function start() {
  const lines: string[] = [];
  const logger = createLogger("trace", { write: (line) => void lines.push(line) });
  const { app: door, outcomes } = receiver({ sql: database.sql, accounts, logger });
  const app = new Hono();
  app.route("/", door);
  app.all("*", (c) => c.text("the API's", 401));
  const post = (path: string, body: string, signature?: string) =>
    app.request(path, {
      method: "POST",
      body,
      ...(signature !== undefined && { headers: { "x-vivenu-signature": signature } }),
    });
  const send = async (path: string, body: string, key: string) =>
    (await post(path, body, sign(Buffer.from(body), key))).status;
  return { app, lines, outcomes, post, send };
}

describe("a signed delivery below /webhook*", () => {
  test.each([
    "/webhooks/vivenu/dach/",
    "/webhooks/vivenu/dach/event-updated",
    "/webhooks/vivenu/%64ach",
    "/webhooks/vivenu",
    "/webhooks/vivenu/",
    "/webhooks/dach",
    "/webhooks/",
    "/webhooks",
    "/webhook",
    "/webhook/dach",
    "/webhook/event-created",
    "/webhook/event-updated/",
    "/Webhooks/Vivenu/Dach",
    "//webhooks/vivenu/dach",
    "/webhooks//vivenu//DACH",
    "/webhooks/DACH?from=vivenu",
  ])("is taken where key and seller leave no doubt, and told of: %s", async (path) => {
    const { send, outcomes, lines } = start();
    expect(await send(path, from("seller-d"), "dach-key")).toBe(200);
    expect(outcomes).toEqual([["accepted", "DACH"]]);
    const [row] = await database.sql<{ account: string }[]>`select account from inbox`;
    expect(row?.account).toBe("DACH");
    const told = lines.map((line) => JSON.parse(line)).find(({ level }) => level === "warn");
    const isDocumented = /^\/webhooks\/vivenu\/(%64|d)ach$/.test(path);
    expect(told?.event).toBe(isDocumented ? undefined : "webhook.other_address");
    if (!isDocumented) expect(path).toStartWith(decodeURI(told.path));
  });

  test.each([
    ["names an account that is not configured", "/webhooks/vivenu/SPAIN", "seller-d", "dach-key"],
    ["names it with a slash behind", "/webhooks/vivenu/SPAIN/", "seller-d", "dach-key"],
    ["names another account than the key's", "/webhooks/france", "seller-d", "dach-key"],
    ["names two accounts", "/webhooks/dach/france", "seller-d", "dach-key"],
    ["says nothing, where two share the key", "/webhooks", undefined, "shared-key"],
  ])("is asked for again where its path %s", async (_what, path, sellerId, key) => {
    const { send, outcomes, lines } = start();
    expect(await send(path, from(sellerId), key)).toBe(503);
    expect(outcomes.map(([outcome]) => outcome)).toEqual(["unavailable"]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: "error", path }),
    ]);
    expect(await database.sql`select from inbox`).toHaveLength(0);
  });

  test("is told by its seller where two accounts share the key", async () => {
    const { send, outcomes } = start();
    expect(await send("/webhooks/", from("seller-u"), "shared-key")).toBe(200);
    expect(await send("/webhooks/", from("seller-d"), "shared-key")).toBe(503);
    expect(outcomes).toEqual([
      ["accepted", "USA"],
      ["foreign", null],
    ]);
  });

  test("never gets a 4xx that loses it, whatever its path, its seller and its key", async () => {
    const { send } = start();
    const parts = ["", "vivenu", "dach", "france", "italy", "canada", "spain", "event-updated"];
    const paths = parts.flatMap((one) =>
      parts.flatMap((two) => ["webhook", "webhooks"].map((first) => `/${first}/${one}/${two}`)),
    );
    const answers = new Set<number>();
    for (const path of paths)
      for (const sellerId of ["seller-d", "seller-i", "seller-nobody", undefined])
        for (const key of ["dach-key", "shared-key"])
          answers.add(await send(path, from(sellerId), key));
    expect([...answers].toSorted()).toEqual([200, 503]);
  });
});

describe("what nobody signed", () => {
  test.each(["/webhooks/vivenu/dach/", "/webhooks/dach", "/webhook", "/webhooks/vivenu/canada/x"])(
    "finds at %s what was there without webhooks",
    async (path) => {
      const { post, app, outcomes, lines } = start();
      const quiet = path.includes("canada") ? [] : ["stray", "stray"];
      if (quiet.length > 0)
        for (const signature of [undefined, "0".repeat(64)]) {
          const answer = await post(path, from("seller-d"), signature);
          expect([answer.status, await answer.text()]).toEqual([401, "the API's"]);
        }
      expect(await (await app.request(path)).text()).toBe("the API's");
      expect(outcomes.map(([outcome]) => `${outcome}`)).toEqual(quiet);
      expect(lines).toEqual([]);
    },
  );

  test("is not told of as an outage at an account that is not configured, nor logged", async () => {
    const { post, outcomes, lines } = start();
    for (const signature of [undefined, "", "0".repeat(64)])
      expect((await post("/webhooks/vivenu/SPAIN", from("seller-d"), signature)).status).toBe(401);
    expect(outcomes).toEqual(Array(3).fill(["stray", null]));
    expect(lines).toEqual([]);
  });

  test("is told apart at an account that has no key to look at it with", async () => {
    const { post, outcomes, lines } = start();
    expect((await post("/webhooks/vivenu/CANADA", from("seller-c"), "0".repeat(64))).status).toBe(
      503,
    );
    expect(outcomes).toEqual([["keyless", "CANADA"]]);
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(["warn"]);
    expect(found(lines.join(), ["seller-c", "HYROX"])).toEqual([]);
  });
});
