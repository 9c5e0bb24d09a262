import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiOptions } from "../../api/app.ts";
import {
  changePlace,
  fieldNames,
  type ShownChange,
  shownChange,
} from "../../api/changes/change-schema.ts";
import { cursorOf, encodeCursor } from "../../api/request/cursor.ts";
import { idsOf, namesOf, regionsOf, searchOf } from "../../api/request/list-query.ts";
import { refuseUnknown } from "../../api/request/named.ts";
import type { ApiEnv } from "../../api/request/problem.ts";
import type { ChangesWanted } from "../../projections/queries/row-types.ts";
import { severities } from "../../rules/severity.ts";
import { answerPage } from "../answer.ts";
import type { Assets } from "../assets.ts";
import { Frame } from "../layout.tsx";
import { here, href, type Look, lookOf } from "../look.ts";
import { readNews } from "../news.ts";
import { readQuery, viewQuery } from "../read-query.ts";
import { counted } from "../words.ts";
import { ChangesFilters, SINCE_DAYS, sinceOf } from "./changes-filters.tsx";
import { ChangesTable } from "./changes-table.tsx";

const A_PAGE = 100;
/** Of the grave ones so many are counted. */
const COUNTED = 50;
const DEFAULT_DAYS = 7;

const ChangeKey = z.tuple([z.literal("shown-change"), ...changePlace]);

const queryShape = (regions: readonly string[]) => ({
  severity: namesOf(severities, ""),
  field: namesOf(fieldNames, ""),
  region: regionsOf(regions, ""),
  eventId: idsOf("", ""),
  q: searchOf(""),
  days: z.enum([...SINCE_DAYS.map(String), "all"]).optional(),
  cursor: cursorOf(ChangeKey),
});

/** What changed, and what sold out or came back: newest first, a sentence each. */
export function addChangesView(
  app: OpenAPIHono<ApiEnv>,
  assets: Assets,
  readers: Pick<ApiOptions, "clock" | "named" | "regions" | "readChanges" | "readLaunches">,
) {
  const { clock, regions, readChanges } = readers;
  const View = Frame(assets);
  const query = viewQuery(queryShape(regions));

  app.get("/changes", async (c) => {
    const asked = readQuery(c, query, clock);
    const look = lookOf(c, clock);
    await refuseUnknown(readers.named, { eventId: asked.eventId }, { asOf: look.asOf });
    const days = asked.days === "all" ? null : Number(asked.days ?? DEFAULT_DAYS);
    const of: Omit<ChangesWanted, "limit"> = {
      fields: asked.field,
      regions: asked.region,
      eventIds: asked.eventId,
      words: asked.q,
      since: sinceOf(look, days),
      asOf: look.asOf,
      isWithoutFirstCounts: true,
    };
    const { cursor } = asked;
    const after = cursor && ([cursor[1], cursor[2], cursor[3], cursor[4]] as const);
    const [page, critical, high, news] = await Promise.all([
      readChanges({ ...of, severities: asked.severity, limit: A_PAGE, after }),
      readChanges({ ...of, severities: ["critical"], limit: COUNTED }),
      readChanges({ ...of, severities: ["high"], limit: COUNTED }),
      readNews(readers, look),
    ]);
    const changes = page.rows.map(shownChange);
    const nextCursor = page.next && encodeCursor(["shown-change", ...page.next]);
    const counts = { critical: countOf(critical), high: countOf(high) };
    return answerPage(
      c,
      <View look={look} title="Changes" news={news}>
        <h1>Changes</h1>
        <ChangesFilters {...{ look, regions, counts, days }} />
        <OnlyOf look={look} eventIds={asked.eventId} changes={changes} />
        {changes.length > 0 ? <ChangesTable {...{ look, changes }} /> : <Nothing look={look} />}
        {nextCursor ? (
          <p class="after-table">
            <a href={here(look, { cursor: nextCursor })} rel="next">
              Older
            </a>
          </p>
        ) : null}
      </View>,
    );
  });
}

const countOf = ({ rows, next }: { rows: readonly unknown[]; next: unknown }) =>
  `${rows.length}${next ? "+" : ""}`;

interface OnlyOfProps {
  look: Look;
  eventIds: readonly string[] | undefined;
  changes: readonly ShownChange[];
}

/** Which events it is that are looked at, where it is not all of them. */
function OnlyOf({ look, eventIds, changes }: OnlyOfProps) {
  if (!eventIds) return null;
  const [only] = changes;
  return (
    <p id="only-of">
      {"Of "}
      {eventIds.length === 1 && only ? (
        <a href={href(look, `/events/${encodeURIComponent(only.eventId)}`)}>
          <bdi>{only.eventName}</bdi>
        </a>
      ) : (
        counted(eventIds.length, "event")
      )}
      {" alone. "}
      <a href={here(look, { eventId: undefined })}>Of all events</a>
    </p>
  );
}

/** Which filter it is that leaves nothing. */
function Nothing({ look }: { look: Look }) {
  const filters = ["severity", "field", "region", "q"].filter((name) => look.query.get(name));
  const eventId = look.query.getAll("eventId");
  const isEver = look.query.get("days") === "all";
  return (
    <section class="state">
      <h2>{filters.length > 0 ? "No change is like this." : "Nothing changed."}</h2>
      <p>
        {filters.length > 0
          ? `Looked at: ${filters.map((name) => `${name} ${look.query.get(name)}`).join(", ")}.`
          : `Neither descriptions nor what is left, ${isEver ? "since events were first read" : "in this time"}.`}
      </p>
      {filters.length === 0 && isEver ? null : (
        <p>
          <a class="button" href={href(look, "/changes", { days: "all", eventId })}>
            {filters.length > 0 ? "Clear the filters" : "Everything that ever changed"}
          </a>
        </p>
      )}
    </section>
  );
}
