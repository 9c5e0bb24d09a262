import { afterAll, beforeAll, expect, test } from "bun:test";
import { seeded } from "../sandbox/random.ts";
import { crashTest } from "./crash/crash.ts";
import { type Machine, raiseMachine } from "./crash/machine.ts";
import { judge, nameOf, runCases, someCases } from "./crash/matrix.ts";
import { rollingRestart } from "./crash/rolling.ts";
import { runs } from "./support/runs.ts";

/** `npm run crash` takes others; these are fixed, so that a failure here is the same one tomorrow. */
const SEED = 1;

let machine: Machine;

beforeAll(async () => {
  machine = await raiseMachine();
});

afterAll(() => machine[Symbol.asyncDispose]());

test("whatever fails outside, and whatever else at the same time, the rows end up right", async () => {
  const cases = someCases(runs(2), seeded(SEED));
  const struck: Record<string, number> = {};
  const failed = await runCases(machine, { cases, seed: SEED, struck });
  expect(failed).toEqual([]);
  const silent = cases
    .flat()
    .filter(({ system, fault }) => !struck[`${system} ${fault}`])
    .map((one) => nameOf([one]));
  expect(silent.length).toBeLessThan(2);
});

/** What these tests find nothing wrong with must be seen to be wrong when it is. */
test("a lost fact, a double effect, a lost hour and a wrong cell are each found", async () => {
  const { own, outside } = machine;
  expect(await judge(machine)).toEqual([]);
  const [sold] = await own.sql`
    update ticket_type_sales set sold = sold + 1
    where (event_id, ticket_type_id) = (
      select event_id, ticket_type_id from ticket_type_sales
      join event using (event_id) where deleted_at is null and sold > 0
      order by 1, 2 limit 1
    )
    returning event_id, ticket_type_id
  `;
  await own.sql`
    delete from sales_hour
    where (event_id, ticket_type_id) = (${sold?.eventId}, ${sold?.ticketTypeId})
  `;
  const [lost] = await outside.sql<{ key: string }[]>`
    delete from datacore.event
    where payload ->> 'idempotencyKey' = (select min(payload ->> 'idempotencyKey') from datacore.event)
    returning payload ->> 'idempotencyKey' as key
  `;
  const found = (await judge(machine)).join("\n");
  expect(found).toMatch(/type \w+: sold is/);
  expect(found).toMatch(/hour \w+ \w+ .* has 0 tickets/);
  expect(found).toContain("sheet Ticket Types: no");
  expect(found).toContain(`the log lacks ${lost?.key}`);
});

test("killed again and again under load while everything around it fails, it loses nothing and counts nothing twice", async () => {
  const wanted = runs(3);
  const { faults, kills, logPath } = await crashTest({ kills: wanted, seed: SEED });
  const again = `npm run crash -- --kills ${wanted} --seed ${SEED}`;
  expect({ faults, logPath, again }).toEqual({ faults: [], logPath: undefined, again });
  expect(kills).toBe(wanted);
}, 420_000);

/** `npm run crash -- --rolling` sends 200. */
const PER_SECOND = Math.min(200, runs(60));

test("two replicas are replaced one after the other under webhooks, and every one is answered and kept", async () => {
  const { sent, failed, faults, stopMs, logPath } = await rollingRestart({
    perSecond: PER_SECOND,
    rounds: 1,
  });
  expect({ failed, faults, logPath }).toEqual({ failed: 0, faults: [], logPath: undefined });
  // A second of the replacing and one after it, at the least, however quick a machine is.
  expect(sent).toBeGreaterThanOrEqual(2 * PER_SECOND);
  expect(Math.max(...stopMs)).toBeLessThan(10_000);
});
