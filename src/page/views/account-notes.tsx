import type { AccountPoll } from "../../api/events/row-reads.ts";
import { href, type Look } from "../look.ts";
import { counted, regionName, shortMoment } from "../words.ts";

/** Each account is read to its end once a day. */
const STALE_MS = 26 * 3_600_000;

interface NotesProps {
  look: Look;
  accounts: readonly AccountPoll[];
}

/** Of which accounts the numbers stand still, since when and why; or how far the first count is. */
export function AccountNotes({ look, accounts }: NotesProps) {
  if (look.asOf) return null;
  const never = accounts.filter(({ completeAt, reason }) => completeAt === null && reason === null);
  const stale = accounts.filter(
    ({ completeAt, reason }) =>
      (completeAt === null && reason !== null) ||
      (completeAt !== null && look.now.getTime() - Date.parse(completeAt) > STALE_MS),
  );
  return (
    <>
      {never.length > 0 ? (
        <p class="note" id="first-count">
          <b>The first count is under way.</b> {accounts.length - never.length} of{" "}
          {counted(accounts.length, "account")} read. Events appear as they are counted.
        </p>
      ) : null}
      {stale.map(({ region, completeAt, reason }) => (
        <p class="note is-stale" id={`stale-${region}`}>
          <b>
            {completeAt === null
              ? `${regionName(region)} was never read to its end.`
              : `${regionName(region)} was not read to its end since ${shortMoment(new Date(completeAt), look.now, look.zone)}.`}
          </b>{" "}
          {reason ? `${reason.replace(/\.?$/, ".")} ` : ""}Its numbers may be old; the others are
          not touched by it. <a href={href(look, "/operations")}>Operations</a>
        </p>
      ))}
    </>
  );
}
