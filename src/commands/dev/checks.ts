import { HYROX_REGIONS } from "../../config/accounts.ts";
import { loadConfig } from "../../config/config.ts";
import { UnusableEnvironment } from "../../config/faults.ts";
import { type DevSettings, readDevSettings } from "../run/dev-settings.ts";
import { defaults, type Env, notifyVariables, regionsOf, type System } from "./systems.ts";

/** Where a system is played, what it will be told by who plays it. */
const standIns: Record<System, Env> = {
  PostgreSQL: { DATABASE_URL: "postgres://127.0.0.1/played" },
  Flowcore: { FLOWCORE_API_KEY: "fc_played_played" },
  Vivenu: { VIVENU_REGIONS: HYROX_REGIONS.join(","), DACH_API: "played" },
  "Google Sheets": {},
  Notifications: {},
};

/** Every fault of the settings, before anything is started. */
export function checkSettings(given: Env, played: System[]): DevSettings {
  const settings = readDevSettings(given);
  const faults = "faults" in settings ? settings.faults : [];
  faults.push(...left(given, played));
  try {
    const filled = Object.assign({ ...defaults, ...given }, ...played.map((one) => standIns[one]));
    loadConfig(filled, { dev: true, written: given });
  } catch (error) {
    if (!(error instanceof UnusableEnvironment)) throw error;
    faults.push(...error.faults);
  }
  if ("faults" in settings || faults.length > 0) throw new UnusableEnvironment(faults);
  return settings;
}

/** A key of an account that VIVENU_REGIONS leaves out: whoever set it does not wish for a played Vivenu. */
function left(given: Env, played: System[]): string[] {
  if (!played.includes("Vivenu")) return [];
  const name = HYROX_REGIONS.map((region) => `${region}_API`).find((one) => given[one]);
  if (name === undefined) return [];
  return [
    `${name} is set, but VIVENU_REGIONS names ${regionsOf(given).join(", ")}, of which none has a key. ` +
      "Name the account there, or remove its key to have Vivenu played.",
  ];
}

/** Facts of a season that never was do not belong into a real log or database, nor into the sheet people work in. */
export function refuseMixing(played: System[], given: Env, isWanted: boolean) {
  if (!played.includes("Vivenu") || isWanted) return;
  const real = [
    ...(isElsewhere(given.DATABASE_URL) ? ["PostgreSQL"] : []),
    ...(played.includes("Flowcore") || given.FLOWCORE_BASE_URL ? [] : ["Flowcore"]),
    ...(played.includes("Google Sheets") || given.GOOGLE_SHEETS_BASE_URL ? [] : ["Google Sheets"]),
    ...(notifyVariables.some((name) => given[name]) ? ["who is told by NOTIFICATIONS"] : []),
  ];
  if (real.length === 0) return;
  throw new UnusableEnvironment([
    `Vivenu is played, for no <REGION>_API is set, but ${real.join(" and ")} would be real and get a made-up season. ` +
      "Set a region's key, or remove the other credentials, or say SANDBOX_MIX=on if that is what you want.",
  ]);
}

/** A database on this machine is a developer's own. */
const isElsewhere = (url: string | undefined) =>
  url !== undefined && !/^(localhost|127\.[\d.]+|\[::1\]|)$/.test(new URL(url).hostname);
