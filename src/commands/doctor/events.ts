import type { Config } from "../../config/config.ts";
import type { Pool } from "../../database/connect.ts";
import { causeOf } from "../../database/fault.ts";
import { readWrongClocks } from "../../intake/store/wrong-clocks.ts";
import type { Clock } from "../../lib/clock.ts";
import { readRows } from "../../projections/queries/rows.ts";
import { readUnreadableEvents } from "../../projections/queries/unreadable-events.ts";
import { clockProblem, unreadableProblem } from "../../service/status/clock-problems.ts";
import { capacityPolicyOf, watchedOf } from "../build/policies.ts";
import { type Finding, ok, unchecked, wrong } from "./finding.ts";

/** What of the rows cannot be shown, or only with a field empty. */
export async function checkEvents(sql: Pool, config: Config, clock: Clock): Promise<Finding[]> {
  const check = "events";
  try {
    const met = new Map<string, string>();
    await readRows(sql, {
      now: clock.now(),
      policy: capacityPolicyOf(config),
      classes: config.rules.classes,
      onFault: (eventId) => met.set(eventId, `event ${eventId} cannot be shown`),
    });
    const faults = [...met.values()].map((what) => wrong(check, what, "run `replay`"));
    const odd = (await readUnreadableEvents(sql)).map((event) =>
      wrong(check, unreadableProblem(event).text, "correct it in Vivenu"),
    );
    const clocks = await readWrongClocks(sql, watchedOf(config));
    const found = [
      ...faults,
      ...odd,
      ...clocks.map((one) =>
        wrong(
          check,
          clockProblem(one).text,
          "tell Vivenu; `ticket.clock_wrong` in the log names some of them",
        ),
      ),
    ];
    return found.length > 0 ? found : [ok(check, "every one can be read")];
  } catch (error) {
    return [unchecked(check, `the rows cannot be read (${causeOf(error)}); see \`database\``)];
  }
}
