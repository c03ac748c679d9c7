// Random traffic: documents of several origins ask, in all the ways that pages have, servers that allow it, nearly allow it
// or do not. The same seed makes the same traffic. Every step has a path of its own, or that of an earlier step, to find
// what the caches have; a name under .test is no trustworthy origin, so that no Sec-Fetch-* is sent to it.
import { readFileSync } from 'node:fs';
import { png, serve, withServing } from './server.js';

export const hosts = ['app.test', 'api.app.test', 'other.test'];
const HOSTS = ['127.0.0.1', 'localhost', ...hosts];
const PORTS = [18080, 18081];
const REFUSED = 18082;

// mulberry32
function random(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function generator(seed) {
  const next = random(seed * 7919 + 17);
  const chance = (percent) => next() * 100 < percent;
  const pick = (...of) => of[Math.floor(next() * of.length)];
  // One of the values of [weight, value] pairs.
  const weighted = (...pairs) => {
    let at = next() * pairs.reduce((sum, [weight]) => sum + weight, 0);
    return pairs.find(([weight]) => (at -= weight) < 0)[1];
  };
  const anyOrigin = () => `http://${pick(...HOSTS)}:${pick(...PORTS)}`;

  const allowOrigin = (good) => (chance(good)
    ? weighted([6, '{origin}'], [4, '*'], [1, ' {origin}\t'])
    : weighted([8, undefined], [2, 'null'], [3, 'http://evil.test'], [3, ['{origin}', '{origin}']], [2, ['*', '*']], [1, '{origin}, *'], [1, '{origin}/'], [1, ''], [1, '*, *'], [1, 'https://app.test'], [1, '{ORIGIN}']));
  const allowCredentials = () => weighted([9, 'true'], [7, undefined], [1, 'True'], [1, 'false'], [1, ''], [1, ['true', 'true']]);
  const cors = (good) => ({ 'Access-Control-Allow-Origin': allowOrigin(good), 'Access-Control-Allow-Credentials': allowCredentials() });

  function allowList(members, others) {
    const good = members.join(', ');
    return weighted([12, good], [3, '*'], [2, [...members, ...others].join(',')], [1, good.toUpperCase()], [1, good.toLowerCase()], [2, members.slice(1).join(', ')], [1, undefined], [1, others.join(', ')], [1, `${good},`], [0.5, `${good}; x y`], [0.5, '*, authorization']);
  }

  const names = (step) => Object.keys(step.headers ?? {}).map((name) => name.toLowerCase());

  function preflight(step) {
    const status = weighted([10, 204], [8, 200], [1, 404], [1, 500], [0.5, 302], [0.5, 403], [0.3, 304]);
    return {
      status,
      headers: {
        ...cors(85),
        'Access-Control-Allow-Methods': allowList([step.method ?? 'GET'], ['PUT', 'DELETE']),
        'Access-Control-Allow-Headers': allowList(names(step).concat(step.body === undefined ? [] : ['content-type']), ['x-other']),
        'Access-Control-Max-Age': weighted([4, undefined], [5, '600'], [1, '0'], [1, '5'], [0.5, '-1'], [0.5, 'x'], [0.5, ['600', '0']]),
        ...(status === 302 && { Location: '/elsewhere' }),
      },
      delay: chance(20) ? Math.floor(next() * 40) : 0,
    };
  }

  const content = {
    script: ['text/javascript', ';\n'], module: ['text/javascript', ';\n'], modulepreload: ['text/javascript', ';\n'], link: ['text/css', 'p { color: red }\n'],
    img: ['image/png', png], video: ['video/mp4', 'none'], audio: ['audio/mpeg', 'none'], eventsource: ['text/event-stream', 'data: 1\n\n'],
    form: ['text/html', '<!doctype html><title>form</title>\n'], iframe: ['text/html', '<!doctype html><title>frame</title>\n'], font: ['font/woff2', 'none'],
  };

  function actual(step, good) {
    const [type, body] = content[step.api] ?? ['text/plain', 'text'];
    const special = weighted([88, ''], [4, 'close'], [4, 'cut'], [4, step.api === 'fetch' || step.api === 'xhr' ? 'hold' : '']);
    return {
      special,
      status: weighted([80, 200], [2, 204], [6, 404], [6, 500], [1, 401], [1, 403], [1, 201]),
      headers: {
        ...(chance(95) && cors(good)),
        'Content-Type': type,
        'Cache-Control': weighted([5, undefined], [2, 'no-store'], [3, 'max-age=600'], [1, 'no-cache']),
        'ETag': chance(20) ? '"1"' : undefined,
        'Vary': chance(30) ? 'Origin' : undefined,
        'Set-Cookie': chance(15) ? `c${Math.floor(next() * 4)}=1${pick('', '; SameSite=None; Secure', '; SameSite=Lax', '; SameSite=Strict')}` : undefined,
        'Access-Control-Expose-Headers': chance(20) ? pick('*', 'etag', 'x-a') : undefined,
      },
      corsWhenUnchanged: chance(50),
      body: chance(5) ? '' : body,
      delay: chance(20) ? Math.floor(next() * 60) : 0,
    };
  }

  function location(target) {
    const { host, pathname } = new URL(target);
    return weighted([30, target], [2, `${target}#f`], [1, `http://u:p@${host}${pathname}`], [0.7, 'data:text/plain,x'], [0.5, 'ftp://other.test/'], [0.4, 'http://['], [0.3, '']);
  }

  // The servers' answers to the chain of URLs that a step asks.
  function answers(step, path, routes) {
    const hops = step.api === 'beacon' ? 0 : weighted([70, 0], [17, 1], [8, 2], [4, 3], [1, 22]);
    const loop = hops === 22;
    const targets = Array.from({ length: loop ? 0 : hops }, (_, i) => `${chance(40) ? new URL(step.url).origin : anyOrigin()}${path}/${i + 1}`);
    for (const [i, url] of [step.url, ...targets].entries()) {
      const route = { preflight: preflight(step), actual: actual(step, hops ? 85 : 65) };
      if (loop || i < targets.length) {
        const to = loop ? url : targets[i];
        const relative = new URL(to).origin === new URL(url).origin && chance(50);
        Object.assign(route.actual, { special: '', status: weighted([1, 301], [4, 302], [1, 303], [3, 307], [1, 308]), body: '' });
        route.actual.headers.Location = relative ? new URL(to).pathname : location(to);
      }
      routes.set(new URL(url).pathname, route);
    }
  }

  const headers = () => weighted(
    [50, undefined], [8, { 'X-A': '1' }], [4, { 'X-A': '1', 'x-b': '2' }], [6, { Authorization: 'Bearer example' }], [3, { Authorization: 'Basic dTpw' }], [4, { Accept: 'application/json' }],
    [2, { Accept: 'text/"x' }], [2, { Accept: 'a'.repeat(129) }], [2, { 'Accept-Language': 'de-DE' }], [1, { 'Accept-Language': 'de_DE' }], [2, { 'Content-Language': 'de' }], [2, { Range: 'bytes=0-1' }], [1, { Range: 'bytes=-1' }],
    [2, { 'Cache-Control': 'no-cache' }], [1, { Pragma: 'no-cache' }], [1, { 'If-None-Match': '"1"' }], [1, { 'If-Modified-Since': 'Mon, 01 Jan 2024 00:00:00 GMT' }], [2, { 'X-Requested-With': 'XMLHttpRequest' }], [1, { 'Last-Event-ID': '1' }],
    [1, { 'Upgrade-Insecure-Requests': '1' }], [1, { 'User-Agent': 'x' }], [1, { DPR: '1' }], [1, { 'Save-Data': 'on' }], [1, { Priority: 'u=1' }], [1, { 'X-Forwarded-For': '1.1.1.1' }], [1, { 'CF-X': '1' }], [1, { Purpose: 'x' }], [1, { Link: '<x>' }], [1, { DNT: '1' }]);

  function script(step) {
    step.method = weighted([45, undefined], [20, 'POST'], [12, 'PUT'], [7, 'DELETE'], [6, 'PATCH'], [4, 'HEAD'], [3, 'OPTIONS'], [2, 'put'], [1, 'patch'], [2, 'QUERY'], [1, 'GET']);
    step.headers = headers();
    if (['POST', 'PUT', 'PATCH', 'QUERY'].includes(step.method) && chance(85)) {
      step.body = 'a=1';
      step.bodyType = pick(undefined, undefined, 'form', 'parameters', 'application/json', '');
      if (step.bodyType === undefined) step.headers = { ...step.headers, ...pick({ 'Content-Type': 'application/json' }, { 'Content-Type': 'text/plain' }, {}, { 'content-type': 'text/plain;charset=utf-8' }, { 'Content-Type': 'multipart/form-data; boundary=x' }, { 'Content-Type': 'text/html' }) };
      if (step.bodyType === '') delete step.bodyType;
    }
  }

  const kinds = {
    fetch(step) {
      script(step);
      step.credentials = weighted([3, undefined], [4, 'include'], [1, 'omit'], [1, 'same-origin']);
      step.cache = weighted([80, undefined], [3, 'no-store'], [3, 'reload'], [3, 'no-cache'], [4, 'force-cache'], [1, 'default']);
      step.redirect = weighted([88, undefined], [6, 'error'], [6, 'manual']);
      step.keepalive = chance(5) || undefined;
      step.integrity = chance(2) ? 'sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' : undefined;
      step.referrerPolicy = weighted([85, undefined], [3, 'no-referrer'], [3, 'origin'], [3, 'unsafe-url'], [3, 'same-origin'], [3, 'strict-origin']);
    },
    nocors(step) {
      Object.assign(step, { api: 'fetch', mode: 'no-cors', method: weighted([3, undefined], [1, 'POST']), credentials: pick(undefined, 'include', 'omit') });
    },
    sameorigin(step) {
      Object.assign(step, { api: 'fetch', mode: 'same-origin' });
    },
    xhr(step) {
      script(step);
      step.withCredentials = chance(45);
      step.uploadListener = step.body !== undefined && chance(25);
    },
    img: element, script: element, link: element, video: element, audio: element,
    module(step) { step.crossOrigin = pick(undefined, 'anonymous', 'use-credentials'); },
    modulepreload(step) { step.crossOrigin = pick(undefined, 'anonymous', 'use-credentials'); },
    preload(step) { Object.assign(step, { as: pick('fetch', 'fetch', 'script', 'image'), crossOrigin: pick('anonymous', 'use-credentials') }); },
    font() {},
    eventsource(step) { step.withCredentials = chance(40); },
    beacon(step) { Object.assign(step, { method: 'POST', body: 'a=1', bodyType: pick('application/json', 'text/plain', 'parameters') }); },
    iframe() {},
    form(step) { step.method = 'POST'; },
    websocket(step) { step.method = undefined; },
  };
  function element(step) {
    step.crossOrigin = pick(undefined, 'anonymous', 'use-credentials');
  }

  function context(step, page) {
    const able = ['fetch', 'xhr'].includes(step.api);
    const kind = weighted([80, 'document'], [8, 'frame'], [6, 'sandbox'], [able && !page.opaque ? 6 : 0, 'worker']);
    step.origin = page.opaque ? 'null' : page.origin;
    if (kind === 'frame' || kind === 'sandbox') {
      const origin = anyOrigin();
      step.frame = { url: `${origin}/frame`, sandbox: kind === 'sandbox' };
      step.origin = step.frame.sandbox || page.opaque ? 'null' : origin; // frames inherit the sandbox
    } else if (kind === 'worker') {
      step.worker = { url: `${page.origin}/run.js`, blob: chance(50) };
    }
  }

  function step(id, page, routes) {
    const kind = weighted([50, 'fetch'], [5, 'nocors'], [3, 'sameorigin'], [14, 'xhr'], [3, 'img'], [4, 'script'], [3, 'link'], [1, 'video'], [1, 'audio'], [3, 'module'], [1, 'modulepreload'], [2, 'preload'], [2, 'font'], [2, 'eventsource'], [3, 'beacon'], [2, 'iframe'], [2, 'form'], [1, 'websocket']);
    const step = { id, api: kind, timeoutMs: 8000, pauseMs: 15 };
    kinds[kind](step);
    context(step, page);
    const path = `/t${id}`;
    const origin = chance(18) ? page.origin : anyOrigin();
    step.url = `${origin}${path}/0`;
    if (chance(2)) step.url = `http://${pick(...HOSTS)}:${REFUSED}${path}/0`;
    answers(step, path, routes);
    if (['fetch', 'xhr'].includes(step.api) && routes.get(`${path}/0`).actual.special === 'hold' || chance(1)) step.abortMs = 200;
    step.detached = chance(25) || undefined;
    step.name = `${step.id} ${kind}${step.frame ? ' in a frame' : step.worker ? ' in a worker' : ''}`;
    return step;
  }

  // The same once more, or nearly.
  function again(id, earlier, page) {
    const step = structuredClone({ ...earlier, id, detached: undefined, again: true, abortMs: undefined, frame: undefined, worker: undefined });
    context(step, page);
    switch (pick('', '', '', 'method', 'headers', 'credentials', 'cache')) {
      case 'method': if (step.api === 'fetch' && !step.mode) step.method = pick('GET', 'PUT', 'DELETE', 'POST'), delete step.body, delete step.bodyType; break;
      case 'headers': if (['fetch', 'xhr'].includes(step.api) && !step.mode) step.headers = headers(); break;
      case 'credentials': if (step.api === 'fetch') step.credentials = pick('include', 'omit', 'same-origin'); break;
      case 'cache': if (step.api === 'fetch') step.cache = pick('no-store', 'reload', 'no-cache', 'force-cache'); break;
    }
    step.name = `${step.id} ${earlier.name} again`;
    return step;
  }

  return { chance, pick, weighted, anyOrigin, step, again };
}

const policies = ['no-referrer', 'origin', 'same-origin', 'unsafe-url', 'strict-origin'];

// traffic returns what the seed makes: some dozen steps a document.
export function traffic(seed, count) {
  const g = generator(seed);
  const routes = new Map();
  const pages = [];
  for (let id = 1; id <= count;) {
    const origin = `http://${g.pick(...HOSTS)}:${PORTS[0]}`;
    const page = { origin, path: `/page-${pages.length}`, opaque: g.chance(12), policy: g.chance(30) ? g.pick(...policies) : undefined, steps: [] };
    for (const end = Math.min(count, id + 14); id <= end; id++) {
      const known = [...pages.slice(-1), page].flatMap(({ steps }) => steps).filter((step) => !step.detached && !step.again && step.api !== 'websocket');
      page.steps.push(known.length && g.chance(22) ? g.again(id, g.pick(...known), page) : g.step(id, page, routes));
    }
    pages.push(page);
  }
  const script = { headers: { 'Content-Type': 'text/javascript', 'Cache-Control': 'no-store' }, body: readFileSync(new URL('page/run.js', import.meta.url)) };
  const html = (text) => ({ headers: { 'Content-Type': 'text/html', 'Cache-Control': 'no-store' }, body: `<!doctype html><meta charset="utf-8"><title>corsim recording</title><link rel="icon" href="data:,">${text}<script src="/run.js"></script>` });
  for (const page of pages) {
    const document = html(`<script>const steps = ${JSON.stringify(page.steps)};</script>`);
    Object.assign(document.headers, {
      'Content-Security-Policy': page.opaque ? 'sandbox allow-scripts' : undefined, 'Referrer-Policy': page.policy,
      'Set-Cookie': g.chance(60) ? ['session=example', 'theme=dark; SameSite=Lax', 'cross=1; SameSite=None; Secure'] : undefined,
    });
    routes.set(page.path, { actual: document });
  }
  routes.set('/run.js', { actual: script });
  routes.set('/frame', { actual: html('') });

  // An answer is what the route has for the request.
  function answer(request) {
    const route = routes.get(request.url);
    if (!route) return { status: 404, headers: {} };
    const { origin = 'none' } = request.headers;
    const fill = (value) => value.replace('{origin}', origin).replace('{ORIGIN}', origin.toUpperCase());
    const { special, status = 200, headers, body, delay, corsWhenUnchanged } =
      request.method === 'OPTIONS' && request.headers['access-control-request-method'] && route.preflight ? route.preflight : route.actual;
    const filled = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined).map(([name, value]) => [name, Array.isArray(value) ? value.map(fill) : fill(value)]));
    if (filled.ETag && request.headers['if-none-match'] === filled.ETag) {
      const left = Object.entries(filled).filter(([name]) => name === 'ETag' || corsWhenUnchanged && name.startsWith('Access-Control-'));
      return { status: 304, headers: Object.fromEntries(left), delay };
    }
    return { special, status, headers: filled, body: request.method === 'HEAD' ? undefined : body, delay };
  }

  // What tells a preflight, and which of the requests to a URL it is.
  answer.details = ({ headers }) => ({ at: Date.now(), origin: headers.origin, cookie: headers.cookie, preflightFor: headers['access-control-request-method'] });

  return {
    hosts, documents: pages.map(({ origin, path }) => origin + path),
    steps: pages.flatMap(({ steps }) => steps),
    withServers(f) {
      const requests = [];
      return withServing(PORTS.map((port) => serve(port, answer, requests)), () => f(requests));
    },
  };
}
