// URL, which the engine parses. Setters and searchParams are Node's: the engine
// has no use for them; what they make of a URL, it reads again.
import { base, call } from './channel.mjs';

const NodeURL = globalThis.URL;
const attributes = ['origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

const parse = (url, against) => call({ op: 'url', url, ...(against === undefined ? {} : { base: against }) });

export class URL extends NodeURL {
  #of; // what Node's URL was when the engine read it
  #read;

  constructor(url, against) {
    if (arguments.length === 0) throw new TypeError('URL needs a URL');
    const read = parse(`${url}`.toWellFormed(), against === undefined ? undefined : `${against}`.toWellFormed());
    if (read.href === undefined) throw new TypeError(`Invalid URL: ${url}`);
    super(read.href);
    this.#of = super.href;
    this.#read = read;
  }

  static canParse(url, against) {
    try {
      return Boolean(new URL(url, against));
    } catch {
      return false;
    }
  }

  static parse(url, against) {
    try {
      return new URL(url, against);
    } catch {
      return null;
    }
  }

  _read() {
    if (super.href !== this.#of) {
      this.#read = parse(super.href);
      this.#of = super.href;
    }
    return this.#read;
  }

  toString() { return this.href; }
  toJSON() { return this.href; }
  get [Symbol.toStringTag]() { return 'URL'; }
}
for (const name of ['href', ...attributes]) {
  const { set } = Object.getOwnPropertyDescriptor(NodeURL.prototype, name);
  Object.defineProperty(URL.prototype, name, { configurable: true, enumerable: true, get() { return this._read()[name]; }, set });
}

// hyperlink is an element <a> or <area> as far as it is a URL.
//
// https://html.spec.whatwg.org/multipage/links.html#htmlhyperlinkelementutils
export function hyperlink() {
  let href = null;
  const read = () => (href === null ? {} : parse(href.toWellFormed(), base.url));
  const element = {
    setAttribute: (name, value) => { if (name === 'href') href = `${value}`; },
    getAttribute: (name) => (name === 'href' ? href : null),
    get href() { return read().href ?? href ?? ''; },
    set href(value) { href = `${value}`; },
    toString: () => element.href,
  };
  for (const name of attributes) {
    Object.defineProperty(element, name, {
      enumerable: true,
      get: () => read()[name] ?? (name === 'protocol' ? ':' : ''),
      set: (value) => {
        const { href: now } = read();
        if (now === undefined) return;
        const url = new URL(now);
        url[name] = value;
        href = url.href;
      },
    });
  }
  return element;
}
