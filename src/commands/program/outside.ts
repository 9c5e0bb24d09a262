import type { Command } from "commander";
import { systemClock } from "../../lib/clock.ts";
import { exitCodes } from "../run/outcome.ts";
import { type Common, type Runner, requireMigrated, withSurroundings } from "../run/run.ts";
import { devOption, publicUrlOption } from "./options.ts";

/** Whatever looks after the systems around the service. In a log or through a pipe they are read by people. */
export function addOutside(program: Command, runner: Runner) {
  const { run, configure, environment, devFile, quietLog } = runner;
  program
    .command("doctor")
    .description("check every setting and every system, and say how to mend what is wrong")
    .addOption(publicUrlOption())
    .addOption(devOption("the systems"))
    .action(
      run(
        async (options: Common & { publicUrl?: string }) => {
          const { dev = false } = options;
          const { describeDoctor, doctor, doctorExitCode } = await import("../doctor/doctor.ts");
          const findings = await doctor(await environment(options), {
            dev,
            clock: systemClock,
            publicUrl: options.publicUrl,
            devFile: dev ? devFile() : undefined,
          });
          return {
            value: findings,
            text: describeDoctor(findings),
            code: doctorExitCode(findings),
          };
        },
        { piped: "text" },
      ),
    );
  program
    .command("api-key")
    .description("make a key for the API, and say how it is configured; it is kept nowhere")
    .argument("<name>", "what it is called, in the configuration and nowhere else")
    .option(
      "--scopes <scopes>",
      "read or admin, and what it is kept to: read+account=DACH, read+event=ID",
      "read",
    )
    .action(
      run(
        async ({ scopes }: { scopes: string }, { processedArgs: [name] }) => {
          const { makeApiKey } = await import("../api-key.ts");
          return makeApiKey({ name: String(name), scopes });
        },
        { piped: "text" },
      ),
    );
  program
    .command("notify")
    .description("the channels that people are told by, and what they have not been told")
    .option("--test <channel>", "send it a message that says that it works")
    .addOption(devOption("the channels"))
    .action(
      run(
        async (options: Common & { test?: string }) => {
          const config = await configure(options);
          const { listChannels, testChannel } = await import("../notify.ts");
          if (options.test !== undefined)
            return testChannel({ config, clock: systemClock }, options.test);
          return withSurroundings(config, quietLog(config), async (surroundings) => {
            await requireMigrated(surroundings.sql);
            return listChannels(surroundings);
          });
        },
        { piped: "text" },
      ),
    );
  program
    .command("datacore")
    .description("the data core in Flowcore")
    .command("apply")
    .description("create what flowcore.yaml declares and is not there, and say what differs")
    .option("--check", "create nothing; exit code 1 when something is missing")
    .addOption(devOption("the datacore"))
    .action(
      run(
        async (options: Common & { check?: boolean }) => {
          const { applyManifest, checkManifest, describeDrift, readPolicy } = await import(
            "../datacore.ts"
          );
          const config = await configure(options);
          const created = options.check ? [] : (await applyManifest(config)).created;
          const drift = await checkManifest(config);
          const code = drift.missing.length > 0 ? exitCodes.unfinished : exitCodes.well;
          const policy = await readPolicy(config);
          const text = describeDrift(created, drift, policy);
          return { value: { created, ...drift, policy: JSON.parse(policy) }, text, code };
        },
        { piped: "text" },
      ),
    );
  const webhooks = program
    .command("webhooks")
    .description("the accounts' webhook listeners in Vivenu; no key is ever printed");
  for (const [name, description, work] of [
    ["list", "how they are, held against how they should be", "listWebhooks"],
    ["sync", "one listener an account, with its own key; heals what differs", "syncWebhooks"],
    ["remove", "delete ours, and no others", "removeWebhooks"],
  ] as const)
    webhooks
      .command(name)
      .description(description)
      .addOption(publicUrlOption().makeOptionMandatory())
      .addOption(devOption("the played Vivenu"))
      .action(
        run(
          async (options: Common & { publicUrl: string }) => {
            const config = await configure(options);
            const {
              [work]: look,
              describeWebhooks,
              webhooksExitCode,
            } = await import("../webhooks.ts");
            const reports = await look({ config, clock: systemClock }, options.publicUrl);
            const code = webhooksExitCode(reports);
            return { value: reports, text: describeWebhooks(reports), code };
          },
          { piped: "text" },
        ),
      );
}
