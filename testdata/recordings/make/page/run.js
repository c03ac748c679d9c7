// Performs the steps one after another and leaves what a page's script can see of each, as JSON, in `window.outcomes` once
// all have ended. Nothing is sent besides the steps, so that a recording has no traffic of the apparatus in it. In a frame
// and in a worker, where there are no steps, it performs those that it is sent.

async function performFetch(step) {
  const init = {};
  for (const key of ['method', 'headers', 'mode', 'credentials', 'cache', 'integrity', 'keepalive', 'redirect', 'referrerPolicy']) if (step[key] !== undefined) init[key] = step[key];
  if (step.body !== undefined) init.body = bodyOf(step);
  if (step.abortMs) init.signal = AbortSignal.timeout(step.abortMs);
  try {
    const response = await fetch(step.url, init);
    const seen = {
      result: 'response', type: response.type, status: response.status, statusText: response.statusText, responseURL: response.url,
      redirected: response.redirected, headers: [...response.headers],
    };
    return await response.text().then((body) => ({ ...seen, body }), (e) => ({ ...seen, exception: `${e.name}: ${e.message}` }));
  } catch (e) {
    return { result: 'network-error', exception: `${e.name}: ${e.message}` };
  }
}

function bodyOf({ body, bodyType }) {
  switch (bodyType) {
    case 'form': { const form = new FormData(); form.append('a', body); return form; }
    case 'parameters': return new URLSearchParams({ a: body });
    case undefined: return body;
    default: return new Blob([body], { type: bodyType });
  }
}

function performXHR(step) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open(step.method ?? 'GET', step.url);
    for (const [name, value] of Object.entries(step.headers ?? {})) xhr.setRequestHeader(name, value);
    xhr.withCredentials = step.withCredentials ?? false;
    if (step.uploadListener) xhr.upload.addEventListener('progress', () => {});
    if (step.abortMs) xhr.timeout = step.abortMs;
    xhr.onload = () => resolve({
      result: 'response', status: xhr.status, statusText: xhr.statusText, responseURL: xhr.responseURL,
      headers: xhr.getAllResponseHeaders().split('\r\n').filter(Boolean).map((line) => line.split(/: (.*)/s, 2)), body: xhr.responseText,
    });
    xhr.onerror = () => resolve({ result: 'network-error' });
    xhr.ontimeout = () => resolve({ result: 'network-error', exception: 'TimeoutError' });
    xhr.send(step.body !== undefined ? bodyOf(step) : undefined);
  });
}

const relations = { link: 'stylesheet', preload: 'preload', modulepreload: 'modulepreload' };

function performElement(step) {
  return new Promise((resolve) => {
    const relation = relations[step.api];
    const element = document.createElement(relation ? 'link' : step.api === 'module' ? 'script' : step.api);
    if (step.crossOrigin) element.crossOrigin = step.crossOrigin;
    element.onload = element.onloadedmetadata = () => resolve({ result: 'response' });
    element.onerror = () => resolve({ result: 'network-error' });
    if (relation) element.rel = relation;
    if (step.api === 'module') element.type = 'module';
    if (step.api === 'preload') element.as = step.as;
    element[relation ? 'href' : 'src'] = step.url;
    document.documentElement.append(element);
  });
}

function performFont(step) {
  return new FontFace('recorded', `url(${JSON.stringify(step.url)})`).load().then(() => ({ result: 'response' }), () => ({ result: 'network-error' }));
}

function performEventSource(step) {
  return new Promise((resolve) => {
    const source = new EventSource(step.url, { withCredentials: step.withCredentials });
    source.onopen = () => { source.close(); resolve({ result: 'response' }); };
    source.onerror = () => { source.close(); resolve({ result: 'network-error' }); };
  });
}

function performForm(step) {
  return new Promise((resolve) => {
    const frame = document.createElement('iframe');
    frame.name = `form-${step.id}`;
    const form = Object.assign(document.createElement('form'), { method: step.method, action: step.url, target: frame.name });
    document.documentElement.append(frame, form);
    frame.onload = () => resolve({ result: 'response' });
    form.submit();
  });
}

function performWebSocket(step) {
  return new Promise((resolve) => {
    new WebSocket(step.url.replace('http', 'ws')).onerror = () => resolve({ result: 'network-error' });
  });
}

// What came of a beacon no page learns.
async function performBeacon(step) {
  return { result: navigator.sendBeacon(step.url, bodyOf(step)) ? 'sent' : 'network-error' };
}

// What the platform fills in where the step says nothing, so that a reader of the outcomes need not know it.
function asked(step) {
  const api = step.api ?? 'fetch';
  const method = step.method ?? 'GET';
  const cors = { api, method, mode: 'cors', credentials: step.withCredentials ? 'include' : 'same-origin' };
  switch (api) {
    case 'fetch': return { api, method, mode: step.mode ?? 'cors', credentials: step.credentials ?? 'same-origin' };
    case 'xhr': case 'eventsource': case 'font': return cors;
    case 'module': case 'modulepreload': return { ...cors, credentials: step.crossOrigin === 'use-credentials' ? 'include' : 'same-origin' };
    case 'beacon': return { api, method: 'POST', mode: step.bodyType === 'application/json' ? 'cors' : 'no-cors', credentials: 'include' };
    case 'websocket': return { api, method, mode: 'websocket', credentials: 'include' };
    case 'form': case 'iframe': return { api, method, mode: 'navigate', credentials: 'include' };
    default: return {
      api, method, mode: step.crossOrigin ? 'cors' : 'no-cors', credentials: step.crossOrigin === 'anonymous' ? 'same-origin' : 'include',
    };
  }
}

const perform = { fetch: performFetch, xhr: performXHR, font: performFont, eventsource: performEventSource, beacon: performBeacon, form: performForm, websocket: performWebSocket };

function performHere(step) {
  return (perform[step.api ?? 'fetch'] ?? performElement)(step);
}

// The next message that a frame or a worker sends.
function message(target, from = target) {
  return new Promise((resolve) => target.addEventListener('message', ({ data, source }) => (source ?? from) === from && resolve(data)));
}

async function performInFrame(step) {
  const frame = document.createElement('iframe');
  if (step.frame.sandbox) frame.sandbox = 'allow-scripts';
  frame.src = step.frame.url;
  document.documentElement.append(frame);
  await message(self, frame.contentWindow);
  frame.contentWindow.postMessage(step, '*');
  return message(self, frame.contentWindow);
}

function performInWorker(step) {
  const worker = new Worker(step.worker.blob ? URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(step.worker.url)})`])) : step.worker.url);
  worker.postMessage(step);
  return message(worker);
}

function performStep(step) {
  const outcome = step.frame ? performInFrame(step) : step.worker ? performInWorker(step) : performHere(step);
  if (!step.timeoutMs) return outcome;
  return Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, step.timeoutMs, { result: 'timeout' }))]);
}

async function run() {
  const outcomes = [];
  const pending = [];
  for (const step of steps) {
    const at = Date.now();
    const done = performStep(step).then((outcome) => {
      outcomes[steps.indexOf(step)] = { step: step.name, url: step.url, ...asked(step), ...outcome, ...(step.id && { id: step.id, at, took: Date.now() - at }) };
    });
    pending.push(done);
    if (!step.detached) await done;
    if (step.pauseMs) await new Promise((resolve) => setTimeout(resolve, step.pauseMs));
  }
  await Promise.all(pending);
  window.outcomes = JSON.stringify(outcomes);
}

if (typeof steps !== 'undefined') {
  addEventListener('load', run);
} else {
  const answer = self.parent ? (outcome) => parent.postMessage(outcome, '*') : postMessage;
  addEventListener('message', async ({ data }) => answer(await performHere(data)));
  if (self.parent) answer('ready');
}
