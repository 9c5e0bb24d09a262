/**
 * `npm run told`: each fault of the outside world that somebody has to know of, alone: how soon `/status` names
 * it, in which words, and how soon that is gone when it has ended. Half an hour for all.
 */
import { Command } from "commander";
import { startServer } from "../test/support/server.ts";
import { tellsFaults, toldCases } from "../test/told/told.ts";

const say = (line: string) => void process.stdout.write(`${line}\n`);

const { only, within, hold } = new Command("npm run told --")
  .description("how soon /status names each fault of the outside world, and how soon it is gone")
  .option("--only <word>", "only of these, as `sheets` or `503`", "")
  .option("--within <seconds>", "for each of the two", "60")
  .option("--hold <seconds>", "how long each lasts after it was said", "0")
  .parse()
  .opts<{ only: string; within: string; hold: string }>();

const server = await startServer();
for (const name of ["SIGINT", "SIGTERM"] as const)
  process.once(name, () => void server.stop().finally(() => process.exit(130)));
let late = 1;
try {
  const cases = toldCases.filter(({ system, faults }) =>
    JSON.stringify({ system, faults }).includes(only),
  );
  const told = await tellsFaults({
    cases,
    withinS: Number(within),
    holdS: Number(hold),
    onCase({ name, saidS, goneS, sentence, instead }) {
      const said = sentence === null ? instead.map((one) => `instead: ${one}`) : [sentence];
      const words = said.map((one) => `\n    ${one}`).join("");
      say(`${name}: said ${after(saidS)}, gone ${after(goneS)}${words}`);
    },
  });
  late = told.filter(({ saidS, goneS }) => saidS === null || goneS === null).length;
  say(`${told.length} faults, ${late} not named or not gone within ${within} s`);
} finally {
  await server.stop();
}
process.exit(late === 0 ? 0 : 1);

function after(seconds: number | null) {
  return seconds === null ? "NOT IN TIME" : `after ${seconds} s`;
}
