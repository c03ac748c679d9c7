#!/usr/bin/env node
// Runs upstream's web-platform-tests, unmodified, in Node, with the engine behind
// their fetch, Headers, Request and XMLHttpRequest. "--help" has the flags.
import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findTests, readTest } from './files.mjs';
import { compare, expectation, printFile, printSummary, readBaseline, readExpected } from './report.mjs';
import { inParallel, runTest } from './runner.mjs';
import { Simulate, startServers } from './simulate.mjs';

const usage = `node internal/lab/harness/run.mjs --wpt DIR [flags] [PATTERN…]

Runs the .any.js, .window.js and .htm(l) files of an upstream tree that fit a
PATTERN: a file, a directory, or either with * in it. Without one: fetch/api,
xhr and cors.

      --wpt DIR          the tree, with resources/testharness.js
      --simulate FILE    the command; else it is run from source, by go
      --servers FILE     the servers; else they are run from source, by go
      --browser NAME     whose behaviour, as "simulate help stdio" lists them
      --baseline FILE    what browsers do; lists what all of them pass and we do not
      --expected FILE    the failures that are expected, and why; else those of the
                         ported tests, testdata/wpt/expected.json
      --jobs N           how many files are run at a time
      --json             print a line of JSON for each file
      --verbose          print what did not pass, and what was not run
      --help             print this

Exit status: 0 when all that was run passes or is expected to fail, or with
--baseline all that every browser passes; 1 when not; 2 for bad usage.
`;

// run runs tests and returns what came of each file, in order. onFile gets each as
// it ends.
export async function run(options, onFile = () => {}) {
  const module = join(dirname(fileURLToPath(import.meta.url)), '../../..');
  const own = (file, path, args) => (file ? [file, args] : ['go', ['run', path, ...args]]);
  const servers = await startServers(...own(options.servers, './internal/lab/harness/serve', [resolve(options.wpt)]), module);
  try {
    const args = ['stdio', '--insecure', ...servers.resolve.flatMap((rule) => ['--resolve', rule]),
      // No test gets off the machine: where nothing is served, nothing listens.
      '--resolve', '*:*:127.0.0.1:1'];
    if (options.browser) args.push('--browser', options.browser);
    const simulate = new Simulate(...own(options.simulate, './cmd/simulate', args), module);
    try {
      await simulate.ask({ op: 'reset' }).then(({ error }) => { if (error) throw new Error(error); });
      const baseline = options.baseline && readBaseline(options.baseline);
      const work = findTests(options.wpt, options.patterns).flatMap((path) => {
        const test = readTest(options.wpt, path);
        return test.variants.map((variant) => ({ test, variant }));
      });
      const expected = readExpected(options.expected ?? join(module, 'testdata/wpt/expected.json'), options.browser ?? 'standard');
      const files = new Array(work.length);
      await inParallel([...work.keys()], options.jobs, async (i) => {
        const { test, variant } = work[i];
        const outcome = test.skip ? { tests: [], status: 'SKIP', message: test.skip, skip: test.skip }
          : await runTest(simulate, options.wpt, test, variant).catch((err) => ({ tests: [], status: 'ERROR', message: err.message }));
        const file = { file: test.path + variant, ...outcome };
        file.passed = file.tests.filter((t) => t.status === 'PASS').length;
        for (const t of file.tests) {
          if (t.status !== 'PASS') t.expected = expectation(expected, test.path, t.name);
        }
        Object.assign(file, compare(file, baseline));
        files[i] = file;
        onFile(file);
      });
      return files;
    } finally {
      await simulate.close();
    }
  } finally {
    servers.close();
  }
}

async function main() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: {
        wpt: { type: 'string' }, simulate: { type: 'string' }, servers: { type: 'string' }, browser: { type: 'string' },
        baseline: { type: 'string' }, expected: { type: 'string' }, jobs: { type: 'string' }, json: { type: 'boolean' }, verbose: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (err) {
    process.stderr.write(`${err.message}\n`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const jobs = values.jobs === undefined ? availableParallelism() : Number(values.jobs);
  if (!values.wpt || !existsSync(join(values.wpt, 'resources/testharness.js'))) {
    process.stderr.write(`--wpt: ${values.wpt ? `${values.wpt} has no resources/testharness.js` : 'is missing; it is a tree of web-platform-tests'}\n`);
    return 2;
  }
  if (!Number.isInteger(jobs) || jobs < 1) {
    process.stderr.write(`--jobs: ${values.jobs} is no number of files\n`);
    return 2;
  }
  const patterns = positionals.length > 0 ? positionals : ['fetch/api', 'xhr', 'cors'];
  const write = (text) => process.stdout.write(text);
  const files = await run({ ...values, jobs, patterns }, (file) => {
    if (values.json) write(`${JSON.stringify(file)}\n`);
    else printFile(write, file, values.verbose);
  });
  if (!values.json) printSummary(write, files, Boolean(values.baseline));
  if (values.baseline) return files.some((f) => f.missing.length > 0) ? 1 : 0;
  return files.some((f) => !f.skip && (f.status !== 'OK' || f.tests.some((t) => t.status !== 'PASS' && !t.expected))) ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().then((status) => { process.exitCode = status; }, (err) => {
    process.stderr.write(`${err.message}\n`);
    process.exitCode = 2;
  });
}
