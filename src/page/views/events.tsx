import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiOptions } from "../../api/app.ts";
import { refuseOddPaces } from "../../api/events/events-by-pace.ts";
import { followingOf } from "../../api/request/list-cursor.ts";
import { refuseEmptyRanges } from "../../api/request/list-query.ts";
import type { ApiEnv } from "../../api/request/problem.ts";
import { answerPage } from "../answer.ts";
import type { Assets } from "../assets.ts";
import { isEmptyRibbon, Ribbon } from "../chart/ribbon.tsx";
import { Frame } from "../layout.tsx";
import { here, type Look, lookOf } from "../look.ts";
import { readNews } from "../news.ts";
import { readQuery, viewQuery } from "../read-query.ts";
import { counted } from "../words.ts";
import { AccountNotes } from "./account-notes.tsx";
import { cleared, Filters, filterWords, isFiltered } from "./events-filters.tsx";
import { Sentence } from "./events-sentence.tsx";
import { EventsTable } from "./events-table.tsx";
import {
  type AskedEvents,
  type EventsRead,
  eventsQuery,
  readEvents,
  refuseOtherCursor,
} from "./read-events.ts";

/** The first page: every event, what needs attention, what launches next. */
export function addEventsView(app: OpenAPIHono<ApiEnv>, assets: Assets, options: ApiOptions) {
  const { clock, regions } = options;
  const View = Frame(assets);
  const query = viewQuery(eventsQuery(regions), (asked, context) => {
    refuseEmptyRanges(asked, context);
    refuseOddPaces(asked, context);
    refuseOtherCursor(asked, context);
  });
  app.get("/", async (c) => {
    const asked: AskedEvents = readQuery(c, query, clock);
    const look = lookOf(c, clock);
    const [read, news, accounts] = await Promise.all([
      readEvents(options, look, asked),
      readNews(options, look),
      options.readAccounts(),
    ]);
    const { nextCursor } = followingOf("events", asked, read.page);
    const ahead = { now: startOfHour(look.now), coming: read.coming };
    const isNone = read.page.rows.length === 0 && (read.groups ?? []).length === 0;
    return answerPage(
      c,
      <View look={look} title="Events" countedAt={newestCount(read)} news={news}>
        <h1 class="unseen">Events</h1>
        {read.isOfPace ? null : <Sentence look={look} read={read} />}
        <AccountNotes look={look} accounts={accounts} />
        {isNone || isEmptyRibbon(ahead) ? null : <Ribbon id="ribbon" zone={look.zone} {...ahead} />}
        <Filters look={look} read={read} regions={regions} />
        {isNone ? <Nothing look={look} read={read} /> : <EventsTable look={look} read={read} />}
        <nav class="pages" aria-label="Pages">
          {asked.cursor ? <a href={here(look, {})}>‹ From the beginning</a> : null}
          {nextCursor === null ? null : (
            <a rel="next" href={here(look, { cursor: nextCursor })}>
              {`More than ${counted(read.page.rows.length, "event")} ›`}
            </a>
          )}
        </nav>
      </View>,
    );
  });
}

const HOUR_MS = 3_600_000;
const startOfHour = (at: Date) => Math.floor(at.getTime() / HOUR_MS) * HOUR_MS;

/** When numbers last became otherwise: counts are kept where they say something new. */
function newestCount({ page, groups }: EventsRead): string | null | undefined {
  const rows = groups?.flatMap((group) => group.rows) ?? page.rows;
  // Of no event nobody can say that it was not counted.
  if (rows.length === 0) return undefined;
  return rows.reduce<string | null>(
    (newest, { countedAt }) =>
      countedAt !== null && (newest === null || countedAt > newest) ? countedAt : newest,
    null,
  );
}

function Nothing({ look, read }: { look: Look; read: EventsRead }) {
  const all = read.parts.reduce((sum, { events }) => sum + events, 0);
  if (!isFiltered(look))
    return (
      <section class="state">
        <h2>{look.asOf ? "Nothing was known then." : "No event yet."}</h2>
        <p>
          {look.asOf
            ? "No event had been read by that moment."
            : "Events appear as their accounts are read."}
        </p>
      </section>
    );
  return (
    <section class="state">
      <h2>No event is like this.</h2>
      <p>{`None ${filterWords(look)}${all > 0 && !read.isOfPace ? `; ${all} without the status` : ""}.`}</p>
      <a class="button" href={cleared(look)}>
        Clear the filters
      </a>
    </section>
  );
}
