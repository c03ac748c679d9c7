// The same Chromium as Playwright's recordHar sees it, in its full and in its minimal mode.
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { executable, flags, hostFlags, observe } from './chromium.js';
import { write, writeExpected } from './files.js';
import { documents, visit, withServers } from './traffic.js';

async function record(name, mode, requests) {
  const har = join(tmpdir(), `corsim-${process.pid}.har`);
  const browser = await chromium.launch({ executablePath: executable, args: [...flags, ...hostFlags], chromiumSandbox: false });
  const context = await browser.newContext({ locale: 'en-US', recordHar: { path: har, mode, content: 'embed' } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const events = ['Network.requestWillBeSent', 'Network.loadingFailed', 'Log.entryAdded'];
  const observed = await observe((method) => session.send(method), (listener) => events.forEach((event) => session.on(event, (params) => listener(event, params))));

  const outcomes = observed.explain(await visit((url) => page.goto(url), (expression) => page.evaluate(expression)));
  await context.close();
  const version = `Chrome/${browser.version()}`;
  await browser.close();

  write(`${name}.har`, readFileSync(har, 'utf8'));
  rmSync(har);
  writeExpected(name, { browser: version, page: documents[0], outcomes, console: observed.console, requests });
}

await withServers((requests) => record('chromium-playwright', 'full', requests));
await withServers((requests) => record('chromium-playwright-minimal', 'minimal', requests));
