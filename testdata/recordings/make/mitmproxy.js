// What a proxy sees: Chromium and Firefox behind mitmproxy, whose own har_dump.py writes the HAR. The package mitmproxy has
// that script among its examples; HAR_DUMP names it where it is elsewhere.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import { flagsThrough, observe, withChromium } from './chromium.js';
import { write, writeExpected } from './files.js';
import { collectMessages, visitAll, withFirefox } from './marionette.js';
import { documents, hosts, visit, withServers } from './traffic.js';
import { eventually, freePort, listens } from './wait.js';

const executable = process.env.MITMDUMP ?? 'mitmdump';
const loopback = fileURLToPath(new URL('loopback.py', import.meta.url));
const script = process.env.HAR_DUMP ?? '/usr/share/doc/mitmproxy/examples/contrib/har_dump.py';

// Runs f behind a proxy and returns what f does, and the bytes of the HAR that the proxy wrote to a file of that extension.
async function recorded(extension, f) {
  const directory = mkdtempSync(join(tmpdir(), 'corsim-mitmproxy-'));
  const har = join(directory, `dump.${extension}`);
  const port = await freePort();
  const child = spawn(executable, ['--quiet', '--listen-host', '127.0.0.1', '--listen-port', String(port), '--set', `confdir=${directory}`, '--scripts', script, ...(hosts.length ? ['--scripts', loopback] : []), '--set', `hardump=${har}`],
    { stdio: ['ignore', process.env.VERBOSE ? 'inherit' : 'ignore', 'inherit'] });
  const ended = new Promise((resolve, reject) => child.on('exit', resolve).on('error', reject));
  try {
    await Promise.race([eventually(() => listens(port)), ended.then((code) => { throw new Error(`${executable} ended with ${code}`); })]);
    const result = await f(port);
    child.kill('SIGINT');
    await ended;
    return { ...result, bytes: readFileSync(har) };
  } finally {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}

const chromium = (port) => withChromium(() => [], async (protocol, browser) => {
  const tab = await protocol.tab('about:blank');
  const observed = await observe(tab.send, tab.on);
  const outcomes = observed.explain(await visit((url) => tab.send('Page.navigate', { url }), tab.evaluate));
  return { browser, outcomes, console: observed.console };
}, flagsThrough(`127.0.0.1:${port}`));

const firefox = (port) => withFirefox({
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': port,
  'network.proxy.allow_hijacking_localhost': true,
}, async (marionette, browser) => {
  await marionette.run('chrome', collectMessages);
  const outcomes = await visitAll(marionette);
  return { browser, outcomes, console: await marionette.run('chrome', 'return messages;') };
});

await withServers(async (requests) => {
  const { bytes, ...seen } = await recorded('har', chromium);
  write('mitmproxy-chromium.har', bytes.toString());
  writeExpected('mitmproxy-chromium', { ...seen, page: documents[0], requests });
});
await withServers(async (requests) => {
  const { bytes, ...seen } = await recorded('zhar', firefox);
  write('mitmproxy-firefox.zhar', inflateSync(bytes).toString(), () => bytes);
  writeExpected('mitmproxy-firefox', { ...seen, page: documents[0], requests });
});
