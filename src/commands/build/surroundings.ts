import type { Config } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import type { OnOver } from "../../vivenu/request.ts";

/** What every command is built from. */
export interface Surroundings {
  config: Config;
  sql: Pool;
  clock: Clock;
  logger: Logger;
  /** Told of each request to Vivenu when it is sent, and by what it returns when it is over. */
  onRequest?: (account: string) => OnOver;
  /** Told now and then while a request waits by right, for a limit of ours or of Vivenu's. */
  onWaiting?: (account: string) => void;
  /** Told of each request to Google. */
  onSheetRequest?: (outcome: string) => void;
  /** Told what time Google has, at each of its answers. */
  onGoogleDate?: (theirs: Date) => void;
}
