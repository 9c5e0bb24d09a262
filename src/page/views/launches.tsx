import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiOptions } from "../../api/app.ts";
import { regionsOf } from "../../api/request/list-query.ts";
import type { ApiEnv } from "../../api/request/problem.ts";
import { dateOf } from "../../api/request/query.ts";
import { startOfMinute } from "../../lib/clock.ts";
import { dayAfter, dayAt, startOfDay } from "../../lib/zones.ts";
import type { LaunchRow } from "../../projections/queries/row-types.ts";
import { willBe } from "../../rules/called-off.ts";
import { answerPage } from "../answer.ts";
import type { Assets } from "../assets.ts";
import { Frame } from "../layout.tsx";
import { type Look, lookOf } from "../look.ts";
import { readNews } from "../news.ts";
import { readQuery, viewQuery } from "../read-query.ts";
import { coming, MOST_RACE_DAYS } from "../words.ts";
import { Calendar, weeksFrom } from "./launch-calendar.tsx";
import { LaunchTable } from "./launch-table.tsx";
import { LiveLaunchPart } from "./live-launch.tsx";
import { readLive, runningAmong } from "./read-launch.ts";

const DAY_MS = 86_400_000;
const MOST = 200;

/** Weeks are counted from it, and years of five digits are no days. */
const isOfCentury = (day: string | undefined) =>
  day === undefined || (day >= "2000-01-01" && day < "2100-01-01");
const OTHER_CENTURY = "must be a day of this century";

type Readers = Pick<
  ApiOptions,
  | "clock"
  | "regions"
  | "lists"
  | "readLaunches"
  | "readRows"
  | "readChanges"
  | "readLevels"
  | "readPaces"
>;

/** When sales begin and whether all is ready for it; while one launches, how it goes. */
export function addLaunchesView(app: OpenAPIHono<ApiEnv>, assets: Assets, readers: Readers) {
  const { clock, lists, readLaunches } = readers;
  const View = Frame(assets);
  const query = viewQuery({
    region: regionsOf(readers.regions, ""),
    event: z.string().max(200).optional(),
    from: dateOf("A day of the first of the four weeks.").refine(isOfCentury, OTHER_CENTURY),
  });

  // The calendar is where its page is as well, for who guesses its address.
  app.get("/launches.ics", (c) => c.redirect(`/api/launches.ics${new URL(c.req.url).search}`, 308));

  app.get("/launches", async (c) => {
    const asked = readQuery(c, query, clock);
    const look = lookOf(c, clock);
    const { now, asOf, zone } = look;
    const { region: regions } = asked;
    const weeks = weeksFrom(asked.from ?? dayAt(now, zone));
    const end = startOfDay(weeks.days.at(-1) ?? weeks.first, zone).getTime() + 2 * DAY_MS;
    const [recent, shown, races, news] = await Promise.all([
      readLaunches({
        from: new Date(startOfMinute(now).getTime() - DAY_MS),
        regions,
        asOf,
        limit: MOST,
      }),
      readLaunches({
        from: new Date(startOfDay(weeks.first, zone).getTime() - DAY_MS),
        to: new Date(end),
        regions,
        asOf,
        limit: MOST,
      }),
      lists.events({
        // One that began in the week before may not be over.
        fromDay: dayAfter(weeks.first, 1 - MOST_RACE_DAYS),
        toDay: weeks.days.at(-1),
        regions,
        asOf,
        limit: MOST,
        sort: { by: "eventDate", isDescending: false },
      }),
      readNews(readers, look),
    ]);
    const launches = recent.rows.filter(willBe);
    const running = runningAmong(launches, now);
    const first = running.find(({ eventId }) => eventId === asked.event) ?? running[0];
    const live = first && (await readLive(readers, first, { now, asOf }));
    const next = launches.filter((row) => new Date(row.salesLaunchDate) > now);
    return answerPage(
      c,
      <View look={look} title="Launches" countedAt={live?.event.countedAt} news={news}>
        {live ? (
          <LiveLaunchPart {...{ look, live, running }} />
        ) : (
          <Next look={look} next={next[0]} />
        )}
        <div class="launch-parts">
          <section aria-labelledby="next-title">
            <h2 id="next-title">Next launches</h2>
            {next.length > 0 ? (
              <LaunchTable look={look} launches={next} />
            ) : (
              <p class="muted">None is known. A launch is here once Vivenu has its date.</p>
            )}
          </section>
          <Calendar
            {...{ look, weeks }}
            launches={shown.rows.filter(willBe)}
            races={races.rows.filter(willBe)}
          />
        </div>
      </View>,
    );
  });
}

function Next({ look, next }: { look: Look; next: LaunchRow | undefined }) {
  if (!next) return <h1>No launch is to come</h1>;
  const at = coming(new Date(next.salesLaunchDate), look.now, look.zone ?? next.timezone);
  return (
    <h1>
      <bdi>{next.eventName}</bdi> {`launches ${at}`}
    </h1>
  );
}
