import { createHash } from "node:crypto";
import { keptAnswers } from "../../api/answer/kept-answers.ts";
import type { Keeping } from "../../api/kept.ts";
import type { Config } from "../../config/config.ts";
import { revisionReader } from "../../projections/queries/rows-revision.ts";
import type { ServeOptions } from "../processes/serve-options.ts";

/** About a hundred questions of dashboards, an answer each of some tens of kilobytes as it is sent. */
const MOST_BYTES = 8 * 1024 * 1024;

/** By what every replica of the same program and the same settings tells that an answer still holds. */
export const keepingOf = ({ config, sql, version }: ServeOptions): Keeping => ({
  readRevision: revisionReader(sql),
  salt: createHash("sha256")
    .update(JSON.stringify([version, settingsOf(config)]))
    .digest("hex"),
  answers: keptAnswers({ mostBytes: MOST_BYTES }),
});

/** Too much rather than too little: all but where the process runs and who may ask it. Secrets stay hidden. */
function settingsOf({ http: _http, log: _log, database: _database, role: _role, ...all }: Config) {
  return all;
}
