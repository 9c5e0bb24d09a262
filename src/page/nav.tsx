import { isKeptToSome } from "../api/request/callers.ts";
import type { News } from "./layout.tsx";
import { href, type Look } from "./look.ts";

/** The key that follows g is known to the script by what the links say. */
const views = [
  { path: "/", key: "e", name: "Events", icon: "M4 15V9M8 15V5M12 15v-4M16 15V3" },
  { path: "/launches", key: "l", name: "Launches", icon: "M3 5h14v12H3zM3 9h14M7 3v4M13 3v4" },
  { path: "/changes", key: "c", name: "Changes", icon: "M4 7h11l-3-3M16 13H5l3 3" },
  { path: "/operations", key: "o", name: "Operations", icon: "M10 3a7 7 0 1 0 .01 0zM10 6v4l3 2" },
];

export const Mark = ({ look }: { look: Look }) => (
  <a class="mark-home" href={href(look, "/")}>
    <span class="unseen">Event monitor, all events</span>
    <svg aria-hidden="true" viewBox="0 0 20 20" width="20" height="20">
      <rect class="mark-box" width="20" height="20" rx="4" />
      <path class="mark-bars" d="M5.5 11.5v3.5M10 8.5v6.5M14.5 5v10" />
    </svg>
  </a>
);

/** The views; on a phone they are at the bottom, where a thumb is. */
export const Views = ({ look, news }: { look: Look; news: News | undefined }) => (
  <nav class="views" aria-label="Views">
    {viewsFor(look).map(({ path, key, name, icon }) => (
      <a
        href={href(look, path)}
        data-key={key}
        aria-current={isAt(look, path) ? "page" : undefined}
      >
        <svg aria-hidden="true" viewBox="0 0 20 20" width="20" height="20">
          <path d={icon} />
        </svg>
        {name}
        {path === "/launches" && news?.launchesToday ? (
          <span class="pill is-launch">{`${news.launchesToday} today`}</span>
        ) : null}
        {path === "/changes" && news?.changesToday ? (
          <span class="pill" title="In the last 24 hours">
            {news.changesToday}
          </span>
        ) : null}
      </a>
    ))}
  </nav>
);

/** Whoever is kept to some events has nothing to operate. */
const viewsFor = ({ caller }: Look) =>
  views.filter(({ path }) => path !== "/operations" || !caller || !isKeptToSome(caller));

function isAt({ path }: Look, view: string) {
  if (view === "/") return path === "/" || path.startsWith("/events/");
  return path === view || path.startsWith(`${view}/`);
}

export const Find = ({ look }: { look: Look }) => (
  <search class="find">
    <form method="get" action="/">
      {look.asOf ? <input type="hidden" name="as_of" value={look.asOf.toISOString()} /> : null}
      <input
        type="search"
        name="q"
        data-find
        placeholder="Find an event"
        aria-label="Find an event"
        value={look.path === "/" ? (look.query.get("q") ?? "") : ""}
      />
      <span class="key-hint" aria-hidden="true">
        /
      </span>
    </form>
  </search>
);
