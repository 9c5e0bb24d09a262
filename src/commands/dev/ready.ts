import type { Config } from "../../config/config.ts";
import { type Env, type System, systems } from "./systems.ts";

interface ReadyOptions {
  port: number;
  config: Config;
  played: System[];
  sheetPage: string | undefined;
  noticesPage: string | undefined;
  env: Env;
}

/** What runs where, for whoever reads it in a terminal. */
export function banner({
  port,
  config,
  played,
  sheetPage,
  noticesPage,
  env,
}: ReadyOptions): string {
  const at = `http://localhost:${port}`;
  const { named, keysFile } = config.http;
  const isKeyWanted = named.length > 0 || keysFile !== undefined;
  const key = isKeyWanted
    ? "send one as a bearer token or X-API-Key"
    : "no key needed here, for only this machine is answered";
  const where = placesOf({ config, sheetPage, noticesPage, env });
  const lines = [
    "",
    "  vivenu-event-monitor is running",
    "",
    ...thereAre(played, config).map(
      (system) =>
        `  ${system.padEnd(14)} ${played.includes(system) ? "played" : "real  "}  ${where[system]}`,
    ),
    "",
    `  the page       ${at}/`,
    `  events         ${at}/api/events`,
    `  API docs       ${at}/docs`,
    `  status         ${at}/status`,
    ...(sheetPage ? [`  the sheet      ${sheetPage}`] : []),
    ...(played.includes("Vivenu") ? [`  the season     ${config.vivenu.baseUrl}/sandbox`] : []),
    `  API key        ${key}`,
    "",
    "  Ctrl-C stops it; the next start goes on where it was.",
    "",
  ];
  return lines.join("\n");
}

/** The same for a program. */
export function readyEvent({ port, config, played, sheetPage, noticesPage, env }: ReadyOptions) {
  const where = placesOf({ config, sheetPage, noticesPage, env });
  return {
    event: "dev.ready",
    url: `http://localhost:${port}`,
    systems: thereAre(played, config).map((system) => ({
      system,
      played: played.includes(system),
      at: where[system],
    })),
  };
}

/** Nobody need be told anything. */
const thereAre = (played: System[], { notify }: Config) =>
  systems.filter((one) => one !== "Notifications" || played.includes(one) || notify !== undefined);

const placesOf = ({
  config,
  sheetPage,
  noticesPage,
  env,
}: Pick<ReadyOptions, "config" | "sheetPage" | "noticesPage" | "env">): Record<System, string> => ({
  PostgreSQL: hostOf(env.DATABASE_URL),
  Flowcore: env.FLOWCORE_BASE_URL ?? "api.flowcore.io",
  Vivenu: config.vivenu.baseUrl,
  "Google Sheets": sheetPage ?? env.GOOGLE_SHEETS_BASE_URL ?? "docs.google.com",
  Notifications: noticesPage ?? (config.notify?.channels ?? []).map(({ name }) => name).join(", "),
});

const hostOf = (url: string | undefined) => (url ? new URL(url).host : "");
