// EventSource: its stream of events. What is asked and who may read it is the
// engine's.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
import { absolute, base, call, client, fromBase64, open } from './channel.mjs';

const [CONNECTING, OPEN, CLOSED] = [0, 1, 2];

export class EventSource extends EventTarget {
  #url;
  #withCredentials;
  #state = CONNECTING;
  #stop = () => {};
  #wait = 3000;
  #lastId = '';

  constructor(url, { withCredentials = false } = {}) {
    super();
    const parsed = call({ op: 'url', url: absolute(url), base: base.url });
    if (parsed.url === null) throw new DOMException(`${url} is no URL`, 'SyntaxError');
    this.#url = parsed.href;
    this.#withCredentials = Boolean(withCredentials);
    this.#connect();
  }

  get url() { return this.#url; }
  get withCredentials() { return this.#withCredentials; }
  get readyState() { return this.#state; }

  close() {
    this.#state = CLOSED;
    this.#stop();
  }

  #connect() {
    const headers = [['Accept', 'text/event-stream']];
    if (this.#lastId !== '') headers.push(['Last-Event-ID', Buffer.from(this.#lastId).toString('latin1')]);
    const step = {
      url: this.#url, headers, cache: 'no-store', mode: 'cors', credentials: this.#withCredentials ? 'include' : 'same-origin',
    };
    const decoder = new TextDecoder();
    const event = { type: 'message', data: [], id: this.#lastId };
    let rest = '';
    let origin;
    this.#stop = open({ op: 'fetch', client, step, stream: true }, (answer) => {
      if (this.#state === CLOSED) return;
      switch (answer.event) {
        case 'response': {
          const { outcome } = answer;
          const mime = outcome.headers && call({ op: 'mime', headers: outcome.headers }).mime;
          if (outcome.result !== 'response' || outcome.status !== 200 || mime?.essence !== 'text/event-stream') {
            this.#fail();
            return;
          }
          origin = new URL(outcome.url).origin;
          this.#state = OPEN;
          this.#fire('open');
          return;
        }
        case 'chunk': {
          const lines = (rest + decoder.decode(fromBase64(answer.dataBase64), { stream: true })).split(/\r\n|\n|\r(?!$)/);
          rest = lines.pop();
          for (const line of lines) this.#line(line, event, origin);
          return;
        }
        default:
          this.#reconnect();
      }
    });
  }

  #line(line, event, origin) {
    if (line === '') {
      this.#lastId = event.id;
      const { type, data } = event;
      event.type = 'message';
      event.data = [];
      if (data.length > 0) this.dispatchEvent(new MessageEvent(type, { data: data.join('\n'), origin, lastEventId: event.id }));
      return;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line);
    if (field === 'data') event.data.push(value);
    else if (field === 'event') event.type = value || 'message';
    else if (field === 'id' && !value.includes('\0')) event.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#wait = Number(value);
  }

  #reconnect() {
    this.#state = CONNECTING;
    this.#fire('error');
    setTimeout(() => { if (this.#state === CONNECTING) this.#connect(); }, this.#wait);
  }

  #fail() {
    this.close();
    this.#fire('error');
  }

  #fire(type) { this.dispatchEvent(new Event(type)); }
}
for (const type of ['open', 'message', 'error']) {
  const handlers = new WeakMap();
  Object.defineProperty(EventSource.prototype, `on${type}`, {
    configurable: true, enumerable: true,
    get() { return handlers.get(this) ?? null; },
    set(handler) {
      if (!handlers.has(this)) this.addEventListener(type, (event) => handlers.get(this)?.call(this, event));
      handlers.set(this, typeof handler === 'function' ? handler : null);
    },
  });
}
for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSED })) {
  for (const object of [EventSource, EventSource.prototype]) Object.defineProperty(object, name, { value, enumerable: true });
}
