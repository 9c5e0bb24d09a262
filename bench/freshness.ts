import { sign } from "../src/vivenu/signature.ts";
import { describeMs, say, sendAtRate } from "./load.ts";
import { API_KEY, raiseStack, type Stack } from "./stack.ts";

/** From a webhook's answer to its row in the API: webhook, inbox, outbox, datacore, consumer, rows. */
export async function freshness(samples: number): Promise<void> {
  const stack = await raiseStack();
  try {
    say(`\nidle, ${samples} samples`);
    say(`  ${describeMs(await sample(stack, samples))}`);
    say(`\nunder 100 webhooks a second, ${samples} samples`);
    let loading = true;
    const load = (async () => {
      while (loading) await sendAtRate(100, 1, (index) => sendHint(stack, index));
    })();
    say(`  ${describeMs(await sample(stack, samples))}`);
    loading = false;
    await load;
  } finally {
    await stack.stop();
  }
}

async function sample(stack: Stack, samples: number) {
  const ms: number[] = [];
  let failed = 0;
  for (let index = 0; index < samples; index += 1) {
    const name = `HYROX fresh ${crypto.randomUUID()}`;
    const eventId = crypto.randomUUID().replaceAll("-", "").slice(0, 24);
    const at = new Date().toISOString();
    const event = { _id: eventId, name, start: at, end: at, updatedAt: at, tickets: [] };
    const answer = await post(stack, "event.updated", { event });
    if (!answer.ok) failed += 1;
    const acceptedAt = performance.now();
    for (;;) {
      const found = await fetch(`${stack.url}/api/events/${eventId}`, {
        headers: { "x-api-key": API_KEY },
      });
      await found.arrayBuffer();
      if (found.ok) break;
      await Bun.sleep(2);
    }
    ms.push(performance.now() - acceptedAt);
  }
  return { ms: ms.sort((a, b) => a - b), failed };
}

const sendHint = (stack: Stack, index: number) =>
  post(stack, "ticket.updated", {
    ticket: { eventId: stack.eventIds[index % stack.eventIds.length], note: "x".repeat(2_000) },
  });

function post({ url, account }: Stack, type: string, data: object) {
  const delivery = { id: crypto.randomUUID(), type, mode: "dev", data };
  const body = new TextEncoder().encode(JSON.stringify(delivery));
  return fetch(`${url}/webhooks/vivenu/${account.region}`, {
    method: "POST",
    body,
    headers: { "x-vivenu-signature": sign(body, account.webhookKey) },
  });
}
