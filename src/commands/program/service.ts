import type { Command } from "commander";
import manifest from "../../../package.json" with { type: "json" };
import { secretsOf } from "../../config.ts";
import { migrate } from "../../database/migrate.ts";
import { createLogger } from "../../lib/log.ts";
import { hideSecrets } from "../../lib/redact.ts";
import { applyManifest } from "../datacore.ts";
import { startDev } from "../dev.ts";
import { type Called, limitStop, type Runner, withDatabase, withParts } from "../run.ts";
import { serve } from "../serve.ts";

const { version } = manifest;

export function addService(
  program: Command,
  { run, say, configure, stopSignal }: Runner,
  { env }: Called,
) {
  program
    .command("serve")
    .description(
      "serve the API and the webhooks, and keep rows and sheet up to date, until SIGTERM",
    )
    .action(
      run(async () => {
        const signal = stopSignal();
        const config = await configure({});
        limitStop(signal, config.http.drainMs);
        await withDatabase(config.database.url.reveal(), migrate);
        await withParts(config, createLogger(config.log.level), async (parts) => {
          await serve({ ...parts, version: version, pollOnStart: false }, signal);
        });
        return undefined;
      }),
    );
  program
    .command("dev")
    .description("run everything here, with a stand-in for each system that has no credentials")
    .action(
      run(async () => {
        const signal = stopSignal();
        const dev = await startDev(env);
        hideSecrets(secretsOf(dev.config));
        try {
          await withDatabase(dev.config.database.url.reveal(), migrate);
          await withParts(dev.config, createLogger(dev.config.log.level), async (parts) => {
            await applyManifest(dev.config);
            const onListening = (port: number) => void say(dev.ready(port));
            const serving = serve(
              { ...parts, version: version, pollOnStart: true, onListening },
              signal,
            );
            await Promise.race([serving, dev.failed]);
          });
        } finally {
          await dev.stop();
        }
        return undefined;
      }),
    );
}
