import { z } from "zod";
import { faultOf } from "../../config/faults.ts";
import { unknownNames } from "../../config/unknown-names.ts";
import { flag, oneOf, whole } from "../../config/values.ts";

type Given = Record<string, string | undefined>;

/** What `dev` alone is told by its environment: what it must be, and for whom it is described in the documentation. */
const Settings = z.object({
  DATA_DIR: z
    .string()
    .default(".data")
    .describe("Where `dev` keeps its PostgreSQL and what it plays."),
  SANDBOX_PORT: whole(1, 65_532)
    .default(18_800)
    .describe("The first of the stand-ins' four ports: sheet, Vivenu, Flowcore, PostgreSQL."),
  SANDBOX_LIVE_SALES: flag.default(true).describe("`off` keeps the played season still."),
  SANDBOX_SEASON: oneOf(["years", "full", "small"])
    .default("years")
    .describe(
      "How much is played: 40 events and 36 of the years before, which a forecast can learn from; with `full` the 40 alone, with `small` a handful.",
    ),
  SANDBOX_MIX: flag
    .default(false)
    .describe(
      "`on` lets a played Vivenu write into a real Flowcore, a real spreadsheet or a PostgreSQL that is not on this machine.",
    ),
});

export type DevSettings = z.infer<typeof Settings>;

export const devVariables = Object.keys(Settings.shape);

export const describeDevVariables = () =>
  Object.entries(Settings.shape).map(([name, { description = "", def }]) => ({
    name,
    description,
    fallback: String(def.defaultValue).replace("true", "on").replace("false", "off"),
  }));

/** The settings, or every fault of theirs and of names that are nearly theirs. */
export function readDevSettings(given: Given): DevSettings | { faults: string[] } {
  const read = Settings.safeParse(given);
  const regions = { named: [], known: [] };
  const { faults } = unknownNames(given, { variables: devVariables, regions });
  if (!read.success) faults.push(...read.error.issues.map((issue) => faultOf(issue, given)));
  return read.success && faults.length === 0 ? read.data : { faults };
}

/** Where a running `dev` leaves what other commands need. */
export const dataDirOf = ({ DATA_DIR }: Given) =>
  Settings.shape.DATA_DIR.parse(DATA_DIR?.trim() || undefined);
