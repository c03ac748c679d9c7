// Chromium driven over its DevTools protocol (a pipe, so no listening port of ours is needed).
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hosts } from './traffic.js';
import { eventually } from './wait.js';

export const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';

const common = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--disable-features=HttpsUpgrades,LocalNetworkAccessChecks', '--lang=en-US',
];
export const flags = [...common, '--no-proxy-server'];

// The page alone goes through the proxy: what Chromium asks for itself is https. Without the second flag it would go to
// loopback directly.
export const flagsThrough = (proxy) => [...common, `--proxy-server=http=${proxy}`, '--proxy-bypass-list=<-loopback>'];

// The hosts of the traffic are all this machine.
export const hostFlags = hosts.length ? [`--host-resolver-rules=${hosts.map((host) => `MAP ${host} 127.0.0.1`)}`] : [];

class Protocol {
  #next = 1;
  #waiting = new Map();
  #listeners = [];
  #input;
  #ended = false;

  constructor(input, output) {
    this.#input = input;
    let rest = '';
    output.setEncoding('utf8').on('data', (chunk) => {
      const messages = (rest + chunk).split('\0');
      rest = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
    output.on('close', () => {
      this.#ended = true;
      for (const { reject } of this.#waiting.values()) reject(new Error('Chromium ended before it answered'));
    });
  }

  #receive({ id, method, params, result, error, sessionId }) {
    if (id === undefined) {
      for (const listener of this.#listeners) listener(method, params, sessionId);
      return;
    }
    const { resolve, reject, asked } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) reject(new Error(`${asked}: ${error.message}`));
    else resolve(result);
  }

  on(listener) {
    this.#listeners.push(listener);
  }

  send(method, params = {}, sessionId) {
    if (this.#ended) return Promise.reject(new Error(`${method}: Chromium has ended`));
    const id = this.#next++;
    this.#input.write(JSON.stringify({ id, method, params, sessionId }) + '\0');
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, asked: method }));
  }

  // Opens a tab and returns what talks to it.
  async tab(url) {
    const { targetId } = await this.send('Target.createTarget', { url });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const send = (method, params) => this.send(method, params, sessionId);
    // Frames of other sites and workers are told of by sessions of their own.
    const sessions = new Set([sessionId]);
    const children = { autoAttach: true, waitForDebuggerOnStart: true, flatten: true };
    this.on((method, { sessionId: child }, parent) => {
      if (method !== 'Target.attachedToTarget' || !sessions.has(parent)) return;
      sessions.add(child);
      for (const asked of ['Network.enable', 'Target.setAutoAttach', 'Runtime.runIfWaitingForDebugger']) this.send(asked, asked.startsWith('Target') ? children : {}, child).catch(() => {});
    });
    await send('Target.setAutoAttach', children);
    return {
      targetId,
      send,
      on: (listener) => this.on((method, params, id) => sessions.has(id) && listener(method, params)),
      // The value of an expression in the page; a promise is waited for.
      async evaluate(expression) {
        const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        return result.value;
      },
    };
  }
}

// withChromium runs f with a new Chromium that has a profile of its own, and ends it. extraFlags gets the profile's directory.
export async function withChromium(extraFlags, f, base = flags) {
  const profile = mkdtempSync(join(tmpdir(), 'corsim-chromium-'));
  const child = spawn(executable, [...base, ...extraFlags(profile), '--headless=new', '--no-sandbox', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', process.env.VERBOSE ? 'inherit' : 'ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const protocol = new Protocol(child.stdio[3], child.stdio[4]);
  try {
    const { product } = await protocol.send('Browser.getVersion');
    const result = await f(protocol, product, profile);
    await protocol.send('Browser.close').catch(() => {});
    await ended;
    return result;
  } finally {
    child.kill('SIGKILL');
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

// devtoolsPort is the port that `--remote-debugging-port=0` took.
export async function devtoolsPort(profile) {
  return eventually(() => Number(readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n')[0]));
}

// observe collects what the protocol says of failed requests and of the console. `send` and `on` are a tab's, or those of
// a Playwright session.
export async function observe(send, on) {
  const requests = new Map();
  const console = [];
  on((method, params) => {
    switch (method) {
      case 'Network.requestWillBeSent':
        if (!requests.has(params.requestId) && params.initiator.type !== 'preflight') requests.set(params.requestId, { url: params.request.url, at: params.wallTime * 1000 });
        break;
      case 'Network.loadingFailed':
        if (requests.has(params.requestId)) requests.get(params.requestId).failure = params;
        break;
      case 'Log.entryAdded':
        console.push({ level: params.entry.level, url: params.entry.url, text: params.entry.text });
        break;
    }
  });
  await send('Network.enable');
  await send('Log.enable');
  return {
    console,
    // Adds to each outcome why the browser says that it failed.
    explain(outcomes) {
      const left = [...requests.values()];
      return outcomes.map((outcome) => {
        const i = left.findIndex(({ url, at }) => url === outcome.url && !(at < outcome.at - 2 || at > outcome.at + outcome.took + 2));
        const failure = i < 0 ? undefined : left.splice(i, 1)[0].failure;
        if (!failure) return outcome;
        const { errorText, blockedReason, corsErrorStatus } = failure;
        return {
          ...outcome, errorText, ...(blockedReason && { blockedReason }),
          ...(corsErrorStatus && { corsError: corsErrorStatus.corsError, corsErrorParameter: corsErrorStatus.failedParameter }),
        };
      });
    },
  };
}
