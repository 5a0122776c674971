#!/usr/bin/env node
/**
 * The command line: parses arguments, hands over to a command, turns errors into one line and an exit code.
 *
 * Exit codes: 0 done, 1 bad input, 2 a defect of ours. Commands are imported when they run, so that `--help` answers at once.
 */

import { Command, CommanderError, Option } from "commander";
import { InputError } from "../errors.ts";
import { KERNEL_DTYPES } from "../kernels/kernel.ts";
import { VERSION } from "../version.ts";
import { choiceList, countList, wordList } from "./benchmark/lists.ts";
import { BENCHMARK_TARGETS } from "./benchmark/result.ts";
import { METHODS, MOVE_NAMES } from "./methods.ts";
import { TARGETS, targetList } from "./targets.ts";

const SOURCE = "a task's name, a .ts or .js file, a .jaxpr, or a Program or graph as .json";
const ORDER =
  "forward, reverse, markowitz, or a file: a JSON list of equation numbers from 1, or a certificate";

const TARGET =
  "what to write: js, an ES module; wasm, WebAssembly and its loader; c, C99 with a header; jax, a Python module for JAX";

function cType(): Option {
  return new Option("--dtype <NAME>", "the type that C and WebAssembly compute in")
    .choices(KERNEL_DTYPES)
    .default("float64");
}

/** A number in a flag. Throws an InputError that names the flag. */
function number(flag: string, check: (value: number) => boolean, expected: string) {
  return (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!check(value)) throw new InputError(`${flag}: expected ${expected}, got "${text}"`);
    return value;
  };
}

const seconds = number("--seconds", (value) => value >= 0 && value < 1e7, "a number of seconds");
const seed = number("--seed", (value) => Number.isSafeInteger(value) && value >= 0, "a whole number from 0");
const iterations = number(
  "--iterations",
  (value) => Number.isSafeInteger(value) && value >= 0,
  "a whole number from 0",
);
const threads = number(
  "--threads",
  (value) => Number.isSafeInteger(value) && value >= 1 && value <= 1024,
  "a whole number from 1",
);

/** A count in a flag. */
function count(flag: string) {
  return number(flag, (value) => Number.isSafeInteger(value) && value >= 1, "a whole number from 1");
}

const derivative = number(
  "--derivative",
  (value) => Number.isSafeInteger(value) && value >= 1 && value <= 4,
  "1, 2, 3 or 4",
);

const DERIVATIVE = "order of the derivatives: 2, the Jacobian of the function's Jacobian; 3, of that one's";

const CONSTANTS = "values of the arrays that a jaxpr closes over, as .json: a list with one array each";

function sourceCommand(program: Command, name: string, summary: string): Command {
  return program
    .command(name)
    .summary(summary)
    .description(summary)
    .argument("<SOURCE>", SOURCE)
    .option("--function <NAME>", "the exported function, if the file exports several")
    .option(
      "--shapes <JSON>",
      "shapes of the parameters, where the source does not say them: [[],[3]] is a number and a list of 3",
    )
    .option("--constants <FILE>", CONSTANTS)
    .option("--derivative <N>", DERIVATIVE, derivative, 1);
}

function buildCommands(): Command {
  const program = new Command("alphagrad")
    .description(
      "Finds the cheapest exact way to compute the Jacobian of a numerical function, and writes the code for it.",
    )
    .version(VERSION)
    .addHelpText(
      "after",
      `
Examples:
  alphagrad optimize RoeFlux_1d                search, compare, and write the Jacobian code of a task
  alphagrad optimize model.ts --function step  the same for your own function
  alphagrad optimize f.jaxpr --target jax,c    a JAX function's, as a Python module and as C
  alphagrad optimize f.jaxpr --seconds 3600    a long search; Ctrl-C ends it, --resume goes on with it
  alphagrad evaluate model.ts --at point.json  outputs and Jacobian at a point
  alphagrad tasks                              the functions that come with alphagrad`,
    );

  sourceCommand(program, "optimize", "find the cheapest elimination order and write the Jacobian code")
    .addOption(
      new Option(
        "--objective <NAME>",
        "what to minimise: a count, or the measured runtime among the orders that searches by both counts propose",
      )
        .choices(["operations", "multiplications", "runtime"])
        .default("operations"),
    )
    .option(
      "--batch <N>",
      "points at once that --objective runtime measures: 1 in JavaScript (default), more in WebAssembly with --dtype",
      count("--batch"),
    )
    .addOption(new Option("--method <NAME>", "how to search").choices(METHODS).default("auto"))
    .addOption(
      new Option(
        "--moves <WHAT>",
        "what is eliminated: edges and faces can be cheaper than any order of vertices",
      )
        .choices(MOVE_NAMES)
        .default("vertex"),
    )
    .option("--seconds <S>", "time to search", seconds, 10)
    .option("--iterations <N>", "search for a number of orders instead of a time", iterations)
    .option("--seed <N>", "seed of every random choice", seed, 1)
    .option(
      "--threads <N>",
      "worker threads for method auto (default: one per core, as far as they are useful; 1 with --iterations, so that the result can be repeated)",
      threads,
    )
    .option(
      "--resume",
      "go on with the search that was interrupted in the directory of --out; with more seconds or iterations, also with one that has ended",
    )
    .option(
      "--as-written",
      "keep the program's own equations, as the paper counts; by default equal ones are merged first",
    )
    .option("--scalarise", "unroll arrays to scalars; by default if the usual orders cost a tenth less there")
    .option("--no-scalarise", "keep arrays")
    .addOption(
      new Option("--target <NAMES>", `${TARGET}; several with commas (default: js)`).argParser(targetList),
    )
    .addOption(cType())
    .option(
      "--reassociate",
      "share more products by multiplying in another order: fewer operations, results differ by rounding",
    )
    .option(
      "--out <DIR>",
      "where to write the kernel, certificate, Program and picture (default: alphagrad-out/NAME)",
    )
    .option("--no-out", "write no files")
    .option("--json", "print one JSON object and nothing else; writes files only with --out")
    .action(async (source, options) =>
      (await import("./commands/optimize.ts")).optimizeCommand(source, options),
    );

  sourceCommand(program, "evaluate", "outputs and Jacobian at a point, by the generated program")
    .requiredOption(
      "--at <FILE>",
      'the point: {"inputs": [...]}, one entry per parameter, nested as in the source',
    )
    .option("--order <ORDER>", ORDER, "reverse")
    .option("--simplify", "act on the simplified program")
    .option("--scalarise", "act on the program unrolled to scalars")
    .option("--json", "print {outputs, jacobian[output][input]} as JSON and nothing else")
    .action(async (source, options) =>
      (await import("./commands/evaluate.ts")).evaluateCommand(source, options),
    );

  sourceCommand(program, "compile", "write the Jacobian code of an order")
    .requiredOption("--order <ORDER>", ORDER)
    .addOption(new Option("--target <NAME>", TARGET).choices(TARGETS).default("js"))
    .addOption(cType())
    .option(
      "--reassociate",
      "share more products by multiplying in another order: fewer operations, results differ by rounding",
    )
    .requiredOption("--out <FILE>", "the file to write; what belongs to it (.d.ts, .h) goes beside it")
    .option("--values", "compute the function's own outputs too")
    .option("--as-written", "keep the program's own equations; by default equal ones are merged first")
    .option("--scalarise", "act on the program unrolled to scalars")
    .action(async (source, options) =>
      (await import("./commands/compile.ts")).compileCommand(source, options),
    );

  sourceCommand(program, "count", "what an order costs")
    .requiredOption("--order <ORDER>", ORDER)
    .option("--simplify", "act on the simplified program")
    .option("--scalarise", "act on the program unrolled to scalars")
    .option("--per-vertex", "the cost of each elimination too")
    .option("--json", "print JSON and nothing else")
    .action(async (source, options) => (await import("./commands/count.ts")).countCommand(source, options));

  sourceCommand(program, "show", "the Program or its computational graph")
    .addOption(
      new Option("--format <NAME>", "text or json: the Program; dot: its graph for Graphviz")
        .choices(["text", "dot", "json"])
        .default("text"),
    )
    .option("--simplify", "act on the simplified program")
    .option("--scalarise", "act on the program unrolled to scalars")
    .action(async (source, options) => (await import("./commands/show.ts")).showCommand(source, options));

  sourceCommand(program, "bench", "time the Jacobian's code: our orders, and other people's programs")
    .option(
      "--batch <SIZES>",
      "points per call, with commas between",
      countList("--batch", 2 ** 22),
      [1, 512, 8192, 65536],
    )
    .option(
      "--dtype <NAMES>",
      "f32, f64 or both",
      choiceList("--dtype", KERNEL_DTYPES, { f32: "float32", f64: "float64" }),
      ["float32", "float64"],
    )
    .option(
      "--orders <ORDERS>",
      "with commas between: forward, reverse, markowitz, ours (a search by operations), or files as --order takes them",
      wordList("--orders"),
      ["forward", "reverse", "markowitz", "ours"],
    )
    .option(
      "--targets <NAMES>",
      "what our code is timed as: js, wasm, c",
      choiceList("--targets", BENCHMARK_TARGETS),
      ["wasm", "js"],
    )
    .option(
      "--peers <NAMES>",
      "whom to compare with: jax, casadi, torch, jaxjs, as far as they are installed",
      wordList("--peers"),
      [],
    )
    .option(
      "--threads <NUMBERS>",
      "numbers of threads, with commas between: for ours, and for peers that can use several",
      countList("--threads", 256),
      [1],
    )
    .option(
      "--seconds-per-case <S>",
      "time to measure each kernel at each batch size",
      number("--seconds-per-case", (value) => value > 0 && value <= 600, "a number of seconds above 0"),
      0.2,
    )
    .option("--seconds <S>", "time of the search for ours", seconds, 10)
    .option("--seed <N>", "seed of every random choice", seed, 1)
    .option("--at <FILE>", 'the point: {"inputs": [...]}; by default one of the task, or random numbers')
    .option("--python <PATH>", "Python for peers (default: ALPHAGRAD_PYTHON, or python3)")
    .option("--cc <PATH>", "C compiler (default: CC, or cc)")
    .option("--as-written", "keep the program's own equations; by default equal ones are merged first")
    .option("--scalarise", "unroll arrays to scalars; by default if the usual orders cost a tenth less there")
    .option("--no-scalarise", "keep arrays")
    .option(
      "--reassociate",
      "share more products by multiplying in another order: fewer operations, results differ by rounding",
    )
    .addOption(
      new Option("--format <NAME>", "of what is printed").choices(["text", "markdown"]).default("text"),
    )
    .option("--json", "print JSON and nothing else")
    .option("--out <DIR>", "write the table, the numbers and a picture of time over batch size")
    .action(async (source, options) => (await import("./commands/bench.ts")).benchCommand(source, options));

  program
    .command("train")
    .summary("agents learn to eliminate by playing")
    .description("agents learn to eliminate by playing: on sources, on random programs, or on both")
    .argument("[SOURCES...]", `each ${SOURCE}`)
    .addOption(new Option("--agent <NAME>", "how to learn (default: ppo)").choices(["alphazero", "ppo"]))
    .addOption(
      new Option(
        "--network <NAME>",
        "what learns: one that passes messages along edges, or in which all vertices attend to all (default: graph)",
      ).choices(["graph", "transformer"]),
    )
    .option(
      "--minutes <M>",
      "time to train, over all runs (default: 10)",
      number("--minutes", (value) => value > 0 && value < 1e6, "a number of minutes above 0"),
    )
    .option(
      "--rounds <N>",
      "train for a number of rounds instead of a time, so that the result can be repeated",
      count("--rounds"),
    )
    .option("--seed <N>", "seed of every random choice (default: 1)", seed)
    .addOption(
      new Option(
        "--objective <NAME>",
        "what to minimise; runtime is measured in units of reverse mode's (default: multiplications)",
      ).choices(["operations", "multiplications", "runtime"]),
    )
    .option("--random <N>", "random programs to train on, beside the sources", count("--random"))
    .option("--honest", "every vertex is a move, without safe eliminations and bounds, as the paper plays it")
    .option("--simplify", "act on the simplified programs; by default for operations and runtime")
    .option("--scalarise", "act on the programs unrolled to scalars")
    .option("--warm-start", "first imitate orders that annealing finds")
    .option(
      "--restarts <N>",
      "short runs from fresh weights in the first half of the time; the best goes on (default: 1)",
      count("--restarts"),
    )
    .option("--threads <N>", "threads that play (default: 1)", count("--threads"))
    .option(
      "--config <FILE>",
      "a configuration in YAML, or the name of one that comes with alphagrad; flags win over it",
    )
    .option(
      "--out <DIR>",
      "where to write checkpoints, curves and certificates (default: alphagrad-out/training)",
    )
    .option("--resume", "go on with the run in the directory of --out")
    .option("--function <NAME>", "the exported function, if a file exports several")
    .option("--shapes <JSON>", "shapes of the parameters, where the source does not say them")
    .option("--constants <FILE>", CONSTANTS)
    .option("--derivative <N>", DERIVATIVE, derivative, 1)
    .action(async (sources, options) => (await import("./commands/train.ts")).trainCommand(sources, options));

  program
    .command("verify")
    .summary("check a certificate by other means than those that made it")
    .description(
      "check a certificate: the order, its costs and its lower bound are worked out anew, by code that shares nothing with the search",
    )
    .argument("<CERTIFICATE>", "the certificate, as .json")
    .argument("[SOURCE]", `${SOURCE}; by default the program.json or graph.json beside the certificate`)
    .option("--function <NAME>", "the exported function, if the file exports several")
    .option("--shapes <JSON>", "shapes of the parameters, where the source does not say them")
    .option("--constants <FILE>", CONSTANTS)
    .option("--derivative <N>", DERIVATIVE, derivative, 1)
    .option("--json", "print the report as JSON and nothing else")
    .action(async (certificate, source, options) =>
      (await import("./commands/verify.ts")).verifyCommand(certificate, source, options),
    );

  program
    .command("compare")
    .summary("all methods on the tasks, side by side")
    .description(
      "all methods on the tasks: multiplications of the programs as written, operations of the simplified ones",
    )
    .argument("[TASKS...]", "names of tasks; all by default")
    .option("--seconds <S>", "time for each search that takes any: beam, annealing, auto", seconds, 10)
    .option(
      "--methods <NAMES>",
      "which, with commas between (default: forward, reverse, markowitz, relative-markowitz, fill-in, lmmd, momr, moplr, beam, annealing, auto)",
      (names: string) => names.split(",").map((name) => name.trim()),
    )
    .option("--seed <N>", "seed of every random choice", seed, 1)
    .addOption(
      new Option("--format <NAME>", "of what is printed")
        .choices(["text", "markdown", "json", "svg"])
        .default("text"),
    )
    .action(async (names, options) => (await import("./commands/compare.ts")).compareCommand(names, options));

  program
    .command("tasks")
    .summary("the functions that come with alphagrad")
    .description("the functions that come with alphagrad")
    .option("--json", "print JSON and nothing else")
    .action(async (options) => (await import("./commands/tasks.ts")).tasksCommand(options));
  return program;
}

async function main(): Promise<number> {
  const program = buildCommands().exitOverride();
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    if (error instanceof InputError) {
      process.stderr.write(`alphagrad: ${error.message}\n`);
      return 1;
    }
    process.stderr.write(
      `alphagrad: internal error, please report it: ${error instanceof Error ? error.stack : error}\n`,
    );
    return 2;
  }
}

// A reader that closes the pipe early (head, less) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 2));
process.exitCode = await main();
