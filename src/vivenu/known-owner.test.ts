import { describe, expect, test } from "bun:test";
import {
  countingBudget,
  fakeClock,
  recordingLog,
  scripted,
} from "../../test/fixtures/vivenu/scripted.ts";
import { vivenuClient } from "./client.ts";
import { ofKnownOwner } from "./known-owner.ts";

const OURS = "65aa00000000000000000001";
const THEIRS = "65aa00000000000000000002";
const MINUTE_MS = 60_000;

/** An account whose owner's answer the test says, and what every list of it holds. */
async function account(
  seller: () => Response,
  { owner = OURS, rows = [] }: { owner?: string | null; rows?: object[] } = {},
) {
  const vivenu = scripted((_, url) =>
    url.pathname === "/api/sellers/me" ? seller() : Response.json({ rows, total: rows.length }),
  );
  const clock = fakeClock();
  const own = vivenuClient({
    ...{ baseUrl: vivenu.url, apiKey: "key_of_a_test", region: "DACH" },
    ...{ budget: countingBudget(), clock, logger: recordingLog().logger },
  });
  const client = ofKnownOwner(own, { readOwner: async () => owner, clock });
  return {
    ...{ client, clock },
    paths: () => vivenu.urls.map(({ pathname }) => pathname),
    asked: () => vivenu.urls.filter(({ pathname }) => pathname === "/api/sellers/me").length,
    [Symbol.asyncDispose]: vivenu[Symbol.asyncDispose],
  };
}

test("a key is asked once whose it is, however much is read and however many ask together", async () => {
  await using one = await account(() => Response.json({ _id: OURS, currency: "EUR" }));
  await Promise.all([one.client.readEventTotal(), one.client.readTicketTotal({})]);
  await one.client.readEvents();
  expect(one.asked()).toBe(1);
});

test("another's key reads nothing, and is asked again each time", async () => {
  await using one = await account(() => Response.json({ _id: "65aa00000000000000000002" }));
  for (let n = 0; n < 2; n += 1)
    await expect(one.client.readEventTotal()).rejects.toMatchObject({
      kind: "refused",
      context: { otherSeller: "65aa00000000000000000002" },
    });
  await expect(one.client.readSeller()).rejects.toThrow("DACH_SELLER_ID=65aa00000000000000000002");
});

test.each([
  ["forbids it", () => new Response("no", { status: 403 })],
  ["does not know the way", () => new Response("no", { status: 404 })],
  ["names no id", () => Response.json({ currency: "EUR" })],
])(
  "where Vivenu %s, nothing contradicts the key; it is asked again after a while",
  async (_, seller) => {
    await using one = await account(seller);
    for (let n = 0; n < 3; n += 1) expect(await one.client.readEventTotal()).toBe(0);
    expect(one.asked()).toBe(1);
    one.clock.pause(11 * MINUTE_MS);
    await one.client.readEventTotal();
    expect(one.asked()).toBe(2);
  },
);

describe.each([
  ["fails", () => new Response("no", { status: 503 })],
  ["is forbidden", () => new Response("no", { status: 403 })],
  ["names no id", () => Response.json({ currency: "EUR" })],
])("where Vivenu's answer %s, its events say whose a key is:", (_, seller) => {
  test("another's reads nothing, however soon that passes", async () => {
    const rows = [{ _id: "68f000000000000000000001", sellerId: THEIRS }];
    await using one = await account(seller, { rows });
    for (const minutes of [0, 11]) {
      one.clock.pause(minutes * MINUTE_MS);
      for (const read of [() => one.client.readEvent("any"), () => one.client.readTicketTotal({})])
        await expect(read()).rejects.toMatchObject({
          kind: "refused",
          context: { otherSeller: THEIRS },
        });
    }
  });

  test("its own reads on where another seller's event comes first among them", async () => {
    const rows = [THEIRS, OURS].map((sellerId, n) => ({
      _id: `68f00000000000000000000${n}`,
      sellerId,
    }));
    await using one = await account(seller, { rows });
    expect(await one.client.readTicketTotal({})).toBe(2);
  });

  test("its own reads on, and nobody is asked again", async () => {
    const rows = [{ _id: "68f000000000000000000001", sellerId: OURS }];
    await using one = await account(seller, { rows });
    expect(await one.client.readTicketTotal({})).toBe(1);
    const asked = one.asked();
    one.clock.pause(11 * MINUTE_MS);
    expect(await one.client.readTicketTotal({})).toBe(1);
    expect(one.asked()).toBe(asked);
  });
});

test("an account that nobody knows yet is whose its key says", async () => {
  await using one = await account(() => Response.json({ _id: OURS }), { owner: null });
  expect(await one.client.readSeller()).toMatchObject({ _id: OURS });
  await one.client.readEventTotal();
  expect(one.asked()).toBe(1);
});

test("nobody is asked whose a key is while nobody knows whose the account is", async () => {
  await using one = await account(() => Response.json({ _id: OURS }), { owner: null });
  await one.client.readTicketTotal({});
  expect(one.paths()).toEqual(["/api/tickets"]);
});

test("where Vivenu does not say whose a key is, it is asked again after ten minutes and no sooner", async () => {
  await using one = await account(() => new Response("no", { status: 403 }));
  await one.client.readEventTotal();
  one.clock.pause(10 * MINUTE_MS - 1);
  await one.client.readEventTotal();
  expect(one.asked()).toBe(1);
  one.clock.pause(1);
  await one.client.readEventTotal();
  expect(one.asked()).toBe(2);
});

test("whoever stops asking stops what is asked for it of the key", async () => {
  await using one = await account(() => Response.json({ _id: OURS }));
  const signal = AbortSignal.abort(new Error("it is over"));
  await expect(one.client.readTicketTotal({}, { signal })).rejects.toThrow("it is over");
  expect(one.paths()).toEqual([]);
  const stopping = new AbortController();
  await using other = await account(() => {
    stopping.abort(new Error("it is over"));
    return new Response("no", { status: 403 });
  });
  await expect(other.client.readTicketTotal({}, { signal: stopping.signal })).rejects.toThrow(
    "it is over",
  );
  expect(other.paths()).toEqual(["/api/sellers/me"]);
});
