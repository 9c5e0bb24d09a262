import type { Look } from "./look.ts";
import { moment, shortMoment } from "./words.ts";

const INSTANT = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/;

/** A sentence of `/status`: programs read its instants in UTC, people by their clock. */
export const Said = ({ look, text }: { look: Look; text: string }) => (
  <>
    {text.split(INSTANT).map((part, index) => {
      // What is found stands between what is not.
      if (index % 2 === 0) return part;
      const at = new Date(part);
      return (
        <time datetime={part} title={moment(at, look.zone)}>
          {shortMoment(at, look.now, look.zone)}
        </time>
      );
    })}
  </>
);
