import { type Answer, field, kinds, list } from "../http.ts";
import type { Probe } from "../probe.ts";
import type { Listeners, Vivenu } from "./world.ts";

const NOWHERE = "https://conformance.example.com/nobody-is-here";

const listener = ({ name }: Listeners, more: object = {}) => ({
  ...{ name, url: NOWHERE, enabled: false, events: { "event.updated": true } },
  hmacKey: "conformance-probe",
  ...more,
});

/** What was made although it should have been refused is removed at once. */
async function tried(world: Listeners, body: object): Promise<number> {
  const { status, body: made } = await world.send("POST", "webhooks", body);
  await removeIfMade(world, { status, body: made });
  return status;
}

async function removeIfMade({ send }: Listeners, { body }: Answer) {
  const id = field(body, "_id");
  if (typeof id === "string") await send("DELETE", `webhook/${id}`);
}

export async function removeListeners({ get, send, name }: Listeners) {
  const { body } = await get("webhooks", { top: 1000, skip: 0 });
  for (const one of list(body, "docs"))
    if (String(field(one, "name")).startsWith(name))
      await send("DELETE", `webhook/${String(field(one, "_id"))}`);
}

/** Listeners as they are read: nothing of them but kinds, for they hold keys. */
export const listenersRead: Probe<Vivenu>[] = [
  {
    id: "vivenu/listeners",
    says: "Listeners come as `docs` and `total`, not as `rows`.",
    certainty: "known",
    wanted: { status: 200, docs: "array", total: "number", rows: "undefined" },
    ask: async ({ get }) => {
      const { status, body } = await get("webhooks", { top: 25, skip: 0 });
      return { status, ...kinds(body, "docs", "total", "rows") };
    },
  },
];

/** Listeners that are switched off and hear of nothing. */
export const listeners: Probe<Listeners>[] = [
  {
    id: "vivenu/listener-made",
    says: "A listener is made with 201, and reads back with its key in clear.",
    certainty: "likely",
    wanted: { status: 201, enabled: false, hmacKey: true },
    ask: async (world) => {
      const made = await world.send("POST", "webhooks", listener(world));
      const { body } = await world.get("webhooks", { top: 1000, skip: 0 });
      const id = field(made.body, "_id");
      const read = list(body, "docs").find((one) => field(one, "_id") === id);
      await removeIfMade(world, made);
      return {
        status: made.status,
        enabled: field(read, "enabled"),
        hmacKey: field(read, "hmacKey") === "conformance-probe",
      };
    },
  },
  {
    id: "vivenu/listener-replaced",
    says: "PUT replaces a listener, and what it does not name is reset.",
    certainty: "likely",
    wanted: { status: 201, hmacKey: "null" },
    ask: async (world) => {
      const made = await world.send("POST", "webhooks", listener(world));
      const id = String(field(made.body, "_id"));
      const body = { name: world.name, url: NOWHERE, enabled: false };
      const put = await world.send("PUT", `webhook/${id}`, body);
      await removeIfMade(world, made);
      return { status: put.status, ...kinds(put.body, "hmacKey") };
    },
  },
  {
    id: "vivenu/listener-removed",
    says: "A listener is removed with 200, and is then not there any more.",
    certainty: "known",
    wanted: [200, 404],
    ask: async (world) => {
      const made = await world.send("POST", "webhooks", listener(world));
      const path = `webhook/${String(field(made.body, "_id"))}`;
      return [(await world.send("DELETE", path)).status, (await world.send("DELETE", path)).status];
    },
  },
  {
    id: "vivenu/listener-name",
    says: "A listener's name has 5 to 30 characters.",
    certainty: "known",
    wanted: [400, 400],
    ask: async (world) => [
      await tried(world, listener(world, { name: "four" })),
      await tried(world, listener(world, { name: world.name.padEnd(31, "x") })),
    ],
  },
  {
    id: "vivenu/listener-https",
    says: "A listener's address is HTTPS.",
    certainty: "known",
    wanted: 400,
    ask: (world) => tried(world, listener(world, { url: NOWHERE.replace("https", "http") })),
  },
  {
    id: "vivenu/listener-public",
    says: "A listener's address is no machine's own.",
    certainty: "likely",
    wanted: 400,
    ask: (world) => tried(world, listener(world, { url: "https://localhost/webhooks" })),
  },
  {
    id: "vivenu/listener-types",
    says: "What a listener hears of is an object of booleans, and a type that there is not is answered 400.",
    certainty: "guess",
    wanted: [400, 400],
    ask: async (world) => [
      await tried(world, listener(world, { events: ["event.updated"] })),
      await tried(world, listener(world, { events: { "event.eaten": true } })),
    ],
  },
];
