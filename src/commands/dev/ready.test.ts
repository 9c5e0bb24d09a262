import { expect, test } from "bun:test";
import { usableEnvironment } from "../../../test/support/usable-environment.ts";
import { loadConfig } from "../../config/config.ts";
import { banner } from "./ready.ts";

const { BACKEND_API_KEY: _key, ...keyless } = usableEnvironment;
const none = { sheetPage: undefined, noticesPage: undefined, played: [], env: {} };
const digest = "51d0d85066a664bd15ac96a60d5bffb91d95b0f8c3a157d840ecd83277d33802";

test.each([
  [{}, "no key needed here, for only this machine is answered"],
  [{ BACKEND_API_KEY: "dev" }, "send one as a bearer token or X-API-Key"],
  [{ API_KEYS: `reader:read:${digest}` }, "send one as a bearer token or X-API-Key"],
  [{ API_KEYS_FILE: "/keys" }, "send one as a bearer token or X-API-Key"],
])("dev says whether a key is asked for: with %j", (keys, said) => {
  const config = loadConfig({ ...keyless, ...keys }, { dev: true });
  expect(banner({ port: 18_765, config, ...none })).toContain(`  API key        ${said}`);
});
