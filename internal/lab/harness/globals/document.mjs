// What tests ask of their window that is neither fetching nor testing: a location,
// cookies, events of the global object. There is no DOM.
import { base, call, client, needsDOM } from './channel.mjs';
import { hyperlink } from './url.mjs';

export function defineWindow(scope, { title, base: href, worker }) {
  const url = new URL(client.url);
  const location = {
    ancestorOrigins: [], assign() {}, reload() {}, replace() {}, toString: () => url.href,
  };
  for (const name of ['href', 'origin', 'protocol', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
    Object.defineProperty(location, name, { enumerable: true, get: () => url[name], set() {} });
  }
  const events = new EventTarget();
  define(scope, {
    self: scope,
    location,
    origin: url.origin,
    isSecureContext: url.protocol === 'https:',
    crossOriginIsolated: false,
    GLOBAL: { isWindow: () => !worker, isWorker: () => worker, isShadowRealm: () => false },
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    dispatchEvent: events.dispatchEvent.bind(events),
    navigator: { userAgent: 'Mozilla/5.0 (compatible; corsim)', onLine: true, language: 'en', languages: ['en'], platform: '' },
  });
  if (!worker) define(scope, { window: scope, parent: scope, top: scope, frames: scope, opener: null, name: '' });
  for (const name of ['open', 'stop', 'postMessage']) define(scope, { [name]: () => { throw needsDOM(`window.${name}`); } });
  for (const name of ['Worker', 'SharedWorker', 'DOMParser', 'FileReader', 'Image', 'MediaSource', 'getComputedStyle', 'AudioContext']) {
    define(scope, { [name]: function () { throw needsDOM(name); } });
  }
  Object.defineProperty(scope.navigator, 'serviceWorker', { get: () => { throw needsDOM('service worker'); } });
  return () => {
    if (!worker) define(scope, { document: document(url, title, href, events) });
  };
}

// document has what needs no DOM. It is defined once testharness.js is loaded,
// which would take one for a place to show results in.
function document(url, title, href, events) {
  const elements = {
    title: title === '' ? [] : [{ firstChild: { data: title } }],
    base: href === undefined ? [] : [{
      setAttribute: (name, value) => { if (name === 'href') setBase(url, value); },
      set href(value) { setBase(url, `${value}`); },
    }],
  };
  if (href) setBase(url, href);
  return {
    title, URL: url.href, documentURI: url.href, get baseURI() { return base.url; }, domain: url.hostname, location: globalThis.location,
    referrer: '', readyState: 'complete', characterSet: 'UTF-8', visibilityState: 'visible', hidden: false, defaultView: globalThis,
    get cookie() { return call({ op: 'cookies', client }).cookie; },
    set cookie(value) { call({ op: 'cookies', client, set: `${value}` }); },
    getElementsByTagName: (name) => elements[name] ?? [],
    getElementById: (id) => (id === 'base' ? elements.base[0] ?? null : null),
    querySelector: () => null,
    querySelectorAll: () => [],
    createElementNS: (_, name) => { throw needsDOM(`element ${name}`); },
    createElement: (name) => {
      if (name === 'a' || name === 'area') return hyperlink();
      throw needsDOM(`element ${name}`);
    },
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
  };
}

function setBase(url, href) {
  base.url = call({ op: 'url', url: href, base: url.href }).href ?? url.href;
}

export function define(scope, values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(scope, name, { value, configurable: true, enumerable: false, writable: true });
  }
}
