import { readFile, stat } from "node:fs/promises";
import type { ApiKey, KeyRing } from "../api/callers.ts";
import { type ConfiguredKey, readKeys } from "../config/api-keys.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

/** So often a file is looked at, at most. */
const LOOK_MS = 1_000;

interface KeyRingOptions {
  settings: Pick<Config["http"], "named" | "keysFile">;
  clock: Clock;
  logger: Logger;
}

/**
 * The keys of the environment and of a file that is read again when it changes. A file that cannot be read
 * any more, or has a fault, opens for nobody new and shuts nobody out: the log says what is wrong with it.
 * Undefined where no keys are configured at all.
 */
export function keyRing({ settings, clock, logger }: KeyRingOptions): KeyRing | undefined {
  const { named, keysFile } = settings;
  const fixed = named.map(keyOf);
  if (keysFile === undefined)
    return fixed.length === 0 ? undefined : { read: () => Promise.resolve(fixed) };
  let lookedAt = Number.NEGATIVE_INFINITY;
  let seen = "";
  let all: readonly ApiKey[] = fixed;
  let looking: Promise<void> | undefined;

  return {
    async read() {
      const now = clock.now().getTime();
      if (now - lookedAt >= LOOK_MS || now < lookedAt) {
        looking ??= look(keysFile).finally(() => {
          lookedAt = now;
          looking = undefined;
        });
        await looking;
      }
      return all;
    },
  };

  async function look(path: string) {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const found = `${mtimeMs} ${size} ${ino}`;
      if (found === seen) return;
      const { keys, faults } = readKeys(await readFile(path, "utf8"));
      seen = found;
      if (faults.length > 0) return unusable(faults);
      all = [...fixed, ...keys.map(keyOf)];
      logger.info({ keys: all.map(({ name }) => name) }, "keys.read");
    } catch (error) {
      if (seen !== "gone") unusable([error instanceof Error ? error.message : String(error)]);
      seen = "gone";
    }
  }

  function unusable(faults: string[]) {
    logger.error({ path: keysFile, faults }, "keys.unreadable");
  }
}

const keyOf = ({ digest, ...key }: ConfiguredKey): ApiKey => ({
  ...key,
  digest: Buffer.from(digest.reveal(), "hex"),
});
