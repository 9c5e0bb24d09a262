import type { Status } from "../../api/operation/status.ts";
import { whole } from "../chart/numbers.ts";
import { as } from "../roles.ts";

/** By the names of `/status`, in the order in which they matter. */
const outcomes: Readonly<Record<string, string>> = {
  accepted: "kept",
  repeated: "kept before, and sent again",
  unsigned: "refused: not signed by a key of ours",
  stray: "refused: not signed, at an address of no account",
  malformed: "refused: no webhook",
  broken_off: "refused: broken off",
  too_large: "refused: too large",
  wrong_mode: "refused: of another mode than VIVENU_MODE",
  unavailable: "to come again: it could not be taken then",
  foreign: "to come again: it names another account",
  keyless: "to come again: the account has no webhook key",
  busy: "to come again: too many at one time",
  slow: "to come again: it came too slowly",
  failed: "to come again: something failed here",
};

/** What came of webhook requests; what did not happen is left out. */
export function Outcomes({ webhooks }: { webhooks: Status["webhooks"] }) {
  if (!webhooks) return null;
  const { lastHour, lastDay } = webhooks;
  const happened = [...Object.keys(outcomes), ...Object.keys(lastDay)].filter(
    (name, index, all) => all.indexOf(name) === index && (lastDay[name] ?? lastHour[name] ?? 0) > 0,
  );
  return (
    <section aria-labelledby="outcomes-title">
      <h2 id="outcomes-title">What came of webhooks</h2>
      {happened.length === 0 ? (
        <p class="muted">None came in the last day.</p>
      ) : (
        <table class="list outcomes" {...as.table}>
          <caption class="unseen">Webhook requests by what came of them</caption>
          <thead {...as.rowGroup}>
            <tr {...as.row}>
              <th scope="col" {...as.columnHeader}>
                Came to
              </th>
              {["Last hour", "24 hours"].map((name) => (
                <th scope="col" class="number" {...as.columnHeader}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody {...as.rowGroup}>
            {happened.map((name) => (
              <tr id={`outcome-${name}`} {...as.row}>
                <th scope="row" {...as.rowHeader}>
                  {outcomes[name] ?? name}
                </th>
                {[
                  { of: lastHour, unit: "in the last hour" },
                  { of: lastDay, unit: "in 24 h" },
                ].map(({ of, unit }) => (
                  <td class="number" {...as.cell}>
                    {whole(of[name] ?? 0)}
                    <span class="unit"> {unit}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
