/**
 * Signs a webhook and sends it, as Vivenu would: `npm run webhook -- --help`. Without options it takes the
 * fixture, an `event.updated`, and a running `dev`.
 */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Command } from "commander";
import { dataDirOf } from "../src/commands/run/dev-settings.ts";
import { setVariables } from "../src/config/values.ts";
import { sign } from "../src/vivenu/signature.ts";

// A line of `env.example` that nobody filled in sets nothing.
const env = setVariables(process.env);
const program = new Command("npm run webhook --")
  .description("sign a webhook, an event.updated unless --file says another, and send it")
  .option("--region <region>", "the account it is for", "DACH")
  .option("--file <path>", "the body to start from", "test/fixtures/vivenu/event.updated.json")
  .option("--name <name>", "another name for the event")
  .option("--sell-start <instant>", "another launch, 2026-02-12T11:00:00Z")
  .option("--url <url>", "the service", `http://localhost:${env.PORT ?? 18765}`)
  .option("--key <key>", "the webhook key; else <REGION>_WEBHOOK_SECRET, VIVENU_SECRET, or dev's")
  .option("--times <n>", "how often the same delivery is sent", "1")
  .option("--wrong", "sign with another key, to see it refused");
const options = program.parse().opts<{
  region: string;
  file: string;
  name?: string;
  sellStart?: string;
  url: string;
  key?: string;
  times: string;
  wrong?: boolean;
}>();

const region = options.region.toUpperCase();
const delivery = await readBody(options.file);
delivery.id = randomUUID();
const event = delivery.data?.event;
if (event) event.updatedAt = new Date().toISOString();
else if (options.name ?? options.sellStart)
  program.error("--name and --sell-start are for a body that describes an event");
if (options.name) event.name = options.name;
if (options.sellStart) event.sellStart = new Date(options.sellStart).toISOString();
const body = new TextEncoder().encode(JSON.stringify(delivery));
const key = options.wrong ? "not the key" : await webhookKey();

for (let sent = 0; sent < Number(options.times); sent += 1) {
  const response = await fetch(`${options.url}/webhooks/vivenu/${region.toLowerCase()}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-vivenu-signature": sign(body, key) },
    body,
  }).catch(() => program.error(`nobody answers at ${options.url}: start \`dev\`, or say --url`));
  process.stdout.write(`${response.status} ${await response.text()}\n`);
}

/** What Vivenu sends is a JSON object. */
async function readBody(path: string) {
  const text = await readFile(path, "utf8").catch(({ code }) =>
    program.error(`${path} cannot be read (${code})`),
  );
  try {
    const body = JSON.parse(text);
    if (body instanceof Object) return body;
  } catch {
    // It is told below.
  }
  return program.error(`${path} holds no JSON object`);
}

async function webhookKey(): Promise<string> {
  const path = join(dataDirOf(env), "dev.env");
  const dev = parseEnv(await readFile(path, "utf8").catch(() => ""));
  const name = `${region}_WEBHOOK_SECRET`;
  const keys = [options.key, env[name], env.VIVENU_SECRET, dev[name]]
    .flatMap((some) => some?.split(",") ?? [])
    .map((key) => key.trim())
    .filter((key) => key !== "");
  if (keys[0]) return keys[0];
  return program.error(`no webhook key: give --key, set ${name}, or start \`dev\``);
}
