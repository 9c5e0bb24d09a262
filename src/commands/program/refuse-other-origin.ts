import type { Config } from "../../config/config.ts";
import { UnusableEnvironment } from "../../config/faults.ts";
import type { Sql } from "../../database/connect.ts";
import { changeOrigin, keepOrigin, kindOf, type Origin } from "../../database/origin.ts";

/**
 * Facts of a season that never was and real ones do not belong into one database, whichever came first: the
 * database remembers whom it was filled from. Throws where that is another now, unless that is wanted.
 */
export async function refuseOtherOrigin(
  sql: Sql,
  { vivenu, flowcore }: Pick<Config, "vivenu" | "flowcore">,
  { isWanted = false } = {},
): Promise<void> {
  const now: Origin = {
    vivenu: kindOf(vivenu.baseUrl),
    flowcore: kindOf(flowcore.baseUrl),
  };
  const before = await keepOrigin(sql, now);
  const names = { vivenu: "Vivenu", flowcore: "Flowcore" } as const;
  const faults = (["vivenu", "flowcore"] as const)
    .filter((system) => before[system] !== now[system])
    .map(
      (system) => `a ${before[system]} ${names[system]}, and now it would be a ${now[system]} one`,
    );
  if (faults.length === 0) return;
  if (isWanted) return void (await changeOrigin(sql, now));
  throw new UnusableEnvironment([
    `The database was filled from ${faults.join("; from ")}: what is real and what is made up would stand in one table. ` +
      "Set DATABASE_URL to an empty database (`dev` with one of its own: another DATA_DIR), or say SANDBOX_MIX=on to `dev` if that is what you want.",
  ]);
}
