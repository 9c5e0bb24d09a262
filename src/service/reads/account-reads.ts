import { readLastCompletePolls, readLastPolls } from "../../projections/tables/polls.ts";
import type { ServeOptions } from "../processes/serve-options.ts";

/** The accounts that are read or once were, in the configured order, each with how old its numbers are and why. */
export const accountReader = ({ config, sql }: Pick<ServeOptions, "config" | "sql">) =>
  async function readAccounts() {
    const [last, complete] = await Promise.all([readLastPolls(sql), readLastCompletePolls(sql)]);
    // Without a key an account is not read; one that was, once, has numbers that stand still.
    const read = new Set([
      ...config.vivenu.accounts.map(({ region }) => region),
      ...last.map(({ account }) => account),
    ]);
    const regions = config.vivenu.regions.filter((region) => read.has(region));
    return regions.map((region) => {
      const poll = last.find(({ account }) => account === region);
      const at = complete.find(({ account }) => account === region)?.finishedAt;
      const reason = poll?.complete === false ? (poll.failures[0]?.reason ?? "") : null;
      return { region, completeAt: at?.toISOString() ?? null, reason };
    });
  };
