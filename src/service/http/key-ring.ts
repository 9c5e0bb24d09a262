import { stat } from "node:fs/promises";
import type { ApiKey, KeyRing } from "../../api/request/callers.ts";
import { describeFaults, readKeysFile } from "../../commands/build/keys-file.ts";
import { type ConfiguredKey, sharedKeyFaults } from "../../config/api-keys.ts";
import type { Config } from "../../config/config.ts";
import { keyFaults } from "../../config/named-regions.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";

/** So often a file is looked at, at most. */
const LOOK_MS = 1_000;

interface KeyRingOptions {
  settings: Pick<Config["http"], "named" | "keysFile">;
  /** The accounts that a key can be kept to. */
  regions: readonly string[];
  clock: Clock;
  logger: Logger;
}

export interface WatchedKeys extends KeyRing {
  /** What is wrong with the file now. */
  problems(): Promise<string[]>;
}

/**
 * The keys of the environment and of a file that is read again when it changes. A file that cannot be read
 * any more, or has a fault, opens for nobody new and shuts nobody out: the log and `/status` say what is
 * wrong with it. Undefined where no keys are configured at all.
 */
export function keyRing({
  settings,
  regions,
  clock,
  logger,
}: KeyRingOptions): WatchedKeys | undefined {
  const { named, keysFile } = settings;
  const fixed = named.map(keyOf);
  if (keysFile === undefined)
    return fixed.length === 0
      ? undefined
      : { read: () => Promise.resolve(fixed), problems: async () => [] };
  let lookedAt = Number.NEGATIVE_INFINITY;
  let seen = "";
  let all: readonly ApiKey[] = fixed;
  let looking: Promise<void> | undefined;
  let faults: readonly string[] = [];
  /** What its keys name and nobody has; they are in force all the same, for others may be named beside it. */
  let unknown: readonly string[] = [];

  return {
    async read() {
      await lookInTime(keysFile);
      return all;
    },
    async problems() {
      await lookInTime(keysFile);
      const named = unknown.map((fault) => `${fault}.`);
      if (faults.length === 0) return named;
      return [
        ...named,
        `API_KEYS_FILE: ${describeFaults(faults)}. The keys that were read before are in force; mend the file.`,
      ];
    },
  };

  async function lookInTime(path: string) {
    const now = clock.now().getTime();
    if (now - lookedAt < LOOK_MS && now >= lookedAt) return;
    looking ??= look(path).finally(() => {
      lookedAt = now;
      looking = undefined;
    });
    await looking;
  }

  async function look(path: string) {
    const found = await stat(path).then(
      ({ mtimeMs, size, ino, mode }) => `${mtimeMs} ${size} ${ino} ${mode}`,
      () => "gone",
    );
    if (found === seen) return;
    const read = await readKeysFile(path);
    seen = found;
    const shared = sharedKeyFaults([...named, ...read.keys]);
    faults = read.faults.length > 0 ? read.faults : shared;
    if (faults.length > 0) return logger.error({ path, faults }, "keys.unreadable");
    unknown = keyFaults("API_KEYS_FILE", read.keys, regions);
    if (unknown.length > 0) logger.warn({ path, unknown }, "keys.of_no_account");
    all = [...fixed, ...read.keys.map(keyOf)];
    logger.info({ keys: all.map(({ name }) => name) }, "keys.read");
  }
}

const keyOf = ({ digest, ...key }: ConfiguredKey): ApiKey => ({
  ...key,
  digest: Buffer.from(digest.reveal(), "hex"),
});
