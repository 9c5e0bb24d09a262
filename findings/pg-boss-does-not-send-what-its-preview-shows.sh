#!/bin/sh
# pg-boss shows a job on the day that clocks go forward and does not send it, and sends one twice where its preview has it once.
#
# pg-boss 12.38.0 with cron-parser 5.10.6, PGlite 0.5.14 (PostgreSQL 18.6), Bun 1.4.5: `previewSchedule` is there to show what a
# schedule will do, and asks cron-parser for what comes next. The pass that sends asks it for what came last, and cron-parser has
# two answers: forwards 02:30 is 03:30 on the day that leaves it out and the first 02:30 on the day that has two; backwards
# there is none in spring, and both in autumn. Where midnight is what is left out, as in Santiago and Cairo, looking back is
# an error for all of the day, and until the next Sunday for a weekly job; that alone is a warning.
# So a nightly report never comes, or an invoice is sent twice, one day a year. Making up for
# passes that did not run (`missed: "once"`) looks back too. For spring it is known of cron-parser, as its open issue 378. The clock is
# pg-boss's own TestClock.
# Schedule in UTC, or at an hour that no zone's change touches (from 04:00 on).
#
# Seen on 2026-11-30:
#   30 2 * * * in Berlin: preview 03-28T01:30 03-29T01:30 03-30T00:30, sent 03-28T01:30 03-30T00:30
#   30 2 * * * in Berlin: preview 10-25T00:30 10-26T01:30, sent 10-25T00:30 10-25T01:30 10-26T01:30
#   0 0 * * 0 in Santiago: preview 08-30T04:00 09-06T04:00 09-13T03:00, sent 08-30T04:00 09-13T03:00
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit pg-boss@12.38.0 cron-parser@5.10.6 @electric-sql/pglite@0.5.14 bun@1.4.5
cat >try.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { fromPglite, PgBoss, TestClock } from "pg-boss";

const minute = 60_000;
const short = (instants) => instants.map((instant) => instant.toISOString().slice(5, 16)).join(" ");

/** What a schedule's preview has, and at which of these and of `others` a job was sent. */
async function compare(cron, tz, from, count, others) {
  const clock = new TestClock(from);
  const db = await PGlite.create();
  const boss = new PgBoss({ db: fromPglite(db), clock });
  let warnings = 0;
  boss.on("error", (error) => console.log(error.message));
  boss.on("warning", () => {
    warnings += 1;
  });
  await boss.start();
  await boss.createQueue("report");
  await boss.schedule("report", cron, {}, { tz });
  const preview = boss.previewSchedule(cron, { tz, count });
  const sent = [];
  const instants = [...preview, ...others.map((other) => new Date(other))].sort((a, b) => a - b);
  for (const instant of instants) {
    await clock.setTime(new Date(instant.getTime() - 5_000));
    await clock.tick(minute);
    for (const job of await boss.fetch("report", { batchSize: 10 })) {
      sent.push(instant);
      await boss.complete("report", job.id);
    }
  }
  console.log(`${cron} in ${tz}: preview ${short(preview)}, sent ${short(sent)}, warnings ${warnings}`);
  await boss.stop({ graceful: false });
  await db.close();
}
await compare("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00Z", 3, ["2026-03-29T00:30Z", "2026-03-29T01:00Z"]);
await compare("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2, ["2026-10-25T01:30Z"]);
await compare("0 0 * * 0", "America/Santiago", "2026-08-29T12:00Z", 3, []);
JS
node_modules/.bin/bun try.mjs | tee out
grep -qxF '30 2 * * * in Europe/Berlin: preview 03-28T01:30 03-29T01:30 03-30T00:30, sent 03-28T01:30 03-30T00:30, warnings 0' out
grep -qxF '30 2 * * * in Europe/Berlin: preview 10-25T00:30 10-26T01:30, sent 10-25T00:30 10-25T01:30 10-26T01:30, warnings 0' out
grep -qxF '0 0 * * 0 in America/Santiago: preview 08-30T04:00 09-06T04:00 09-13T03:00, sent 08-30T04:00 09-13T03:00, warnings 1' out
