// Firefox driven over Marionette, whose chrome context may run the browser's own code.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { visit } from './traffic.js';
import { eventually } from './wait.js';

const executable = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

const preferences = {
  'marionette.port': 0,
  'app.update.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage': 'about:blank',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.security.https_first': false,
  'extensions.update.enabled': false,
  'intl.accept_languages': 'en-US, en',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.proxy.type': 0,
  'network.trr.mode': 5,
  'toolkit.telemetry.enabled': false,
};

// Marionette's frames are LENGTH:JSON; an answer is [1, id, error, result].
class Marionette {
  #next = 1;
  #waiting = new Map();
  #socket;
  #rest = Buffer.alloc(0);

  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      for (;;) {
        const colon = this.#rest.indexOf(':');
        const length = Number(this.#rest.subarray(0, colon));
        if (colon < 0 || this.#rest.length < colon + 1 + length) return;
        const message = JSON.parse(this.#rest.subarray(colon + 1, colon + 1 + length));
        this.#rest = this.#rest.subarray(colon + 1 + length);
        if (Array.isArray(message)) this.#receive(message);
      }
    });
  }

  #receive([, id, error, result]) {
    const { resolve, reject, name } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(`${name}: ${error.message}\n${error.stacktrace}`));
    else resolve(result);
  }

  send(name, parameters = {}) {
    const id = this.#next++;
    const text = JSON.stringify([0, id, name, parameters]);
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, name }));
  }

  // The value of a script in the page ("content") or in the browser itself ("chrome"). The latter's globals are kept
  // between scripts.
  async run(context, script) {
    await this.send('Marionette:SetContext', { value: context });
    const body = `const done = arguments[arguments.length - 1]; (async () => { ${script} })().then((value) => done({ value }), (e) => done({ error: e + '\\n' + e.stack }));`;
    const { value } = await this.send('WebDriver:ExecuteAsyncScript', { script: body, args: [], sandbox: context === 'chrome' ? 'system' : 'default', newSandbox: false });
    if (value.error) throw new Error(value.error);
    return value.value;
  }
}

// withFirefox runs f with a new Firefox that has a profile of its own, and ends it.
export async function withFirefox(morePreferences, f) {
  const profile = mkdtempSync(join(tmpdir(), 'corsim-firefox-'));
  writeFileSync(join(profile, 'user.js'), Object.entries({ ...preferences, ...morePreferences }).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''));
  const child = spawn(executable, ['--headless', '--no-remote', '--profile', profile, '--marionette', '--remote-allow-system-access'],
    { stdio: ['ignore', 'ignore', process.env.VERBOSE ? 'inherit' : 'ignore'], env: { ...process.env, HOME: profile } });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  try {
    const port = await eventually(() => Number(readFileSync(join(profile, 'MarionetteActivePort'), 'utf8')), 60);
    const socket = await new Promise((resolve, reject) => { const s = net.connect(port, '127.0.0.1', () => resolve(s)).on('error', reject); });
    const marionette = new Marionette(socket);
    const { capabilities } = await marionette.send('WebDriver:NewSession', {});
    const result = await f(marionette, `Firefox/${capabilities.browserVersion}`);
    await marionette.send('Marionette:Quit', { flags: ['eForceQuit'] });
    await ended;
    return result;
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

// Keeps in `messages`, among the globals of the chrome context, what the pages' requests make Firefox log.
export const collectMessages = `
  globalThis.messages = [];
  Services.console.registerListener({ observe(message) {
    // The browser's own code writes to the same console.
    if (!(message instanceof Ci.nsIScriptError) || !/:1808[012]\\b/.test(message.errorMessage)) return;
    messages.push({ level: message.flags & Ci.nsIScriptError.warningFlag ? 'warning' : 'error', category: message.category, text: message.errorMessage });
  } });
`;

// Has the selected tab open the documents of the traffic, and returns what they saw.
export function visitAll(firefox) {
  return visit((url) => firefox.run('content', `location.href = ${JSON.stringify(url)}`),
    (expression) => firefox.run('content', `const window = globalThis.window.wrappedJSObject; return ${expression};`));
}
