import { expect, test } from "bun:test";
import { fc } from "../../test/support/fast-check.ts";
import { type NoticeStage, noticeStage, receiver } from "../../test/support/notices.ts";
import { runs } from "../../test/support/runs.ts";

const CHANNELS = ["races", "ops"];
const EVENTS = ["berlin", "nice", "rome"];

/**
 * Where a process is killed: before it commits anything, or between the receiver's answer and the note of
 * it, which the receiver's view does not tell apart from an answer that got lost.
 */
const act = fc.oneof(
  fc.record({ act: fc.constant("change" as const), event: fc.constantFrom(...EVENTS) }),
  fc.record({ act: fc.constant("feed" as const), isKilled: fc.boolean() }),
  fc.record({
    act: fc.constant("relay" as const),
    channel: fc.constantFrom(...CHANNELS),
    dies: fc.constantFrom("never", "before", "after"),
  }),
);

type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

async function killedAt<Result>(
  { lease }: NoticeStage,
  isKilled: boolean,
  work: () => Promise<Result>,
) {
  lease.check = async () => {
    if (isKilled) throw new Error("killed");
  };
  await work().catch(() => {});
  lease.check = async () => {};
}

test("killed at any moment, each channel is told of every change once by its id, and of each event in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 15, maxLength: 30 }), async (acts) => {
      const stage = await noticeStage();
      const receivers = new Map(CHANNELS.map((name) => [name, receiver()]));
      const prices = new Map(EVENTS.map((event) => [event, [100]]));
      const describe = (event: string) => {
        const price = prices.get(event)?.at(-1) ?? 0;
        return stage.log(
          stage.described(price * 100, stage.clock.now(), { eventId: event, name: event }),
        );
      };
      for (const event of EVENTS) await describe(event);
      await stage.feed();
      const relay = (name: string) => stage.relay(name, receivers.get(name) ?? receiver());

      async function work(one: Act) {
        if (one.act === "change") {
          const known = prices.get(one.event) ?? [];
          known.push((known.at(-1) ?? 0) + 1);
          await describe(one.event);
        } else if (one.act === "feed") {
          await killedAt(stage, one.isKilled, () => stage.feed());
        } else {
          const to = receivers.get(one.channel) ?? receiver();
          to.answer = async () => {
            if (one.dies === "before") throw new Error("killed");
          };
          await killedAt(stage, one.dies !== "never", () => relay(one.channel));
          to.answer = async () => {};
        }
      }
      for (const one of acts) await work(one);
      await stage.feed();
      stage.clock.forward(3_600_000);
      for (const name of CHANNELS) for (let n = 0; n < 20; n += 1) await relay(name);

      for (const [name, { got }] of receivers) {
        const firsts = [
          ...new Map(got.toReversed().map((one) => [one.id, one])).values(),
        ].reverse();
        for (const event of EVENTS) {
          const lines = firsts
            .filter(({ message }) => message.title.includes(`: ${event} (`))
            .flatMap(({ message }) => message.lines);
          const steps = prices.get(event) ?? [];
          const expected = steps
            .slice(1)
            .map((price, n) => `HYROX MEN | Saturday: ${steps[n]}.00 EUR → ${price}.00 EUR`);
          expect({ name, event, lines }).toEqual({ name, event, lines: expected });
        }
      }
    }),
    { numRuns: runs(2) },
  );
});
