// Response. Its constructor and static methods ask nothing of the network; what
// its headers do, the engine answers.
import { base, call } from './channel.mjs';
import { Body, NodeResponse, extract } from './body.mjs';
import { fill, listOf, withGuard } from './headers.mjs';

const nullBodyStatuses = [101, 103, 204, 205, 304];
const secret = Symbol('secret');

export class Response extends Body {
  #type = 'default';
  #url = '';
  #redirected = false;
  #status = 200;
  #statusText = '';
  #headers = withGuard('response', []);

  constructor(body = null, init = {}) {
    super();
    if (body === secret) {
      this.#type = init.type;
      this.#url = init.url;
      this.#redirected = init.redirected;
      this.#status = init.status;
      this.#statusText = init.statusText;
      this.#headers = withGuard('immutable', init.headers);
      this._inner = new NodeResponse(init.stream);
      return;
    }
    init ??= {};
    if (typeof init !== 'object' && typeof init !== 'function') throw new TypeError('the init of a Response must be an object');
    const status = init.status === undefined ? 200 : Number(init.status) & 0xFFFF;
    const statusText = init.statusText === undefined ? '' : `${init.statusText}`;
    if (status < 200 || status > 599) throw new RangeError(`${status} is no status of a response`);
    if (/[^\t\x20-\x7E\x80-\xFF]/.test(statusText)) throw new TypeError('statusText is no reason phrase');
    this.#status = status;
    this.#statusText = statusText;
    if (init.headers !== undefined) fill(this.#headers, init.headers);
    if (body === null || body === undefined) return;
    if (nullBodyStatuses.includes(status)) throw new TypeError(`a response with status ${status} has no body`);
    const { inner, type } = extract(body);
    this._inner = inner;
    if (type !== null && !this.#headers.has('Content-Type')) this.#headers.append('Content-Type', type);
  }

  static error() {
    return new Response(secret, { type: 'error', url: '', redirected: false, status: 0, statusText: '', headers: [], stream: null });
  }

  static redirect(url, status = 302) {
    const parsed = call({ op: 'url', url: `${url}`.toWellFormed(), base: base.url });
    if (parsed.url === null) throw new TypeError(`${url} is no URL`);
    if (![301, 302, 303, 307, 308].includes(Number(status))) throw new RangeError(`${status} is no status of a redirect`);
    return new Response(secret, {
      type: 'default', url: '', redirected: false, status: Number(status), statusText: '',
      headers: [['Location', parsed.href]], stream: null,
    });
  }

  static json(data, init = {}) {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('the data cannot be serialized');
    const response = new Response(new TextEncoder().encode(text), init);
    if (!response.headers.has('Content-Type')) response.headers.append('Content-Type', 'application/json');
    return response;
  }

  get type() { return this.#type; }
  get url() { return this.#url; }
  get redirected() { return this.#redirected; }
  get status() { return this.#status; }
  get ok() { return this.#status >= 200 && this.#status <= 299; }
  get statusText() { return this.#statusText; }
  get headers() { return this.#headers; }

  clone() {
    if (this.bodyUsed || this._inner.body?.locked) throw new TypeError('the body has been used');
    const copy = new Response();
    copy.#type = this.#type;
    copy.#url = this.#url;
    copy.#redirected = this.#redirected;
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#headers = withGuard(this.#type === 'default' ? 'response' : 'immutable', listOf(this.#headers));
    copy._inner = this._inner.clone();
    return copy;
  }

  get [Symbol.toStringTag]() { return 'Response'; }
}
for (const name of ['type', 'url', 'redirected', 'status', 'ok', 'statusText', 'headers', 'clone']) {
  Object.defineProperty(Response.prototype, name, { enumerable: true });
}

// networkResponse makes the response that a fetch has, with a stream of its body.
export function networkResponse(outcome, method, stream) {
  const none = method === 'HEAD' || nullBodyStatuses.includes(outcome.status) ||
    ['opaque', 'opaqueredirect'].includes(outcome.type);
  return new Response(secret, { ...outcome, headers: outcome.headers ?? [], stream: none ? null : stream });
}
