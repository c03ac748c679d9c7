// What a run came to, and how that compares with browsers.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { posix } from 'node:path';

// readBaseline reads a table of what browsers do: file, subtest, and the results of
// Chromium, Firefox and WebKit, separated by tabs. It may be compressed by gzip.
export function readBaseline(file) {
  let bytes = readFileSync(file);
  if (bytes[0] === 0x1F && bytes[1] === 0x8B) bytes = gunzipSync(bytes);
  const rows = new Map(); // by file: subtest → results
  for (const line of bytes.toString('utf8').split('\n').slice(1)) {
    const [path, name, ...results] = line.split('\t');
    if (results.length === 0) continue;
    if (!rows.has(path)) rows.set(path, new Map());
    rows.get(path).set(name, results);
  }
  return rows;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

// escape is how a baseline writes a name: as one field of one line, the same in
// each run.
const escape = (name) => name.replace(uuid, '{uuid}').replace(/[\x00-\x1F\x7F\x85\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

// readExpected reads the failures that are expected, and why, of one engine.
export function readExpected(file, engine) {
  return JSON.parse(readFileSync(file, 'utf8')).filter(({ engines }) => engines.includes(engine)).map((entry) => ({
    ...entry,
    fits: entry.subtests.map((s) => new RegExp('^' + s.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^]*') + '$')),
  }));
}

// expectation is why a subtest may fail, undefined where it may not.
export const expectation = (expected, path, name) =>
  expected.find((e) => e.file === path && e.fits.some((f) => f.test(name)))?.reason;

// compare counts the subtests that every browser passes, and lists those of them
// that did not pass.
export function compare(file, baseline) {
  const passing = [...(baseline?.get(file.file) ?? [])].filter(([, results]) => results.every((r) => r === 'PASS'));
  const got = new Map(file.tests.flatMap((t) => [[t.name, t], [escape(t.name), t]]));
  const missing = [];
  for (const [name] of passing) {
    const test = got.get(name);
    if (test?.status !== 'PASS' && !test?.expected) missing.push({ name, status: test?.status ?? 'MISSING', message: test?.message ?? file.message ?? '' });
  }
  return { browsers: passing.length, missing };
}

// summarize adds up files by directory, in their order.
export function summarize(files) {
  const directories = new Map();
  for (const file of files) {
    const name = posix.dirname(file.file.replace(/\?.*/, ''));
    const sum = directories.get(name) ?? { directory: name, files: 0, skipped: 0, passed: 0, total: 0, expected: 0, browsers: 0, missing: 0, dom: 0 };
    directories.set(name, sum);
    if (file.skip) sum.skipped++;
    else sum.files++;
    sum.passed += file.passed;
    sum.total += file.tests.length;
    sum.expected += file.tests.filter((t) => t.expected).length;
    sum.browsers += file.browsers;
    if (file.dom || file.skip) sum.dom += file.missing.length;
    else sum.missing += file.missing.length;
  }
  return [...directories.values()];
}

const oneLine = (text) => (text ?? '').split('\n')[0].slice(0, 200);

// printFile writes the line of a file, and below it what did not pass.
export function printFile(write, file, verbose) {
  if (file.skip) {
    if (verbose) write(`${'-'.padStart(9)}  ${file.file}: ${file.skip}\n`);
    return;
  }
  const status = file.status === 'OK' ? '' : `  [${file.status}: ${oneLine(file.message)}]`;
  write(`${`${file.passed}/${file.tests.length}`.padStart(9)}  ${file.file}${status}\n`);
  if (!verbose) return;
  for (const test of file.tests) {
    if (test.status !== 'PASS') write(`           ${test.status} ${oneLine(test.name)}: ${test.expected ? `expected: ${test.expected}` : oneLine(test.message)}\n`);
  }
}

// printSummary writes the totals by directory, and what browsers pass and we do not.
export function printSummary(write, files, withBaseline) {
  const rows = summarize(files);
  const total = { directory: 'total', files: 0, skipped: 0, passed: 0, total: 0, expected: 0, browsers: 0, missing: 0, dom: 0 };
  for (const row of rows) {
    for (const key of Object.keys(total)) if (key !== 'directory') total[key] += row[key];
  }
  const columns = ['passed', 'total', 'expected', 'files', 'skipped', ...(withBaseline ? ['browsers', 'missing', 'dom'] : [])];
  const heads = { expected: 'expected to fail', browsers: 'in browsers', missing: 'not here', dom: 'for want of a DOM' };
  write(`\n${columns.map((c) => (heads[c] ?? c).padStart(8)).join('  ')}  directory\n`);
  for (const row of [...rows, total]) {
    write(`${columns.map((c) => String(row[c]).padStart((heads[c] ?? c).length).padStart(8)).join('  ')}  ${row.directory}\n`);
  }
  if (!withBaseline) return;
  write('\nPassed by every browser, and not here, though no DOM is needed:\n');
  for (const file of files) {
    if (file.dom || file.skip) continue;
    for (const { name, status, message } of file.missing) write(`  ${file.file}\t${oneLine(name)}\t${status}: ${oneLine(message)}\n`);
  }
}
