// Request, whose constructor the engine answers.
import { absolute, call, client, thrown } from './channel.mjs';
import { Body, extract } from './body.mjs';
import { listOf, pairsOf, withGuard } from './headers.mjs';

const members = ['method', 'mode', 'credentials', 'redirect', 'referrer', 'referrerPolicy', 'cache'];

export class Request extends Body {
  #data;
  #headers;
  #signal;
  #integrity = '';
  #duplex = 'half';

  constructor(input, init) {
    super();
    if (arguments.length === 0) throw new TypeError('Request needs a URL or a Request');
    const options = init ?? {};
    if (typeof options !== 'object' && typeof options !== 'function') throw new TypeError('the init of a Request must be an object');
    const from = input instanceof Request ? input : null;
    const asked = {};
    for (const name of members) {
      const value = options[name];
      if (value !== undefined) asked[name] = `${value}`;
    }
    if (options.keepalive !== undefined) asked.keepalive = Boolean(options.keepalive);
    if (options.window !== undefined && options.window !== null) throw new TypeError('window must be null');
    if (options.priority !== undefined && !['high', 'low', 'auto'].includes(`${options.priority}`)) {
      throw new TypeError(`there is no priority ${options.priority}`);
    }
    if (options.duplex !== undefined && `${options.duplex}` !== 'half') throw new TypeError(`there is no duplex ${options.duplex}`);
    const given = options.headers === undefined ? null : pairsOf(options.headers);
    if (given) asked.headers = given;
    if (from) asked.request = { ...from.#data, headers: listOf(from.#headers) };
    else asked.url = absolute(input);
    const answer = call({ op: 'request', client, init: asked });
    if (answer.throws) throw thrown(answer);
    this.#data = answer.request;
    this.#integrity = options.integrity === undefined ? (from?.#integrity ?? '') : `${options.integrity}`;
    this.#setSignal(options.signal === undefined ? from?.#signal : options.signal);
    // The answer has the headers as iterating does; what is sent keeps their spelling.
    const guard = this.mode === 'no-cors' ? 'request-no-cors' : 'request';
    const { list } = call({ op: 'headers', guard, init: given ?? (from ? listOf(from.#headers) : []), calls: [] });
    this.#headers = withGuard(guard, list);
    this.#setBody(from, options.body, options.duplex);
  }

  #setSignal(signal) {
    if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) {
      throw new TypeError('signal must be an AbortSignal');
    }
    this.#signal = signal ? AbortSignal.any([signal]) : new AbortController().signal;
  }

  #setBody(from, body, duplex) {
    const given = body !== undefined && body !== null;
    const inherited = body === undefined && from?.body;
    if ((given || (body === undefined && from?._hasBody)) && ['GET', 'HEAD'].includes(this.method)) {
      throw new TypeError(`a ${this.method} request has no body`);
    }
    if (given) {
      if (body instanceof ReadableStream) {
        if (duplex === undefined) throw new TypeError('a stream needs duplex: "half"');
        if (!['cors', 'same-origin'].includes(this.mode)) throw new TypeError('a stream cannot be sent in this mode');
      }
      const { inner, type, bytes } = extract(body);
      this._inner = inner;
      this._bytes = bytes;
      this._hasBody = true;
      if (type !== null && !this.#headers.has('Content-Type')) this.#headers.append('Content-Type', type);
    } else if (inherited) {
      if (from.bodyUsed || from.body.locked) throw new TypeError('the body has been used');
      this._inner = new from._inner.constructor(from.body.pipeThrough(new TransformStream()));
      this._bytes = from._bytes;
      this._hasBody = true;
    }
  }

  get method() { return this.#data.method; }
  get url() { return this.#data.url; }
  get headers() { return this.#headers; }
  get destination() { return this.#data.destination; }
  get referrer() { return this.#data.referrer; }
  get referrerPolicy() { return this.#data.referrerPolicy; }
  get mode() { return this.#data.mode; }
  get credentials() { return this.#data.credentials; }
  get cache() { return this.#data.cache; }
  get redirect() { return this.#data.redirect; }
  get integrity() { return this.#integrity; }
  get keepalive() { return this.#data.keepalive; }
  get isReloadNavigation() { return false; }
  get isHistoryNavigation() { return false; }
  get signal() { return this.#signal; }
  get duplex() { return this.#duplex; }

  clone() {
    if (this.bodyUsed || this._inner.body?.locked) throw new TypeError('the body has been used');
    const copy = new Request(this.url, { signal: this.#signal });
    copy.#data = { ...this.#data, headers: listOf(this.#headers) };
    copy.#integrity = this.#integrity;
    copy.#headers = withGuard(this.mode === 'no-cors' ? 'request-no-cors' : 'request', listOf(this.#headers));
    copy._inner = this._inner.clone();
    copy._bytes = this._bytes;
    copy._hasBody = this._hasBody;
    return copy;
  }

  // _step is the request as a step of the protocol, but for its body.
  _step() {
    const { destination, ...step } = this.#data;
    return { ...step, headers: listOf(this.#headers) };
  }

  get [Symbol.toStringTag]() { return 'Request'; }
}
for (const name of ['method', 'url', 'headers', 'destination', 'referrer', 'referrerPolicy', 'mode', 'credentials', 'cache',
  'redirect', 'integrity', 'keepalive', 'isReloadNavigation', 'isHistoryNavigation', 'signal', 'duplex', 'clone']) {
  Object.defineProperty(Request.prototype, name, { enumerable: true });
}
