import type { Lease } from "../../database/lease.ts";
import { redactText } from "../../lib/logger.ts";
import { wakeSignal } from "../../lib/loop.ts";
import type { Sentence } from "../../lib/sentence.ts";
import { senderOf } from "../../notify/channels/senders.ts";
import { noteChannels } from "../../notify/outbox/known-channels.ts";
import { outgoingOf } from "../../notify/outbox/outgoing-of.ts";
import { noticeRelay } from "../../notify/outbox/relay.ts";
import type { NotifySettings } from "../../notify/settings.ts";
import { digestLoop } from "../../notify/watch/digest-loop.ts";
import { noticeFeed } from "../../notify/watch/feed.ts";
import { noticeLook } from "../../notify/watch/look.ts";
import type { LoopContext } from "./loop-context.ts";
import { signalAmong } from "./wake-signals.ts";

const LOOK_MS = 60_000;
/** Where a sale begins at once. */
const LEAST_MS = 50;
const RELAY_MS = 5_000;

/**
 * Tells people, in whichever process has the lease: what changed, what it is time for, and each channel by
 * a loop of its own, so that one that fails is waited for by nobody.
 */
export function noticeLoops(
  context: LoopContext & { readProblems: () => Promise<readonly Sentence[]> },
  settings: NotifySettings,
) {
  const { sql, clock, logger, metrics, failing, wakeSignals, run, config } = context;
  const channels = settings.channels.map((channel) => ({ ...channel, woken: wakeSignal() }));

  return async function tellPeople(lease: Lease) {
    const { check, signal } = lease;
    // What only this needs is not loaded where nobody is told anything.
    const { noticeReads } = await import("./notice-reads.ts");
    const reads = noticeReads(context, context.readProblems);
    await sql.begin(async (tx) => {
      await check(tx);
      await noteChannels(tx, settings.channels, clock.now());
    });
    const onEnqueued = (told: ReadonlySet<string>) => {
      for (const { name, woken } of channels) if (told.has(name)) woken.notify();
    };
    const common = { sql, clock, check, settings, onEnqueued };
    const relays = channels.map(async (channel) => {
      const sender = senderOf(channel, settings, clock);
      const shown = `the channel ${channel.name}`;
      const step = noticeRelay({
        sql,
        clock,
        check,
        signal,
        sender,
        channel: channel.name,
        redact: redactText,
        quiet: settings.quiet,
        outgoingOf: (waiting) => outgoingOf(waiting, settings.page),
        onOutcome(outcome, name) {
          metrics.notices.inc({ channel: name, outcome });
          logger.info({ channel: name, outcome }, "notice.tried");
        },
        onFailing(reason) {
          if (reason === undefined) return failing.clear(shown, lease);
          const told = `it takes no messages: ${reason}. They wait, and it is asked again and again.`;
          failing.note(shown, told, clock.now(), lease);
        },
      });
      const { woken } = channel;
      await run(`notices to ${channel.name}`, step, { lease, woken, idleMs: RELAY_MS });
      failing.clear(shown, lease);
      sender.close();
    });
    let nextAt: Date | null = null;
    const untilNext = () => (nextAt?.getTime() ?? Number.POSITIVE_INFINITY) - clock.now().getTime();
    const look = noticeLook({
      ...common,
      reads: reads.look,
      onNext(at) {
        nextAt = at;
      },
    });
    await Promise.all([
      run("notices", noticeFeed({ ...common, reads: reads.feed }), {
        lease,
        idleMs: config.passes.pollIntervalMs,
        woken: signalAmong(wakeSignals.rows, signal),
      }),
      run("looking for news", look, {
        lease,
        idleMs: () => Math.min(LOOK_MS, Math.max(LEAST_MS, untilNext())),
      }),
      settings.digest &&
        run("the digest", digestLoop({ ...common, readDigest: reads.readDigest }), {
          lease,
          idleMs: LOOK_MS,
        }),
      ...relays,
    ]);
  };
}
