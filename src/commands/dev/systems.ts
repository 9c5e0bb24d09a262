import { HYROX_REGIONS } from "../../config/accounts.ts";

export type Env = Record<string, string | undefined>;

/** The outside systems, each real or played here. */
export const systems = [
  "PostgreSQL",
  "Flowcore",
  "Vivenu",
  "Google Sheets",
  "Notifications",
] as const;
export type System = (typeof systems)[number];

/** What a developer need not say. */
export const defaults: Env = {
  LOG_LEVEL: "warn",
  FLOWCORE_TENANT: "hyrox",
  FLOWCORE_DATA_CORE: "vivenu-event-monitor",
};

export function isPlayed(system: System, given: Env): boolean {
  const has = (name: string) => Boolean(given[name]?.trim());
  // Who is told what happens in a real Vivenu is for a person to say.
  if (system === "Notifications") return isPlayed("Vivenu", given) && !notifyVariables.some(has);
  if (system === "PostgreSQL") return !has("DATABASE_URL");
  if (system === "Flowcore") return !has("FLOWCORE_API_KEY");
  if (system === "Google Sheets")
    return !["GOOGLE_SHEET_ID", "GOOGLE_PRIVATE_KEY", "GOOGLE_SERVICE_ACCOUNT_EMAIL"].some(has);
  return !regionsOf(given).some((region) => has(`${region}_API`));
}

export const notifyVariables = ["NOTIFICATIONS", "NOTIFICATIONS_FILE"];

/** The accounts that are named, or those that are known without. */
export const regionsOf = ({ VIVENU_REGIONS }: Env) =>
  VIVENU_REGIONS?.trim()
    ? VIVENU_REGIONS.split(",").map((name) => name.trim().toUpperCase())
    : HYROX_REGIONS;
