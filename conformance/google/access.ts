import { field, kinds, list } from "../http.ts";
import type { Probe } from "../probe.ts";
import { type Google, INVALID, refused } from "./world.ts";

const answer = ({ status, body }: { status: number; body: unknown }) =>
  `${status} ${field(body, "error", "status")}`;

/** Who asks, and what is read without a tab of one's own. */
export const access: Probe<Google>[] = [
  {
    id: "google/no-token",
    says: "A request without a token is answered 403 PERMISSION_DENIED.",
    certainty: "likely",
    wanted: "403 PERMISSION_DENIED",
    ask: async ({ plain, spreadsheetId }) => answer(await plain(`spreadsheets/${spreadsheetId}`)),
  },
  {
    id: "google/wrong-token",
    says: "A token that Google did not hand out is answered 401 UNAUTHENTICATED.",
    certainty: "known",
    wanted: "401 UNAUTHENTICATED",
    ask: async ({ plain, spreadsheetId }) =>
      answer(await plain(`spreadsheets/${spreadsheetId}`, "Bearer never-issued")),
  },
  {
    id: "google/bad-grant",
    says: "The token endpoint knows no grant of another type.",
    certainty: "known",
    wanted: { status: 400, error: "unsupported_grant_type" },
    ask: async ({ token }) => {
      const { status, body } = await token({ grant_type: "no-such-grant", assertion: "x" });
      return { status, error: field(body, "error") };
    },
  },
  {
    id: "google/bad-assertion",
    says: "An assertion that is no signed JWT gets no token.",
    certainty: "likely",
    wanted: { status: 400, error: "invalid_grant" },
    ask: async ({ token }) => {
      const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
      const { status, body } = await token({ grant_type, assertion: "a.b.c" });
      return { status, error: field(body, "error") };
    },
  },
  {
    id: "google/unknown-spreadsheet",
    says: "A spreadsheet that is not there is answered 404 NOT_FOUND.",
    certainty: "known",
    wanted: "404 NOT_FOUND",
    ask: ({ client }) => refused(client.get({ spreadsheetId: "conformance-nobody-has-this-id" })),
  },
  {
    id: "google/error",
    says: "A refusal is JSON: `error` with its code, a message and Google's name for it.",
    certainty: "known",
    wanted: { code: "number", message: "string", status: "string" },
    ask: async ({ plain, spreadsheetId }) => {
      const { body } = await plain(`spreadsheets/${spreadsheetId}`, "Bearer never-issued");
      return kinds(field(body, "error"), "code", "message", "status");
    },
  },
  {
    id: "google/spreadsheet",
    says: "A spreadsheet has its id, its title, locale and timezone, and no cells unless they are asked for.",
    certainty: "known",
    wanted: {
      isIt: true,
      title: "string",
      locale: "string",
      timeZone: "string",
      data: "undefined",
    },
    ask: async ({ client, spreadsheetId }) => {
      const { data } = await client.get({ spreadsheetId });
      return {
        isIt: data.spreadsheetId === spreadsheetId,
        ...kinds(data.properties, "title", "locale", "timeZone"),
        ...kinds(data.sheets?.[0], "data"),
      };
    },
  },
  {
    id: "google/tab",
    says: "A tab has an id, a title, a place and a grid of so many rows and columns.",
    certainty: "known",
    wanted: {
      ...{ sheetId: "number", title: "string", index: "number", sheetType: "string" },
      ...{ rowCount: "number", columnCount: "number" },
    },
    ask: async ({ client, spreadsheetId }) => {
      const { data } = await client.get({ spreadsheetId, fields: "sheets.properties" });
      const properties = data.sheets?.[0]?.properties;
      return {
        ...kinds(properties, "sheetId", "title", "index", "sheetType"),
        ...kinds(properties?.gridProperties, "rowCount", "columnCount"),
      };
    },
  },
  {
    id: "google/mask",
    says: "`fields` chooses what is answered, and nothing else is.",
    certainty: "known",
    wanted: { spreadsheet: ["sheets"], tab: ["properties"], properties: ["title"] },
    ask: async ({ client, spreadsheetId }) => {
      const { data } = await client.get({ spreadsheetId, fields: "sheets.properties.title" });
      const tab = list(data, "sheets")[0];
      return {
        spreadsheet: Object.keys(data),
        tab: Object.keys(Object(tab)),
        properties: Object.keys(Object(field(tab, "properties"))),
      };
    },
  },
  {
    id: "google/bad-mask",
    says: "A mask that cannot be read is answered 400.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ client, spreadsheetId }) => refused(client.get({ spreadsheetId, fields: "sheets(" })),
  },
  {
    id: "google/unknown-range",
    says: "A range of a tab that is not there is answered 400.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ client, spreadsheetId }) =>
      refused(client.values.get({ spreadsheetId, range: "'conformance-no-such-tab'!A1:B2" })),
  },
  {
    id: "google/bad-render",
    says: "A way to show values that there is not is answered 400.",
    certainty: "known",
    wanted: INVALID,
    ask: ({ client, spreadsheetId }) =>
      refused(client.values.get({ spreadsheetId, range: "A1", valueRenderOption: "UPSIDE_DOWN" })),
  },
];
