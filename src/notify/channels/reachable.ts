import { once } from "node:events";
import { connect } from "node:net";
import { whileAwaited } from "../../lib/abort.ts";
import { Failure } from "../../lib/failure.ts";
import type { Hidden } from "../settings.ts";

/**
 * Whether somebody listens where a channel's messages go: its host has an address, and takes a connection, over
 * which nothing is said. Fails in words that name no address.
 */
export async function tryReceiver(url: Hidden, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port } = new URL(url.reveal());
  const socket = connect({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  });
  try {
    await whileAwaited(once(socket, "connect"), signal);
  } catch (error) {
    throw new Failure("unavailable", signal.aborted ? "it does not answer" : unreached(error));
  } finally {
    socket.destroy();
  }
}

function unreached(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return code === "ENOTFOUND"
    ? "its host has no address (ENOTFOUND)"
    : `it cannot be reached (${String(code ?? "no reason")})`;
}
