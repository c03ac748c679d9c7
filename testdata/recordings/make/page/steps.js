// What the page asks, in order. Each step has a path of its own, so that a recording's entries can be told apart; the
// only paths asked twice are those whose second request should be served from a cache.
const A = 'http://127.0.0.1:18080';
const B = 'http://127.0.0.1:18081';
const REFUSED = 'http://127.0.0.1:18082';

const json = { 'Content-Type': 'application/json' };
const steps = [
  { name: 'same-origin get', url: A + '/same-origin' },
  { name: 'same-origin post', url: A + '/same-origin', method: 'POST', headers: json, body: '{"a":1}' },

  { name: 'any origin', url: B + '/any-origin' },
  { name: 'credentials allowed', url: B + '/credentials', credentials: 'include' },
  { name: 'no allow-origin', url: B + '/no-allow-origin' },
  { name: 'other origin allowed', url: B + '/other-origin' },
  { name: 'wildcard with credentials', url: B + '/wildcard-credentials', credentials: 'include' },
  { name: 'credentials not allowed', url: B + '/no-allow-credentials', credentials: 'include' },
  { name: 'allow-origin twice', url: B + '/allow-origin-twice' },
  { name: 'exposed headers', url: B + '/exposed' },
  { name: 'error status allowed', url: B + '/allowed-404' },
  { name: 'simple post', url: B + '/simple-post', method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'a=1' },

  { name: 'preflight allowed', url: B + '/put', method: 'PUT', headers: json, body: '{"a":1}', credentials: 'include' },
  { name: 'preflight cached', url: B + '/put', method: 'PUT', headers: json, body: '{"a":2}', credentials: 'include' },
  { name: 'preflight for authorization', url: B + '/authorization', headers: { Authorization: 'Bearer example' } },
  { name: 'method not allowed', url: B + '/method-not-allowed', method: 'PUT', headers: json, body: '{}', credentials: 'include' },
  { name: 'header not allowed', url: B + '/header-not-allowed', method: 'PUT', headers: { ...json, 'X-Custom': '1' }, body: '{}' },
  { name: 'preflight answered 404', url: B + '/preflight-404', method: 'PUT', headers: json, body: '{}' },
  { name: 'preflight without headers', url: B + '/preflight-bare', method: 'PUT', headers: json, body: '{}' },
  { name: 'preflight redirected', url: B + '/preflight-redirect', method: 'PUT', headers: json, body: '{}' },
  { name: 'error status without headers', url: B + '/preflight-then-500', method: 'DELETE' },

  { name: 'redirect in one origin', url: B + '/redirect' },
  { name: 'redirect out of the page\'s origin', url: A + '/redirect-out' },
  { name: 'redirect out and back', url: A + '/redirect-back' },
  { name: 'redirect refused at the first hop', url: B + '/redirect-bare' },

  { name: 'fetched for the cache', url: B + '/cacheable' },
  { name: 'fetched from the cache', url: B + '/cacheable' },
  { name: 'connection refused', url: REFUSED + '/refused' },
  { name: 'connection closed', url: B + '/closed' },
  { name: 'aborted', url: B + '/never', abortMs: 300 },
  { name: 'no-cors', url: B + '/no-cors', mode: 'no-cors' },

  { name: 'xhr', api: 'xhr', url: B + '/xhr', withCredentials: true },
  { name: 'xhr blocked', api: 'xhr', url: B + '/xhr-blocked' },
  { name: 'xhr with upload listener', api: 'xhr', url: B + '/xhr-upload', method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'a=1', uploadListener: true },
  { name: 'xhr with upload listener blocked', api: 'xhr', url: B + '/xhr-upload-blocked', method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: 'a=1', uploadListener: true },

  { name: 'img', api: 'img', url: B + '/img.png' },
  { name: 'img crossorigin', api: 'img', url: B + '/img-cors.png', crossOrigin: 'use-credentials' },
  { name: 'script', api: 'script', url: B + '/script.js' },
  { name: 'script crossorigin blocked', api: 'script', url: B + '/script-blocked.js', crossOrigin: 'anonymous' },
  { name: 'stylesheet', api: 'link', url: B + '/style.css' },
  { name: 'navigation of a frame', api: 'iframe', url: B + '/frame.html' },
];
