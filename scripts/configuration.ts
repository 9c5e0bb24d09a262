/** `npm run docs` writes docs/configuration.md from the code; a test compares them. */
import { describeDevVariables } from "../src/commands/run/dev-settings.ts";
import { HYROX_REGIONS } from "../src/config/accounts.ts";
import { describeVariables } from "../src/config/config.ts";

const regionRows = [
  ["API", "The account's Vivenu API key. An account is on when its key is there."],
  [
    "WEBHOOK_SECRET",
    "The `hmacKey` of the account's webhook listener, 16 characters at least (`openssl rand -hex 32` makes one); comma-separated while it is being rotated. Falls back to `VIVENU_SECRET`; with neither, the account's webhooks are refused.",
  ],
  ["SELLER_ID", "The account's seller id; unset, it is learned from Vivenu at the first poll."],
];

export function configurationPage(): string {
  const rows = describeVariables().map(
    ({ name, description, required, fallback }) =>
      `| \`${name}\` | ${required ? "**required**" : fallback ? `\`${fallback}\`` : ""} | ${description} |`,
  );
  return [
    "# Configuration",
    "",
    "Made from `src/config` by `npm run docs`. An empty variable counts as unset; every fault is named at once when the program starts.",
    "",
    "| variable | default | meaning |",
    "|---|---|---|",
    ...rows,
    "",
    `For each account (${HYROX_REGIONS.map((region) => `\`${region}\``).join(", ")}; others by \`VIVENU_REGIONS\`):`,
    "",
    "| variable | meaning |",
    "|---|---|",
    ...regionRows.map(([name, meaning]) => `| \`<REGION>_${name}\` | ${meaning} |`),
    "",
    "For `dev` only:",
    "",
    "| variable | default | meaning |",
    "|---|---|---|",
    ...describeDevVariables().map(
      ({ name, fallback, description }) => `| \`${name}\` | \`${fallback}\` | ${description} |`,
    ),
    "",
  ].join("\n");
}

if (import.meta.main) await Bun.write("docs/configuration.md", configurationPage());
