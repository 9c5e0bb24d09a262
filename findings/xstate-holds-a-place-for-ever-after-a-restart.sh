#!/bin/sh
# A place that XState holds for 15 minutes is held for ever when the service was restarted in between.
#
# xstate 5.33.3, Node 20: `getPersistedSnapshot()` is to be stored, and an actor that is made of it "restored", by the documentation
# of persistence, which speaks of states and of actors within: what is invoked is started again, and actions are not. Of
# `after` it says nothing. The snapshot has no word of a delay that has begun, nothing begins it anew, neither with what is left
# of it nor with the whole, and no later event does, as long as the state is not left. No error, no warning: the actor
# is active. A `raise` with a delay is lost likewise. So reservations that were open at a deployment are never given back, and
# what is free is too little by them. Open upstream since 2024 (issues 4860 and 5331).
# Keep the deadline in the context, and hand it to an invoked actor, which waits for what is left and is started again.
#
# Seen on 2026-12-01, with a clock that is moved by hand, of a hold of 15 minutes that was stored after one:
#   by after and by raise: not restored free; restored held, a day later held, active
#   by an invoked actor that has the deadline: not restored free; restored free
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit xstate@5.33.3
cat >try.mjs <<'JS'
import { createActor, createMachine, fromCallback, raise, SimulatedClock } from "xstate";

const minute = 60_000;
// The clock of the service that the actors of a machine run in, for the one that waits by itself.
let clock;
const waits = fromCallback(({ sendBack, input }) => {
  const timer = clock.setTimeout(() => sendBack({ type: "GIVE_BACK" }), Math.max(0, input.until - clock.now()));
  return () => clock.clearTimeout(timer);
});
const machines = {
  after: createMachine({ initial: "held", states: { held: { after: { [15 * minute]: "free" } }, free: {} } }),
  raise: createMachine({
    initial: "held",
    states: { held: { entry: raise({ type: "GIVE_BACK" }, { delay: 15 * minute }), on: { GIVE_BACK: "free" } }, free: {} },
  }),
  "an invoked actor": createMachine({
    context: { until: 15 * minute },
    initial: "held",
    states: { held: { invoke: { src: waits, input: ({ context }) => context }, on: { GIVE_BACK: "free" } }, free: {} },
  }),
};
for (const [name, machine] of Object.entries(machines)) {
  clock = new SimulatedClock();
  const actor = createActor(machine, { clock }).start();
  clock.increment(minute);
  const stored = JSON.stringify(actor.getPersistedSnapshot());
  clock.increment(14 * minute);
  console.log(`by ${name}, not restored, at its end: ${actor.getSnapshot().value}`);

  // The service that is started next, at the minute in which the other ended.
  clock = new SimulatedClock();
  clock.increment(minute);
  const restored = createActor(machine, { clock, snapshot: JSON.parse(stored) }).start();
  clock.increment(14 * minute);
  const then = restored.getSnapshot().value;
  clock.increment(24 * 60 * minute);
  const { value, status } = restored.getSnapshot();
  console.log(`by ${name}, restored, at its end: ${then}, a day later: ${value}, ${status}`);
}
JS
node try.mjs | tee out
for name in after raise 'an invoked actor'; do
  grep -qxF "by $name, not restored, at its end: free" out
done
for name in after raise; do
  grep -qxF "by $name, restored, at its end: held, a day later: held, active" out
done
grep -qxF 'by an invoked actor, restored, at its end: free, a day later: free, active' out
