import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiOptions } from "../../api/app.ts";
import type { ApiEnv } from "../../api/problem.ts";
import { answerPage } from "../answer.ts";
import type { Assets } from "../assets.ts";
import { Frame } from "../layout.tsx";
import { lookOf } from "../look.ts";
import { readQuery } from "../read-query.ts";

export function addHowViews(
  app: OpenAPIHono<ApiEnv>,
  assets: Assets,
  { clock }: Pick<ApiOptions, "clock">,
) {
  const View = Frame(assets);
  app.get("/how", (c) => {
    readQuery(c, {}, clock);
    return answerPage(
      c,
      <View look={lookOf(c, clock)} title="How the numbers are made" isLive={false}>
        <article class="prose">
          <h1>How the numbers are made</h1>
          <h2>Sold and left</h2>
          <p>
            Every ticket of every event is read from Vivenu and counted. <b>Sold</b> is what is
            valid and takes a place; what is refunded, cancelled or replaced by a transfer, a
            rebooking or an upgrade is not counted twice. <b>Left</b> is what the capacity leaves
            after what is sold, in a basket, and held for partners. Totals are of the ticket types
            that stand for starting places; spectators, extras and partners’ places are listed, and
            are not in the totals.
          </p>
          <p>
            <b>Not counted yet</b> is said where a number is not known. 0 means none.
          </p>
          <h2>24 hours and 7 days</h2>
          <p>
            New sales by when the tickets were created, in whole hours: the hour that has begun is
            not in them. Replacements are left out, and so is what was refunded since.
          </p>
          <h2>Against usual</h2>
          <p>
            <b>Usual</b> is the median of comparable events after the same share of their selling
            time: from the public launch to the end of the sale, or to the race where that comes
            first. Comparable are the newest ten past events of the same account, or of all accounts
            where it has fewer than three; on an event’s page others can be chosen. The difference
            is in points: 44 % sold where 30 % is usual is +14.
          </p>
          <h2>An earlier moment</h2>
          <p>
            “As it was” shows what stood in Vivenu then, by all that is known now: what was learned
            later corrects the past.
          </p>
          <h2>Money</h2>
          <p>
            What is worth something is in Vivenu’s own figures, before fees, and for people who may
            read it in the <a href="/docs">API</a>.
          </p>
        </article>
      </View>,
    );
  });
}
