// WebKit with its own Web Inspector, which is Safari's too: WebKitGTK serves the front end over HTTP, a Chromium opens it on
// the page's tab, and its Network tab's own "Export HAR" writes into a string instead of a file.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withChromium } from './chromium.js';
import { write, writeExpected } from './files.js';
import { PAGE, withServers } from './server.js';
import { eventually, freePort } from './wait.js';

// Below /usr/lib there is a directory for each architecture.
const executable = process.env.MINIBROWSER ?? readdirSync('/usr/lib').map((directory) => `/usr/lib/${directory}/webkit2gtk-4.1/MiniBrowser`).find((path) => existsSync(path));
if (!executable) throw new Error('no MiniBrowser of WebKitGTK below /usr/lib: install libwebkit2gtk-4.1-0, or say in MINIBROWSER where it is');
const stdio = ['ignore', 'pipe', process.env.VERBOSE ? 'inherit' : 'ignore'];

// What a program writes until it has written a line.
const firstLine = (stream) => new Promise((resolve, reject) => {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => { if ((text += chunk).includes('\n')) resolve(text.split('\n')[0]); });
  stream.on('close', () => reject(new Error(`ended after ${JSON.stringify(text)}`)));
});

async function withDisplay(f) {
  const child = spawn('Xvfb', ['-displayfd', '1', '-nolock', '-nolisten', 'tcp', '-screen', '0', '1024x768x24'], { stdio });
  try {
    return await f(`:${await firstLine(child.stdout)}`);
  } finally {
    child.kill();
  }
}

// Runs f with a new MiniBrowser that has a home of its own, its name and version, and the address at which it serves what
// `targets` lists: the pages that can be inspected.
async function withWebKit(f) {
  const home = mkdtempSync(join(tmpdir(), 'corsim-webkit-'));
  try {
    return await withDisplay(async (display) => {
      const address = `127.0.0.1:${await freePort()}`;
      const env = {
        PATH: process.env.PATH, HOME: home, LANG: 'en_US.UTF-8', DISPLAY: display, GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1', NO_AT_BRIDGE: '1',
        WEBKIT_INSPECTOR_HTTP_SERVER: address,
      };
      const version = await firstLine(spawn(executable, ['--version'], { stdio, env }).stdout);
      const child = spawn(executable, ['--enable-developer-extras=true', 'about:blank'], { stdio, env });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      try {
        return await f(address, version.replace(' ', '/'));
      } finally {
        child.kill();
        await ended;
      }
    });
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function inspector(address) {
  const [, path] = (await (await fetch(`http://${address}/`)).text()).match(/'(\/socket\/[^']*)'/);
  return `http://${address}/Main.html?ws=${address}${path}`;
}

const openNetworkTab = `
  WI.showNetworkTab();
  globalThis.messages = [];
  WI.consoleManager.addEventListener(WI.ConsoleManager.Event.MessageAdded, ({ data: { message } }) => {
    messages.push({ level: message.level, category: message.source, ...(message.url && { url: message.url }), text: message.messageText });
  }, globalThis);
  globalThis.network = WI.tabBrowser.selectedTabContentView.contentBrowser.currentContentView;
  true`;

const outcomes = `WI.pageTarget.RuntimeAgent.evaluate.invoke({ expression: 'window.outcomes', returnByValue: true }).then(({ result }) => result.value)`;

const exportHAR = `new Promise((resolve) => {
  WI.FileUtilities.save = (mode, { content }) => resolve(content);
  network._exportHAR();
})`;

await withServers((requests) => withWebKit((address, browser) => withChromium(() => [], async (protocol) => {
  const frontEnd = await protocol.tab(await eventually(() => inspector(address)));
  await eventually(() => frontEnd.evaluate('Boolean(WI.networkManager?.mainFrame && WI.pageTarget)'));
  await frontEnd.evaluate(openNetworkTab);
  await frontEnd.evaluate(`WI.pageTarget.PageAgent.navigate(${JSON.stringify(PAGE + '/')}).then(() => true)`);
  const seen = JSON.parse(await eventually(() => frontEnd.evaluate(outcomes)));

  // The table takes what the page loaded at its own pace, and the frame is what is loaded last.
  const har = await eventually(async () => {
    const text = await frontEnd.evaluate(exportHAR);
    return JSON.parse(text).log.entries.at(-1).request.url.endsWith('/frame.html') && text;
  });
  write('webkit.har', har);
  writeExpected('webkit', { browser, page: PAGE + '/', outcomes: seen, console: await frontEnd.evaluate('messages'), requests });
})));
