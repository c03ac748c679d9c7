// What curl -v shows of requests that a browser would send, header for header where it matters to CORS. What a page would
// see of them is what Chromium's page saw of the same step, so this runs after chromium-devtools.js.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { read, write, writeExpected, expectedName } from './files.js';
import { API, PAGE, withServers } from './server.js';

const origin = ['-H', `Origin: ${PAGE}`];
const cookie = ['-H', 'Cookie: session=example; theme=dark'];
const preflight = (headers) => ['-X', 'OPTIONS', ...origin, '-H', 'Access-Control-Request-Method: PUT', '-H', `Access-Control-Request-Headers: ${headers}`];
const put = ['-X', 'PUT', ...origin, ...cookie, '-H', 'Content-Type: application/json', '-d', '{"a":1}'];

// --next forgets the options before it, so each request of a transcript names its own.
const transcripts = {
  'curl-get': { step: 'credentials allowed', requests: [[...origin, ...cookie, API + '/credentials']] },
  'curl-get-blocked': { step: 'no allow-origin', requests: [[...origin, API + '/no-allow-origin']] },
  'curl-preflight': { step: 'preflight allowed', requests: [[...preflight('content-type'), API + '/put'], [...put, API + '/put']] },
  'curl-preflight-blocked': { step: 'method not allowed', requests: [[...preflight('content-type'), API + '/method-not-allowed']] },
  'curl-redirect': { step: 'redirect in one origin', requests: [['-L', ...origin, API + '/redirect']] },
};

async function curl(requests) {
  const file = join(tmpdir(), `corsim-${process.pid}.txt`);
  const output = openSync(file, 'w');
  const each = ['-s', '-v', '--no-buffer', '--noproxy', '*'];
  const args = ['-q', ...requests.flatMap((request, i) => [...(i ? ['--next'] : []), ...each, ...request])];
  const code = await new Promise((resolve, reject) => spawn('curl', args, { stdio: ['ignore', output, output] }).on('error', reject).on('exit', resolve));
  closeSync(output);
  const text = readFileSync(file, 'utf8');
  rmSync(file);
  if (code !== 0) throw new Error(`curl ended with ${code}:\n${text}`);
  return text;
}

const { browser, page, outcomes } = JSON.parse(read(expectedName('chromium-devtools')));
for (const [name, { step, requests }] of Object.entries(transcripts)) {
  await withServers(async (arrived) => {
    write(`${name}.txt`, await curl(requests));
    writeExpected(name, { browser, page, outcomes: outcomes.filter((outcome) => outcome.step === step), console: [], requests: arrived });
  });
}
