import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiOptions } from "../api/app.ts";
import { type Pages, pagePaths } from "../api/pages.ts";
import type { ApiEnv } from "../api/request/problem.ts";
import type { Clock } from "../lib/clock.ts";
import { asInstant } from "./as-of-moment.ts";
import { pageAssets } from "./assets.ts";
import { faultPages } from "./faults.tsx";
import { addSignIn } from "./sign-in.tsx";
import { addChangesView } from "./views/changes.tsx";
import { addEventView } from "./views/event.tsx";
import { addEventsView } from "./views/events.tsx";
import { addHowViews } from "./views/how.tsx";
import { addLaunchesView } from "./views/launches.tsx";
import { addOperationsView } from "./views/operations.tsx";

/**
 * What people open: HTML made from the readers that the API uses, one view a file. Every state is an address,
 * and everything works without the script.
 */
export async function pages({ clock }: { clock: Clock }): Promise<Pages> {
  const assets = await pageAssets();
  return {
    faults: faultPages(assets, clock),
    addOpen(app, options) {
      assets.add(app);
      addSignIn(app, assets, options);
    },
    addViews(app: OpenAPIHono<ApiEnv>, options: ApiOptions) {
      for (const path of [...pagePaths, "/operations"]) app.use(path, asInstant(clock));
      addEventsView(app, assets, options);
      addEventView(app, assets, options);
      addLaunchesView(app, assets, options);
      addChangesView(app, assets, options);
      addOperationsView(app, assets, options);
      addHowViews(app, assets, options);
    },
  };
}
