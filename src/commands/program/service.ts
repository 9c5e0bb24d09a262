import { type Command, Option } from "commander";
import manifest from "../../../package.json" with { type: "json" };
import { secretsOf } from "../../config/secret.ts";
import { type Role, roles } from "../../config/service.ts";
import { migrate } from "../../database/migrate.ts";
import { refuseLentSessions } from "../../database/pooler.ts";
import { createLogger } from "../../lib/logger.ts";
import { hideSecrets } from "../../lib/redact.ts";
import { type Part, parts } from "../../service/processes/serve-options.ts";
import {
  type Called,
  type Common,
  limitStop,
  type Runner,
  withDatabase,
  withSurroundings,
} from "../run/run.ts";
import { POLL_ON_START, serve } from "../serve.ts";
import { devOption } from "./options.ts";
import { refuseOtherOrigin } from "./refuse-other-origin.ts";

const { version } = manifest;

interface Served extends Common {
  role?: Role;
  part?: Part;
  pollOnStart?: boolean;
}

export function addService(
  program: Command,
  { run, say, configure, environment, stopSignal }: Runner,
  { env, parent }: Called,
) {
  program
    .command("serve")
    .description(
      "serve the API and the webhooks, and keep rows and sheet up to date, until SIGTERM",
    )
    .addOption(
      new Option(
        "--role <role>",
        "http: webhooks, API and status; worker: the loops between Vivenu, log, rows and sheet; all: both, each in a process of its own (default: SERVE_ROLE, or all)",
      ).choices(roles),
    )
    // Of the processes that it starts itself.
    .addOption(new Option("--part <part>").choices(parts).hideHelp())
    .addOption(new Option(POLL_ON_START).hideHelp())
    .addOption(devOption("the systems").hideHelp())
    .action(
      run(async (options: Served) => {
        const { part, pollOnStart = false, dev: isDev = false } = options;
        const signal = stopSignal();
        const config = await configure(options);
        const role = options.role ?? config.role;
        limitStop(signal, part === "worker" ? 0 : config.http.drainMs);
        if (!part) {
          const url = config.database.url.reveal();
          await refuseLentSessions(url);
          await withDatabase(url, async (sql) => {
            await migrate(sql);
            await refuseOtherOrigin(sql, config);
          });
        }
        const logger = createLogger(config.log.level);
        const own = await environment(options);
        await serve(
          { config, logger, version, role, part, parent, env: own, isDev, pollOnStart },
          signal,
        );
        return undefined;
      }),
    );
  program
    .command("dev")
    .description("run everything here, with a stand-in for each system that has no credentials")
    .action(
      run(async () => {
        const signal = stopSignal();
        const { startDev } = await import("../dev/dev.ts");
        const { applyManifest } = await import("../datacore.ts");
        const dev = await startDev(env);
        hideSecrets(secretsOf(dev.config));
        try {
          await withDatabase(dev.config.database.url.reveal(), async (sql) => {
            await migrate(sql);
            await refuseOtherOrigin(sql, dev.config, { isWanted: dev.isMixing });
          });
          const logger = createLogger(dev.config.log.level);
          await withSurroundings(dev.config, logger, async () => applyManifest(dev.config));
          const serving = serve(
            {
              config: dev.config,
              logger,
              version,
              role: "all",
              env: dev.environment,
              isDev: true,
              pollOnStart: true,
              onListening: (port) => void say(dev.ready(port)),
            },
            signal,
          );
          await Promise.race([serving, dev.failed]);
        } finally {
          await dev.stop();
        }
        return undefined;
      }),
    );
}
