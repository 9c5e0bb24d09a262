import type { Pool, Sql } from "../../database/connect.ts";
import type { Clock } from "../../lib/clock.ts";
import type {
  AddedPlaces,
  ChangeRow,
  PlacesSource,
  RowMessage,
  RowPlace,
} from "../../projections/queries/row-types.ts";
import { addedIn, placesBy } from "../notices/added-types.ts";
import { noticesOf } from "../notices/from-changes.ts";
import { enqueueNotices } from "../outbox/outbox.ts";
import type { NotifySettings } from "../settings.ts";

export interface FeedReads {
  newestPlace(): Promise<RowPlace>;
  isKept(place: RowPlace): Promise<boolean>;
  messages(wanted: { after: number; limit: number }): Promise<RowMessage[]>;
  /** Oldest first. */
  changesSince(since: Date): Promise<ChangeRow[]>;
  /** What changes brought that may have added places. */
  addedPlaces(added: readonly PlacesSource[]): Promise<AddedPlaces[]>;
}

export interface FeedOptions {
  sql: Pool;
  clock: Clock;
  check: (tx: Sql) => Promise<void>;
  settings: NotifySettings;
  reads: FeedReads;
  /** Told which channels have something to tell. */
  onEnqueued: (channels: ReadonlySet<string>) => void;
}

const BATCH = 100;
/** Where messages are lost, what changed since a while before the last look is looked at; ids tell what was told. */
const BEFORE_MS = 3_600_000;

/**
 * Reads what the rows' transactions found, in their order, and keeps what somebody is to be told of it.
 * The first look only notes where the rows stand: whoever begins to be told knows what was before.
 */
export function noticeFeed({ sql, clock, check, settings, reads, onEnqueued }: FeedOptions) {
  return async (): Promise<"more" | "idle"> => {
    const place = await readPlace(sql);
    if (!place) {
      const newest = await reads.newestPlace();
      await sql.begin(async (tx) => {
        await check(tx);
        await begin(tx, newest, clock.now());
      });
      return "idle";
    }
    const found = (await reads.isKept(place)) ? await readOn(place) : await readAnew(place);
    if (!found) return "idle";
    const now = clock.now();
    const addedPlaces = await placesAdded(found.changes);
    const notices = noticesOf(found.changes, { now, since: wantedSince(place, now), addedPlaces });
    const channels = await sql.begin(async (tx) => {
      await check(tx);
      const told = await enqueueNotices(tx, notices, settings, now);
      await moveTo(tx, found.next, now);
      return told;
    });
    onEnqueued(channels);
    return "more";
  };

  async function readOn(place: RowPlace) {
    const messages = await reads.messages({ after: place.position, limit: BATCH });
    const next = messages.at(-1);
    const changes = messages.flatMap((message) =>
      message.changes.filter((one) => one !== undefined),
    );
    return next && { next, changes };
  }

  async function placesAdded(changes: readonly ChangeRow[]) {
    const added = addedIn(changes);
    return added.length === 0 ? undefined : placesBy(await reads.addedPlaces(added));
  }

  /** More was told than is kept, or the database was restored: the place is of a past that was not. */
  async function readAnew({ lookedAt }: Place) {
    const next = await reads.newestPlace();
    // Where the clock was set back since, what is of the time before that is told again, and known by its ids.
    const from = Math.min(lookedAt.getTime(), clock.now().getTime());
    const changes = await reads.changesSince(new Date(from - BEFORE_MS));
    return { next, changes };
  }
}

export interface Place extends RowPlace {
  since: Date;
  lookedAt: Date;
}

/** Where the clock was set back since, nobody knows when that was: what is a day old is no news in any case. */
export const wantedSince = ({ since }: Pick<Place, "since">, now: Date) =>
  since > now ? new Date(0) : since;

export async function readPlace(sql: Sql): Promise<Place | undefined> {
  const [place] = await sql<Place[]>`
    select position::float8 as position, mark, since, looked_at from notice_place
  `;
  return place;
}

const begin = (tx: Sql, { position, mark }: RowPlace, now: Date) => tx`
  insert into notice_place (position, mark, since, looked_at)
  values (${position}, ${mark}, ${now}, ${now})
  on conflict do nothing
`;

const moveTo = (tx: Sql, { position, mark }: RowPlace, now: Date) => tx`
  update notice_place set position = ${position}, mark = ${mark}, looked_at = ${now}
`;
