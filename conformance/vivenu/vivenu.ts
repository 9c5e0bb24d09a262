import { MissingCredentials, required, runProbes, type System } from "../probe.ts";
import { events } from "./events.ts";
import { listeners, listenersRead, removeListeners } from "./listeners.ts";
import { tickets } from "./tickets.ts";
import { vivenuOf } from "./world.ts";

/** About four a second: the account's thousand an hour are for the product as well. */
const REQUESTS_APART_MS = 250;

const reading = [...events, ...tickets, ...listenersRead];

export const vivenu: System = {
  name: "vivenu",
  about: "one account of Vivenu: events, tickets, listeners",
  options: [["--region <name>", "the account, as in <REGION>_API"]],
  ids: [...reading, ...listeners].map(({ id }) => id),
  open(env, { url, region, signal, pauseMs = REQUESTS_APART_MS }) {
    const name = (region ?? onlyAccount(env)).toUpperCase();
    const variable = `${name}_API`;
    const { [variable]: apiKey = "" } = required(env, [variable]);
    const baseUrl = (url ?? env.VIVENU_BASE_URL ?? "https://vivenu.com").replace(/\/+$/, "");
    const world = vivenuOf({ url: baseUrl, apiKey, pauseMs });
    return {
      url: `${baseUrl}, account ${name}`,
      makes: `In account ${name} up to nine webhook listeners named ${world.name} are made one after the other, all switched off, and each is removed at once. No event and no ticket is touched.`,
      secrets: [apiKey],
      reading: () => runProbes(reading, world, signal),
      async writing() {
        try {
          return await runProbes(listeners, world, signal);
        } finally {
          await removeListeners(world);
        }
      },
    };
  },
};

/** The one account that has a key; which of several is for the caller to say. */
function onlyAccount(env: Record<string, string | undefined>): string {
  const names = Object.keys(env)
    .filter((key) => /^[A-Z][A-Z0-9_]*_API$/.test(key) && env[key]?.trim())
    .map((key) => key.slice(0, -"_API".length));
  const [name, ...more] = names;
  if (name && more.length === 0) return name;
  throw new MissingCredentials(
    name
      ? `several accounts have a key (${names.join(", ")}): say which one with --region`
      : "no account has a key: set <REGION>_API (docs/configuration.md) and say which with --region",
  );
}
