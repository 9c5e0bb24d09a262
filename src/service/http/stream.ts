import { type RowFeed, rowFeed } from "../../api/changes/stream-feed.ts";
import type { Surroundings } from "../../commands/build/surroundings.ts";
import { ROWS_CHANNEL } from "../../projections/consumer/rows-channel.ts";
import {
  isKeptPlace,
  readNewestPlace,
  readRowMessages,
} from "../../projections/queries/read-row-messages.ts";

/**
 * What whoever writes the rows tells of them, whichever process that is. A listening connection that was cut
 * is told of when it is there again: what came meanwhile is read from the messages that are kept.
 */
export const rowFeedOf = ({
  sql,
  clock,
  logger,
}: Pick<Surroundings, "sql" | "clock" | "logger">): RowFeed =>
  rowFeed({
    clock,
    source: {
      readNewest: () => readNewestPlace(sql),
      isKept: (place) => isKeptPlace(sql, place),
      read: (wanted) => readRowMessages(sql, wanted),
      listen: (heard) => sql.listen(ROWS_CHANNEL, heard, heard),
    },
    onFailure: (error) => logger.warn({ error }, "stream.not_read"),
  });
