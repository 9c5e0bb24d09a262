import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  timingSafeEqual,
  verify,
} from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { Refusal } from "./refusal.ts";

const TOKEN_URL = "https://oauth2.googleapis.com/token";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const FULL = [
  "https://www.googleapis.com/auth/spreadsheets",
  "https://www.googleapis.com/auth/drive",
];
const READ_ONLY = "https://www.googleapis.com/auth/spreadsheets.readonly";
const LIFETIME_S = 3599;
const SKEW_S = 300;

/** An RSA key as Google hands it out with a service account: PKCS #8 in PEM. */
export async function createKey() {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

const Claims = z.object({
  iss: z.string(),
  scope: z.string().default(""),
  aud: z.string(),
  iat: z.number(),
  exp: z.number(),
});

export interface Caller {
  email: string;
  mayWrite: boolean;
}

export interface Account {
  /** Answers `POST /token`. */
  grant(form: URLSearchParams): { status: number; body: object };
  /** Who sends a request, by its `Authorization` header; throws a refusal. */
  callerOf(authorization: string | null): Caller;
}

/** The one service account that the spreadsheet is shared with. */
export function account(email: string, privateKey: string): Account {
  const publicKey = createPublicKey(createPrivateKey(privateKey));
  return { grant, callerOf };

  function grant(form: URLSearchParams) {
    // Probes: google/bad-grant, google/bad-assertion.
    if (form.get("grant_type") !== GRANT)
      return refused("unsupported_grant_type", "Invalid grant_type");
    const [header = "", payload = "", signature = ""] = (form.get("assertion") ?? "").split(".");
    const claims = Claims.safeParse(decode(payload));
    if (!claims.success)
      return refused("invalid_grant", "Invalid JWT: Failed to parse the claims.");
    const { iss, scope, aud, iat, exp } = claims.data;
    if (iss !== email) return refused("invalid_grant", "Invalid grant: account not found");
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify("RSA-SHA256", signed, publicKey, Buffer.from(signature, "base64url"))) {
      return refused("invalid_grant", "Invalid JWT Signature.");
    }
    if (aud !== TOKEN_URL) return refused("invalid_grant", "Invalid JWT: Failed audience check.");
    const now = seconds();
    if (iat > now + SKEW_S || exp < now - SKEW_S || exp > iat + 3600) {
      return refused(
        "invalid_grant",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
      );
    }
    const scopes = scope.split(" ");
    if (![...FULL, READ_ONLY].some((one) => scopes.includes(one))) {
      return refused("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
    }
    const access_token = sealed({
      write: FULL.some((one) => scopes.includes(one)),
      exp: now + LIFETIME_S,
    });
    return { status: 200, body: { access_token, expires_in: LIFETIME_S, token_type: "Bearer" } };
  }

  // Probes: google/no-token, google/wrong-token.
  function callerOf(authorization: string | null): Caller {
    if (!authorization) {
      throw new Refusal(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      );
    }
    const token = Token.safeParse(opened(/^Bearer (.+)$/i.exec(authorization)?.[1] ?? ""));
    if (!token.success || token.data.exp < seconds()) {
      throw new Refusal(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
      );
    }
    return { email, mayWrite: token.data.write };
  }

  /** A token that says itself what it is good for, so that it outlives a restart as Google's do. */
  function sealed(token: z.infer<typeof Token>) {
    const payload = Buffer.from(JSON.stringify(token)).toString("base64url");
    return `ya29.${payload}.${mac(payload)}`;
  }

  function opened(token: string) {
    const [prefix, payload = "", seal = ""] = token.split(".");
    const expected = Buffer.from(mac(payload));
    const given = Buffer.from(seal);
    const genuine = expected.length === given.length && timingSafeEqual(expected, given);
    return prefix === "ya29" && genuine ? decode(payload) : undefined;
  }

  function mac(payload: string) {
    return createHmac("sha256", privateKey).update(payload).digest("base64url");
  }
}

const Token = z.object({ write: z.boolean(), exp: z.number() });

/** By the machine's own clock, which is also what the client dates its assertions with. */
const seconds = () => Math.floor(Date.now() / 1000);

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return undefined;
  }
}

const refused = (error: string, description: string) => ({
  status: 400,
  body: { error, error_description: description },
});
