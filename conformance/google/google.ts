import { required, runProbes, type System } from "../probe.ts";
import { access } from "./access.ts";
import { cells } from "./cells.ts";
import { sent } from "./sent.ts";
import { structure } from "./structure.ts";
import { googleOf, makeTab, removeTab } from "./world.ts";

/** Google allows an account 60 reads and 60 writes a minute. */
const REQUESTS_APART_MS = 1_100;

const writing = [...cells, ...structure, ...sent];

export const google: System = {
  name: "google",
  about: "Google Sheets: tokens, reading, cells, tabs, rows and columns",
  options: [["--spreadsheet <id>", "in the place of GOOGLE_SHEET_ID"]],
  ids: [...access, ...writing].map(({ id }) => id),
  open(env, { url, spreadsheet, signal, pauseMs = REQUESTS_APART_MS }) {
    const names = [
      "GOOGLE_SERVICE_ACCOUNT_EMAIL",
      "GOOGLE_PRIVATE_KEY",
      "GOOGLE_SHEET_ID",
    ] as const;
    const given = required(spreadsheet ? { ...env, GOOGLE_SHEET_ID: spreadsheet } : env, names);
    const spreadsheetId = given.GOOGLE_SHEET_ID;
    // In an environment a key's line ends are written as the two characters \n.
    const privateKey = given.GOOGLE_PRIVATE_KEY.replaceAll("\\n", "\n");
    const baseUrl = (url ?? env.GOOGLE_SHEETS_BASE_URL)?.replace(/\/+$/, "");
    const email = given.GOOGLE_SERVICE_ACCOUNT_EMAIL;
    const world = googleOf({ email, privateKey, spreadsheetId, baseUrl, pauseMs });
    const title = `conformance-${crypto.randomUUID().slice(0, 8)}`;
    return {
      url: `${baseUrl ?? "https://sheets.googleapis.com"}, spreadsheet ${spreadsheetId}`,
      makes: `In spreadsheet ${spreadsheetId} a tab ${title} is made, written to and removed at the end, and a few more whose titles begin with "conformance" for a moment each. No other tab is touched.`,
      secrets: [given.GOOGLE_PRIVATE_KEY, privateKey],
      reading: () => runProbes(access, world, signal),
      async writing() {
        const tab = await makeTab(world, title);
        try {
          return await runProbes(writing, tab, signal);
        } finally {
          await removeTab(world, tab.sheetId);
        }
      },
    };
  },
};
