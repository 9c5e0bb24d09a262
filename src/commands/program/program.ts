import { Argument, Command, CommanderError } from "commander";
import manifest from "../../../package.json" with { type: "json" };
import { type ExitCode, exitCodes, faultOf, tellFault } from "../run/outcome.ts";
import { type Called, type Caller, type Runner, runner } from "../run/run.ts";
import { completions, type Shell, shells } from "./completions.ts";
import { addOutside } from "./outside.ts";
import { addRowCommands } from "./row-commands.ts";
import { addService } from "./service.ts";
import { addSetAside } from "./set-aside.ts";
import { addVivenuCommands } from "./vivenu-commands.ts";

const EXIT_CODES = `
Exit codes:
  0   all was done, and all is as it should be
  1   something could not be done or is not as it should be; trying again may help
  2   it was called in a wrong way
  78  a setting is unusable or a key is refused; trying again is useless
`;

/** Runs the command that the words ask for; gives its exit code, and has told what went wrong. */
export async function runProgram(words: string[], caller: Caller): Promise<ExitCode> {
  const json = words.includes("--json");
  let code: ExitCode = exitCodes.well;
  const onEnd = (ended: ExitCode) => {
    code = ended;
  };
  try {
    await createProgram({ ...caller, json, onEnd }).parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    // Help and version are no failure; of a wrong call commander has told a person itself.
    if (error instanceof CommanderError && error.exitCode === 0) return code;
    const fault = faultOf(error);
    if (!(error instanceof CommanderError) || json) await tellFault(fault, json, caller);
    return fault.code;
  }
}

/** Every command and its options: what each does is in a file of its own. */
export function createProgram(called: Called): Command {
  const program = new Command("vivenu-event-monitor")
    .description(manifest.description)
    .version(manifest.version)
    .option("--json", "say what came out, and what went wrong, as one JSON document")
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("afterAll", EXIT_CODES)
    .showHelpAfterError()
    .exitOverride();
  // An error is told once, as JSON, by whoever catches it.
  program.configureOutput({
    writeOut: (text) => void called.stdout.write(text),
    writeErr: (text) => void (called.json || called.stderr.write(text)),
  });
  const commands = runner(called);
  addService(program, commands, called);
  addVivenuCommands(program, commands);
  addRowCommands(program, commands);
  addSetAside(program, commands);
  addOutside(program, commands);
  addCompletions(program, commands);
  return program;
}

function addCompletions(program: Command, { run }: Runner) {
  program
    .command("completions")
    .description("a script that lets the shell complete commands and options")
    .addArgument(new Argument("<shell>", "which shell").choices(shells))
    .action(
      run(
        async (_, { processedArgs: [shell] }) => {
          // The cast: commander takes no other than the choices.
          const script = completions(program, shell as Shell);
          return { value: { shell, script }, text: script };
        },
        { piped: "text" },
      ),
    );
}
