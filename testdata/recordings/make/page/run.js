// Performs the steps one after another and leaves what a page's script can see of each, as JSON, in `window.outcomes` once
// all have ended. Nothing is sent besides the steps, so that a recording has no traffic of the apparatus in it.

async function performFetch(step) {
  const init = {};
  for (const key of ['method', 'headers', 'body', 'mode', 'credentials']) if (step[key] !== undefined) init[key] = step[key];
  if (step.abortMs) init.signal = AbortSignal.timeout(step.abortMs);
  try {
    const response = await fetch(step.url, init);
    return {
      result: 'response', type: response.type, status: response.status, statusText: response.statusText, responseURL: response.url,
      redirected: response.redirected, headers: [...response.headers], body: await response.text(),
    };
  } catch (e) {
    return { result: 'network-error', exception: `${e.name}: ${e.message}` };
  }
}

function performXHR(step) {
  return new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open(step.method ?? 'GET', step.url);
    for (const [name, value] of Object.entries(step.headers ?? {})) xhr.setRequestHeader(name, value);
    xhr.withCredentials = step.withCredentials ?? false;
    if (step.uploadListener) xhr.upload.addEventListener('progress', () => {});
    xhr.onload = () => resolve({
      result: 'response', status: xhr.status, statusText: xhr.statusText, responseURL: xhr.responseURL,
      headers: xhr.getAllResponseHeaders().split('\r\n').filter(Boolean).map((line) => line.split(/: (.*)/s, 2)), body: xhr.responseText,
    });
    xhr.onerror = () => resolve({ result: 'network-error' });
    xhr.send(step.body);
  });
}

function performElement(step) {
  return new Promise((resolve) => {
    const element = document.createElement(step.api);
    if (step.crossOrigin) element.crossOrigin = step.crossOrigin;
    element.onload = () => resolve({ result: 'response' });
    element.onerror = () => resolve({ result: 'network-error' });
    if (step.api === 'link') element.rel = 'stylesheet';
    element[step.api === 'link' ? 'href' : 'src'] = step.url;
    document.documentElement.append(element);
  });
}

// What the platform fills in where the step says nothing, so that a reader of the outcomes need not know it.
function asked(step) {
  const api = step.api ?? 'fetch';
  const method = step.method ?? 'GET';
  switch (api) {
    case 'fetch': return { api, method, mode: step.mode ?? 'cors', credentials: step.credentials ?? 'same-origin' };
    case 'xhr': return { api, method, mode: 'cors', credentials: step.withCredentials ? 'include' : 'same-origin' };
    case 'iframe': return { api, method, mode: 'navigate', credentials: 'include' };
    default: return {
      api, method, mode: step.crossOrigin ? 'cors' : 'no-cors', credentials: step.crossOrigin === 'anonymous' ? 'same-origin' : 'include',
    };
  }
}

const perform = { fetch: performFetch, xhr: performXHR };

async function run() {
  const outcomes = [];
  for (const step of steps) {
    const request = asked(step);
    const outcome = await (perform[request.api] ?? performElement)(step);
    outcomes.push({ step: step.name, url: step.url, ...request, ...outcome });
  }
  window.outcomes = JSON.stringify(outcomes);
}

addEventListener('load', run);
