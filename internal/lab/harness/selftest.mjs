// Tests the harness on a sample of its own, which needs neither an upstream tree
// nor a network: node internal/lab/harness/selftest.mjs [--simulate FILE] [--servers FILE]
import assert from 'node:assert/strict';
import { writeFileSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { substitute } from './files.mjs';
import { summarize } from './report.mjs';
import { run } from './run.mjs';

const { values } = parseArgs({ options: { simulate: { type: 'string' }, servers: { type: 'string' } } });

const url = new URL('https://web-platform.test:8443/a/b.sub.js?x=y');
assert.equal(substitute('{{host}} {{domains[élève]}} {{hosts[alt][www2]}} {{ports[https][1]}}', url),
  'web-platform.test xn--lve-6lad.web-platform.test www2.not-web-platform.test 8444');
assert.equal(substitute('{{GET[x]}} {{location[path]}} {{location[server]}} { {a} }', url), 'y /a/b.sub.js https://web-platform.test:8443 { {a} }');
assert.throws(() => substitute('{{nothing}}', url), /b\.sub\.js: \{\{nothing\}\} is not known/);

const directory = mkdtempSync(join(tmpdir(), 'corsim-harness-'));
const baseline = join(directory, 'baseline.tsv');
writeFileSync(baseline, ['file\tsubtest\tchromium\tfirefox\twebkit', 'sample/api.any.js\tHeaders\tPASS\tPASS\tPASS',
  'sample/api.any.js\tgone\tPASS\tPASS\tPASS', 'sample/api.any.js\tRequest\tPASS\tPASS\tFAIL',
  'sample/markup.htm\tthere are no elements\tPASS\tPASS\tPASS', ''].join('\n'));
try {
  const files = await run({ ...values, wpt: fileURLToPath(new URL('./sample', import.meta.url)), patterns: ['sample'], jobs: 2, baseline });
  const failing = files.map((f) => [f.file, f.status, f.dom, f.tests.filter((t) => t.status !== 'PASS').map((t) => `${t.name}: ${t.message}`)]);
  assert.deepEqual(failing, [
    ['sample/api.any.js', 'OK', false, []],
    ['sample/api.any.js?include=one', 'OK', false, ['sample: Error: this fails in the variant: got ?include=one, want ']],
    ['sample/markup.htm', 'OK', true, ['there are no elements: Error: there is no DOM, and so no element iframe']],
  ]);
  assert.deepEqual(files.map((f) => [f.browsers, f.missing.map((m) => `${m.name} ${m.status}`)]),
    [[2, ['gone MISSING']], [0, []], [1, ['there are no elements FAIL']]]);
  assert.ok(files[2].tests.some((t) => t.name === 'a <document>'), 'a test without a name has the title');
  const [sum] = summarize(files);
  assert.deepEqual([sum.files, sum.total - sum.passed, sum.browsers, sum.missing, sum.dom], [3, 2, 3, 1, 1]);
  process.stdout.write(`harness: ${sum.passed} of ${sum.total} subtests of the sample pass, as they should\n`);
} finally {
  rmSync(directory, { recursive: true });
}
