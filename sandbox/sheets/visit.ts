import { sheets, type sheets_v4 } from "@googleapis/sheets";
import { JWT } from "google-auth-library";

export interface VisitOptions {
  url: string;
  serviceAccountEmail: string;
  privateKey: string;
  scope?: string;
}

const FULL_SCOPE = "https://www.googleapis.com/auth/spreadsheets";
const TOKEN_URL = "https://oauth2.googleapis.com/token";

/** Google's own client at the played spreadsheet, for tests that act as a person or look at the result. */
export function visit(options: VisitOptions): sheets_v4.Resource$Spreadsheets {
  const { url, serviceAccountEmail, privateKey, scope = FULL_SCOPE } = options;
  const auth = new JWT({
    email: serviceAccountEmail,
    key: privateKey,
    scopes: [scope],
    transporterOptions: { retryConfig: { retry: 0 } },
  });
  auth.transporter.interceptors.request.add({
    resolved: async (request) => {
      if (request.url.href === TOKEN_URL) request.url = new URL("/token", url);
      return request;
    },
  });
  return sheets({ version: "v4", auth, rootUrl: url }).spreadsheets;
}
