import { beginSpan, inSpan, type Span, traced } from "../../lib/tracing.ts";
import { isSignature } from "../../vivenu/signature.ts";
import { acceptance, pack } from "./accept.ts";
import type { Address, WebhookAccount } from "./address.ts";
import { type ReceivedBody, readBody } from "./body.ts";
import { type ReadDelivery, readDelivery } from "./delivery.ts";
import { isDescription } from "./delivery-types.ts";
import { ownerOf } from "./owner.ts";
import type { WebhookOptions } from "./receive.ts";
import { createRoom } from "./room.ts";
import { sellerBook } from "./seller-book.ts";
import type { Verdict } from "./webhook-outcome.ts";

/** One request on its way to a verdict. */
export interface Arriving {
  request: Request;
  address: Address;
  /** Known as soon as the path or a key says it. */
  account: string | null;
  isSigned: boolean;
  /** By the clock of spans. */
  startedAt: number;
  /** Of what is signed and is to be kept: strangers have none. */
  span?: Span;
  /** Aborts when it has to be answered. */
  signal: AbortSignal;
}

/**
 * The steps of a webhook, in the order that keeps strangers cheap: the header, then the body while it is
 * hashed, then what is in it, then whose it is, then the inbox.
 */
export function judging(options: WebhookOptions) {
  const { accounts, maxBytes, mode, clock, logger } = options;
  const accept = acceptance({ ...options, withinMs: options.answerWithinMs });
  const learnedSellers = sellerBook(options.sql);
  const room = createRoom(options.roomBytes);
  const untaught = new Set<string>();
  const allKeys = [...new Set(accounts.flatMap(({ keys }) => keys))];

  return async function judge(arriving: Arriving): Promise<Verdict> {
    const { request, address, signal } = arriving;
    const keys = address.account?.keys ?? allKeys;
    if (keys.length === 0) {
      logger.warn({ account: arriving.account }, "webhook.no_key_configured");
      return verdict(arriving, "keyless", "no webhook key is configured for this account");
    }
    const signature = request.headers.get("x-vivenu-signature");
    if (!isSignature(signature)) return unsigned(arriving);
    const body = await readBody(request, { keys, maxBytes, room, signal });
    try {
      return await judgeBody(body, signature, arriving);
    } finally {
      body.close();
    }
  };

  async function judgeBody(body: ReceivedBody, signature: string, arriving: Arriving) {
    const { address } = arriving;
    if (body.state === "busy") return busy(arriving);
    if (body.state === "broken_off")
      return verdict(arriving, "broken_off", "the body ended before it was whole");
    const fitting = await fittingKeys(body, signature, address);
    if (fitting.length === 0) return unsigned(arriving);
    if (body.state === "whole" && !body.pin()) return busy(arriving);
    const signed = accounts.filter(({ keys }) => keys.some((key) => fitting.includes(key)));
    arriving.isSigned = true;
    if (!address.isUnknown) arriving.account ??= onlyRegion(signed);
    if (body.state === "too_large") {
      logger.error({ account: arriving.account, maxBytes }, "webhook.too_large");
      return verdict(arriving, "too_large", `the body is larger than ${maxBytes} bytes`);
    }
    const delivery = await readDelivery(body.bytes());
    if (typeof delivery === "string") {
      logger.error({ account: arriving.account, reason: delivery }, "webhook.malformed");
      return verdict(arriving, "malformed", delivery);
    }
    if (mode !== "any" && delivery.mode !== mode) {
      logger.error({ mode: delivery.mode, expected: mode }, "webhook.wrong_mode");
      return verdict(arriving, "wrong_mode", `this service takes mode ${mode} (VIVENU_MODE)`);
    }
    const unclear = await assign(delivery, signed, arriving);
    return unclear ?? store(body, delivery, arriving);
  }

  /** The keys of the account that the path names, or else those of any other. */
  async function fittingKeys(body: ReceivedBody, signature: string, { account }: Address) {
    const fitting = body.hash.fitting(signature);
    if (fitting.length > 0 || !account || body.state !== "whole") return fitting;
    const others = allKeys.filter((key) => !account.keys.includes(key));
    const hash = await body.signaturesOf(others);
    return hash?.fitting(signature) ?? [];
  }

  /** Settles whose it is, or says why that cannot be told: a mistake in a listener, mendable while Vivenu repeats. */
  async function assign(
    { type, sellerId }: ReadDelivery,
    signed: WebhookAccount[],
    arriving: Arriving,
  ): Promise<Verdict | undefined> {
    const { path, account, isUnknown, isDocumented } = arriving.address;
    const fields = { path, type, signedFor: signed.map(({ region }) => region) };
    if (isUnknown) {
      logger.error(fields, "webhook.unknown_region");
      return misdirected(arriving, "no account of this name is configured");
    }
    if (account && !signed.includes(account)) {
      logger.error(fields, "webhook.other_account");
      return misdirected(arriving, "it is signed with another account's key");
    }
    const owner = await ownerOf(sellerId, account ? [account] : signed, learnedSellers);
    if (owner === "unlearned") {
      // Until the first poll it is so of each: one line for an account says it.
      const of = signed.map(({ region }) => region).join();
      if (!untaught.has(of)) logger.warn(fields, "webhook.seller_not_learned");
      untaught.add(of);
      const detail = "whose it is will be known after the next poll; send it again";
      return verdict(arriving, "unavailable", detail, UNLEARNED);
    }
    if (owner === "foreign") {
      logger.error({ ...fields, sellerId }, "webhook.foreign_seller");
      return verdict(arriving, "foreign", "its seller is not this account's");
    }
    if (owner === "doubtful" && !isDocumented) {
      logger.error(fields, "webhook.doubtful");
      return misdirected(arriving, "nothing tells which account it is from");
    }
    arriving.account = owner === "doubtful" ? null : owner.region;
    if (!isDocumented)
      logger.warn({ ...fields, account: arriving.account }, "webhook.other_address");
    return undefined;
  }

  async function store(body: ReceivedBody, { type, eventIds }: ReadDelivery, arriving: Arriving) {
    const { account, signal } = arriving;
    const receivedAt = clock.now();
    const bytes = body.bytes().length;
    const packed = isDescription(type) ? await pack(body.bytes()) : undefined;
    // It goes to PostgreSQL as text of two letters a byte.
    if (!body.shrink(3 * (packed?.compressed.length ?? 0))) return busy(arriving);
    const span = begin(type, arriving);
    const isNew = await inSpan(span, () =>
      traced("inbox.keep", {}, (keeping) =>
        accept(
          {
            account,
            type,
            receivedAt,
            body: packed,
            eventIds,
            traceparent: keeping.traceparent,
          },
          signal,
        ),
      ),
    );
    logger.debug({ type, account, bytes, repeated: !isNew }, "webhook.accepted");
    return verdict(arriving, isNew ? "accepted" : "repeated", "");
  }
}

/** From when it arrived; the address that it came to is nobody's business. */
function begin(type: string, arriving: Arriving) {
  const { account, startedAt } = arriving;
  arriving.span = beginSpan("webhook", {
    kind: "server",
    attributes: { "http.request.method": "POST", account: account ?? "unknown", type },
    startedAt,
  });
  return arriving.span;
}

/** What the sender is told is no business of whoever operates this. */
const UNLEARNED =
  "the account's seller is not known before its first poll, and then they are taken (a _SELLER_ID of the account needs none)";

const verdict = (
  { account }: Arriving,
  outcome: Verdict["outcome"],
  detail: string,
  reason = detail,
): Verdict => ({ outcome, account, detail, reason });

const misdirected = (arriving: Arriving, detail: string) =>
  verdict(arriving, "unavailable", detail, `${detail} (sent to ${arriving.address.path})`);

const busy = (arriving: Arriving) =>
  verdict(arriving, "busy", "other bodies take all the memory; send it again");

function unsigned(arriving: Arriving): Verdict {
  const { isDocumented, isUnknown } = arriving.address;
  const detail = "the signature does not fit";
  return isDocumented && !isUnknown
    ? verdict(arriving, "unsigned", detail)
    : { outcome: "stray", account: null, detail };
}

const onlyRegion = (accounts: WebhookAccount[]) =>
  accounts.length === 1 ? (accounts[0]?.region ?? null) : null;
