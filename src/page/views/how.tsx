import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiOptions } from "../../api/app.ts";
import type { ApiEnv } from "../../api/request/problem.ts";
import { answerPage } from "../answer.ts";
import type { Assets } from "../assets.ts";
import { Frame } from "../layout.tsx";
import { lookOf } from "../look.ts";
import { readQuery, viewQuery } from "../read-query.ts";
import { Backtest } from "./backtest.tsx";

export function addHowViews(
  app: OpenAPIHono<ApiEnv>,
  assets: Assets,
  { clock, readBacktest }: Pick<ApiOptions, "clock" | "readBacktest">,
) {
  const View = Frame(assets);
  const query = viewQuery({});
  app.get("/how", (c) => {
    readQuery(c, query, clock);
    return answerPage(
      c,
      <View look={lookOf(c, clock)} title="How the numbers are made" isLive={false}>
        <article class="prose">
          <h1>How the numbers are made</h1>
          <h2>Sold and left</h2>
          <p>
            Every ticket of every event is read from Vivenu and counted. <b>Sold</b> is what is
            valid and takes a place: what was refunded or cancelled is not, and what a transfer, a
            rebooking or an upgrade replaced is counted once. <b>Left</b> is what the capacity
            leaves after what is sold, reserved, and held for partners. Totals are of the ticket
            types that stand for starting places; spectators, extras and partners’ places are
            listed, and are not in the totals.
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
            Prices are those of the event’s own shop. What was taken for the sold tickets is in the{" "}
            <a href="/docs">API</a>: the sum of Vivenu’s prices after discounts, which may hold
            fees, and of no ticket type that sold fewer than five.
          </p>
        </article>
      </View>,
    );
  });

  app.get("/how/forecast", async (c) => {
    readQuery(c, query, clock);
    const tried = await readBacktest();
    return answerPage(
      c,
      <View look={lookOf(c, clock)} title="What can be known of a sale" isLive={false}>
        <article class="prose">
          <h1>What can be known of a sale</h1>
          <p>
            An event sells most of its places in the first days and little by little after them, so
            a straight line drawn through what was sold says far too much at first. What other
            events went on to sell after the same share of their selling time says more, where there
            were enough of them and they were alike.
          </p>
          <h2>When a forecast is shown</h2>
          <p>
            Only where it has proved itself at the same time after the launch: at least eight past
            events that can be compared, and at least eight that were forecast as if their end were
            not known yet, with errors a quarter smaller than a straight line’s and no larger than
            those of the last week’s pace, and with ranges that held in 65 to 95 of 100 cases.
            Everywhere else the page says <b>Not known yet</b>, and why.
          </p>
          {tried ? <Backtest tried={tried} /> : null}
          <h2>How it is said</h2>
          <p>
            “8 of 10 times between 6 and 29 December” means that of ten such forecasts eight held
            and two did not. They are of the places that there are: when more are added, nothing is
            known for three days, and then the event is forecast anew.
          </p>
          <p>
            A day on which an event sells out is told only where at least eight past events seemed
            to be on their way there at the same time after their launch, and it is told as much
            later as it was for them, for the last places often go slowly or not at all. Where most
            of them never sold out, or fewer are known, the page says <b>perhaps</b>, and before
            which day it hardly is.
          </p>
          <h2>What is never done</h2>
          <p>
            A season that was played for a demonstration says nothing of a real one, and is never
            taken for one.
          </p>
        </article>
      </View>,
    );
  });
}
