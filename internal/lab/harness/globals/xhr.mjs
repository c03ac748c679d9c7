// XMLHttpRequest: its states and events. What may be asked, what is sent and what
// comes back is the engine's.
//
// https://xhr.spec.whatwg.org/
import { absolute, call, client, fromBase64, needsDOM, open, thrown, toBase64 } from './channel.mjs';
import { blobOf, extract } from './body.mjs';

export class ProgressEvent extends Event {
  #init;
  constructor(type, init = {}) {
    super(type, init);
    this.#init = {
      lengthComputable: Boolean(init.lengthComputable), loaded: Number(init.loaded ?? 0), total: Number(init.total ?? 0),
    };
  }
  get lengthComputable() { return this.#init.lengthComputable; }
  get loaded() { return this.#init.loaded; }
  get total() { return this.#init.total; }
}
for (const name of ['lengthComputable', 'loaded', 'total']) {
  Object.defineProperty(ProgressEvent.prototype, name, { enumerable: true });
}

// attribute defines an event handler attribute.
function attribute(prototype, type) {
  const handlers = new WeakMap();
  Object.defineProperty(prototype, `on${type}`, {
    configurable: true, enumerable: true,
    get() { return handlers.get(this)?.callback ?? null; },
    set(callback) {
      const value = typeof callback === 'function' ? callback : null;
      const handler = handlers.get(this);
      if (handler) {
        if (value === null) {
          this.removeEventListener(type, handler.listener);
          handlers.delete(this);
        } else {
          handler.callback = value;
        }
      } else if (value !== null) {
        const added = { callback: value, listener(event) { added.callback.call(this, event); } };
        handlers.set(this, added);
        this.addEventListener(type, added.listener);
      }
    },
  });
}

export class XMLHttpRequestEventTarget extends EventTarget {}
for (const type of ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend']) {
  attribute(XMLHttpRequestEventTarget.prototype, type);
}

const listeners = Symbol('listeners');

export class XMLHttpRequestUpload extends XMLHttpRequestEventTarget {
  [listeners] = 0;
  addEventListener(type, callback, ...rest) {
    if (callback) this[listeners]++;
    super.addEventListener(type, callback, ...rest);
  }
  removeEventListener(type, callback, ...rest) {
    if (callback) this[listeners]--;
    super.removeEventListener(type, callback, ...rest);
  }
}

const [UNSENT, OPENED, HEADERS_RECEIVED, LOADING, DONE] = [0, 1, 2, 3, 4];
const responseTypes = ['', 'arraybuffer', 'blob', 'document', 'json', 'text'];
const noResponse = { failed: true, status: 0, statusText: '', url: '', headers: [], bytes: new Uint8Array(0) };

// The standard lets a progress event come every 50 ms.
const progressInterval = 50;

export class XMLHttpRequest extends XMLHttpRequestEventTarget {
  #state = UNSENT;
  #method = '';
  #url = '';
  #sync = false;
  #authorHeaders = [];
  #sent = false;
  #uploadComplete = false;
  #uploadListener = false;
  #timedOut = false;
  #timeout = 0;
  #timer;
  #started = 0;
  #withCredentials = false;
  #responseType = '';
  #overrideMime = null;
  #response = noResponse;
  #object;
  #stop = null;
  #upload = new XMLHttpRequestUpload();
  #fetch = 0; // counts fetches: what belongs to an earlier one is of no interest

  open(method, url, async = true, username = null, password = null) {
    if (arguments.length < 2) throw new TypeError('open needs a method and a URL');
    const sync = arguments.length >= 3 && !async;
    method = `${method}`;
    if (/[^\x00-\xFF]/.test(method)) throw new TypeError('the method has a code point above U+00FF');
    const answer = call({ op: 'request', client, api: 'xhr', init: { method, url: absolute(url) } });
    if (answer.throws) throw thrown(answer);
    const parsed = new URL(answer.request.url);
    if (parsed.host !== '') {
      if (username !== null && username !== undefined) parsed.username = username;
      if (password !== null && password !== undefined) parsed.password = password;
    }
    if (sync && (this.#timeout !== 0 || this.#responseType !== '')) {
      throw new DOMException('a synchronous request has neither timeout nor responseType', 'InvalidAccessError');
    }
    this.#terminate();
    this.#sent = false;
    this.#uploadListener = false;
    this.#method = answer.request.method;
    this.#url = username === null && password === null ? answer.request.url : parsed.href;
    this.#sync = sync;
    this.#authorHeaders = [];
    this.#reset();
    if (this.#state !== OPENED) {
      this.#state = OPENED;
      this.#fire(this, 'readystatechange');
    }
  }

  setRequestHeader(name, value) {
    if (arguments.length < 2) throw new TypeError('setRequestHeader needs a name and a value');
    this.#mustBeOpened();
    const header = [`${name}`, `${value}`];
    const answer = call({ op: 'request', client, api: 'xhr', init: { url: '/', headers: [header] } });
    if (answer.throws) throw thrown(answer);
    this.#authorHeaders.push(header);
  }

  get timeout() { return this.#timeout; }
  set timeout(value) {
    if (this.#sync && this.#state !== UNSENT && this.#state !== DONE) {
      throw new DOMException('a synchronous request has no timeout', 'InvalidAccessError');
    }
    this.#timeout = Number(value) >>> 0;
    this.#setTimer();
  }

  get withCredentials() { return this.#withCredentials; }
  set withCredentials(value) {
    if ((this.#state !== UNSENT && this.#state !== OPENED) || this.#sent) {
      throw new DOMException('the request has been sent', 'InvalidStateError');
    }
    this.#withCredentials = Boolean(value);
  }

  get upload() { return this.#upload; }

  send(body = null) {
    if (body !== null && body !== undefined && isString(body)) body = `${body}`.toWellFormed();
    this.#mustBeOpened();
    if (this.#method === 'GET' || this.#method === 'HEAD') body = null;
    const step = {
      api: 'xhr', url: this.#url, method: this.#method, headers: this.#authorHeaders,
      withCredentials: this.#withCredentials,
    };
    let length = 0;
    let reading = null;
    if (body !== null && body !== undefined) {
      if (typeof body === 'string') {
        step.body = body;
        length = Buffer.byteLength(step.body);
      } else {
        if (this.#sync && body instanceof FormData) body = multipart(body);
        const { inner, type } = extract(body);
        const given = this.#authorHeaders.some(([name]) => name.toLowerCase() === 'content-type');
        if (type !== null && !given) step.headers = [...this.#authorHeaders, ['Content-Type', type]];
        step.contentTypeFromBody = false;
        length = body.size ?? body.byteLength ?? 0;
        reading = inner;
      }
    }
    this.#uploadListener = this.#upload[listeners] > 0;
    step.uploadListener = this.#uploadListener;
    this.#uploadComplete = step.body === undefined && reading === null;
    this.#timedOut = false;
    this.#sent = true;
    if (this.#sync) this.#sendSync(step, body, reading);
    else this.#sendAsync(step, length, reading);
  }

  #sendAsync(step, length, reading) {
    const number = ++this.#fetch;
    const current = () => number === this.#fetch;
    this.#progress(this, 'loadstart', 0, 0);
    if (!this.#uploadComplete && this.#uploadListener) this.#progress(this.#upload, 'loadstart', 0, length);
    if (this.#state !== OPENED || !this.#sent || !current()) return;
    this.#started = Date.now();
    this.#setTimer();
    const begin = () => {
      this.#stop = open({ op: 'fetch', client, step, stream: true }, (answer) => {
        if (current()) this.#answer(answer, length, current);
      });
    };
    if (!reading) begin();
    else {
      reading.arrayBuffer().then((bytes) => {
        step.bodyBase64 = toBase64(bytes);
        length = bytes.byteLength;
        if (current() && this.#sent) begin();
      });
    }
  }

  #lastProgress = 0;
  #told = -1; // how many bytes the last progress event was about

  // answer takes what comes of an asynchronous fetch.
  #answer(answer, length, current) {
    switch (answer.event) {
      case 'response': {
        const { outcome } = answer;
        if (outcome.result !== 'response') {
          this.#fail('error');
          return;
        }
        if (!this.#uploadComplete) {
          this.#uploadComplete = true;
          if (this.#uploadListener) {
            this.#progress(this.#upload, 'progress', length, length);
            this.#progress(this.#upload, 'load', length, length);
            this.#progress(this.#upload, 'loadend', length, length);
          }
          if (!current()) return;
        }
        this.#response = { ...noResponse, failed: false, ...outcome };
        this.#lastProgress = 0;
        this.#told = -1;
        this.#state = HEADERS_RECEIVED;
        this.#fire(this, 'readystatechange');
        return;
      }
      case 'chunk': {
        this.#response.bytes = Buffer.concat([this.#response.bytes, fromBase64(answer.dataBase64)]);
        const now = Date.now();
        if (now - this.#lastProgress < progressInterval) return;
        this.#lastProgress = now;
        this.#loading(current);
        return;
      }
      case 'end':
        this.#end(current);
        return;
      case 'error':
        this.#fail('error');
    }
  }

  #loading(current) {
    if (this.#state === HEADERS_RECEIVED) this.#state = LOADING;
    this.#told = this.#response.bytes.length;
    this.#fire(this, 'readystatechange');
    if (current()) this.#progress(this, 'progress', this.#response.bytes.length, this.#total());
  }

  #end(current) {
    const loaded = this.#response.bytes.length;
    const total = this.#total();
    // Engines tell of the last bytes once, not again at the end.
    if (this.#told !== loaded) {
      if (loaded > 0) this.#loading(current);
      else this.#progress(this, 'progress', 0, total);
    }
    if (!current()) return;
    this.#finish();
    this.#fire(this, 'readystatechange');
    if (!current()) return;
    this.#progress(this, 'load', loaded, total);
    if (!current()) return;
    this.#progress(this, 'loadend', loaded, total);
  }

  #finish() {
    clearTimeout(this.#timer);
    this.#stop = null;
    this.#state = DONE;
    this.#sent = false;
  }

  #sendSync(step, body, reading) {
    this.#fetch++;
    const request = { op: 'fetch', client, step };
    if (reading) {
      // A blob cannot be read here without letting script run; the main thread can.
      if (body instanceof Blob) request.blob = body;
      else step.bodyBase64 = toBase64(body instanceof URLSearchParams ? Buffer.from(`${body}`) : body);
    }
    if (this.#timeout > 0) request.timeoutMs = this.#timeout;
    const { outcome } = call(request);
    if (outcome.result !== 'response' || outcome.body === undefined) {
      const timeout = outcome.result === 'timeout' || outcome.reason === 'timeout';
      this.#finish();
      this.#response = noResponse;
      throw new DOMException(`the request failed: ${outcome.reason}`, timeout ? 'TimeoutError' : 'NetworkError');
    }
    this.#response = { ...noResponse, failed: false, ...outcome, bytes: Buffer.from(outcome.body, 'latin1') };
    const loaded = this.#response.bytes.length;
    this.#finish();
    this.#fire(this, 'readystatechange');
    this.#progress(this, 'load', loaded, this.#total());
    this.#progress(this, 'loadend', loaded, this.#total());
  }

  // fail is the request error steps.
  #fail(type) {
    this.#stop?.();
    this.#finish();
    this.#response = noResponse;
    this.#object = undefined;
    this.#fire(this, 'readystatechange');
    if (!this.#uploadComplete) {
      this.#uploadComplete = true;
      if (this.#uploadListener) {
        this.#progress(this.#upload, type, 0, 0);
        this.#progress(this.#upload, 'loadend', 0, 0);
      }
    }
    this.#progress(this, type, 0, 0);
    this.#progress(this, 'loadend', 0, 0);
  }

  abort() {
    const { sent, state } = { sent: this.#sent, state: this.#state };
    this.#terminate();
    if ((state === OPENED && sent) || state === HEADERS_RECEIVED || state === LOADING) this.#fail('abort');
    if (this.#state === DONE) {
      this.#state = UNSENT;
      this.#response = noResponse;
    }
  }

  #terminate() {
    this.#fetch++;
    clearTimeout(this.#timer);
    this.#stop?.();
    this.#stop = null;
  }

  #reset() {
    this.#response = noResponse;
    this.#object = undefined;
  }

  #setTimer() {
    clearTimeout(this.#timer);
    if (this.#timeout === 0 || !this.#sent || this.#sync) return;
    this.#timer = setTimeout(() => {
      if (!this.#sent) return;
      this.#fetch++;
      this.#fail('timeout');
    }, Math.max(0, this.#started + this.#timeout - Date.now()));
  }

  #mustBeOpened() {
    if (this.#state !== OPENED || this.#sent) {
      throw new DOMException('the request is not opened, or has been sent', 'InvalidStateError');
    }
  }

  #fire(target, type) { target.dispatchEvent(new Event(type)); }

  #progress(target, type, loaded, total) {
    target.dispatchEvent(new ProgressEvent(type, { lengthComputable: total !== 0, loaded, total }));
  }

  #total() {
    const length = this.getResponseHeader('Content-Length');
    return length !== null && /^\d+$/.test(length) && this.getResponseHeader('Content-Encoding') === null ? Number(length) : 0;
  }

  get readyState() { return this.#state; }
  get status() { return this.#response.status; }
  get statusText() { return this.#response.statusText; }
  get responseURL() { return this.#response.failed ? '' : this.#response.url.replace(/#.*/, ''); }

  getResponseHeader(name) {
    if (arguments.length === 0) throw new TypeError('getResponseHeader needs a name');
    const wanted = `${name}`.toLowerCase();
    return this.#response.headers.find(([n]) => n.toLowerCase() === wanted)?.[1] ?? null;
  }

  getAllResponseHeaders() {
    return this.#response.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  overrideMimeType(mime) {
    if (this.#state === LOADING || this.#state === DONE) {
      throw new DOMException('the response is there', 'InvalidStateError');
    }
    this.#overrideMime = call({ op: 'mime', value: `${mime}` }).mime ?? { essence: 'application/octet-stream', parameters: [], serialized: 'application/octet-stream' };
  }

  #responseMime() {
    return call({ op: 'mime', headers: this.#response.headers }).mime ?? { essence: 'text/xml', parameters: [], serialized: 'text/xml' };
  }
  #finalMime() { return this.#overrideMime ?? this.#responseMime(); }
  #charset() {
    const of = (mime) => mime?.parameters.find(([name]) => name === 'charset')?.[1];
    const label = of(this.#overrideMime) ?? of(this.#responseMime());
    if (label === undefined) return null;
    try {
      return new TextDecoder(label).encoding;
    } catch {
      return null;
    }
  }

  get responseType() { return this.#responseType; }
  set responseType(value) {
    value = `${value}`;
    if (!responseTypes.includes(value)) return;
    if (this.#state === LOADING || this.#state === DONE) {
      throw new DOMException('the response is there', 'InvalidStateError');
    }
    if (this.#sync && this.#state !== UNSENT) {
      throw new DOMException('a synchronous request has no responseType', 'InvalidAccessError');
    }
    this.#responseType = value;
  }

  #text() {
    if (this.#response.failed) return '';
    const { bytes } = this.#response;
    const charset = this.#charset() ?? 'utf-8';
    // A byte order mark counts for more than the charset.
    for (const [label, ...mark] of [['utf-8', 0xEF, 0xBB, 0xBF], ['utf-16le', 0xFF, 0xFE], ['utf-16be', 0xFE, 0xFF]]) {
      if (mark.every((byte, i) => bytes[i] === byte)) return new TextDecoder(label).decode(bytes);
    }
    return decode(bytes, charset);
  }

  get responseText() {
    if (this.#responseType !== '' && this.#responseType !== 'text') {
      throw new DOMException('the response is no text', 'InvalidStateError');
    }
    return this.#state === LOADING || this.#state === DONE ? this.#text() : '';
  }

  get responseXML() {
    if (this.#responseType !== '' && this.#responseType !== 'document') {
      throw new DOMException('the response is no document', 'InvalidStateError');
    }
    needsDOM('responseXML');
    return null;
  }

  get response() {
    if (this.#responseType === '' || this.#responseType === 'text') return this.responseText;
    if (this.#state !== DONE || this.#response.failed) return null;
    if (this.#object === undefined) this.#object = this.#make();
    return this.#object;
  }

  #make() {
    const { bytes } = this.#response;
    switch (this.#responseType) {
      case 'arraybuffer': return new Uint8Array(bytes).buffer;
      case 'blob': return blobOf(bytes, this.#finalMime().serialized);
      case 'json':
        try {
          return JSON.parse(new TextDecoder().decode(bytes));
        } catch {
          return null;
        }
    }
    return null;
  }

  get [Symbol.toStringTag]() { return 'XMLHttpRequest'; }
}
attribute(XMLHttpRequest.prototype, 'readystatechange');
for (const [name, value] of Object.entries({ UNSENT, OPENED, HEADERS_RECEIVED, LOADING, DONE })) {
  for (const object of [XMLHttpRequest, XMLHttpRequest.prototype]) {
    Object.defineProperty(object, name, { value, enumerable: true });
  }
}

// isString reports whether a body is sent as the string that it converts to.
function isString(body) {
  return !(body instanceof Blob || body instanceof FormData || body instanceof URLSearchParams ||
    body instanceof ArrayBuffer || ArrayBuffer.isView(body));
}

// multipart is a form as the blob that is sent for it.
//
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
function multipart(form) {
  const boundary = `----corsim${Math.random().toString(36).slice(2)}`;
  const escape = (name) => name.replace(/\r?\n|\r/g, '\r\n').replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
  const parts = [];
  for (const [name, value] of form) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${escape(name)}"`);
    if (typeof value === 'string') parts.push('\r\n\r\n', value.replace(/\r?\n|\r/g, '\r\n'));
    else parts.push(`; filename="${escape(value.name)}"\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`, value);
    parts.push('\r\n');
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}

// windows1252 is what the bytes 0x80 to 0x9F stand for; Node's own decoder takes
// the encoding for ISO-8859-1.
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8DŽ\x8F\x90‘’“”•–—˜™š›œ\x9DžŸ';

function decode(bytes, charset) {
  if (charset !== 'windows-1252') return new TextDecoder(charset).decode(bytes);
  return Buffer.from(bytes).toString('latin1').replace(/[\x80-\x9F]/g, (c) => windows1252[c.charCodeAt(0) - 0x80]);
}
