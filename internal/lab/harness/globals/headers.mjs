// Headers, whose every method the engine answers. What is here is Web IDL: how
// arguments become strings, and how iteration works.
import { call, thrown } from './channel.mjs';

const secret = Symbol('secret');

// withGuard makes a Headers object that script could not: one with a guard, and
// with a list that is taken as it is.
export const withGuard = (guard, list) => new Headers(secret, guard, list);

// listOf is the header list of a Headers object.
export const listOf = (headers) => headers[secret]();

// fill adds what HeadersInit has, under the guard.
export const fill = (headers, init) => {
  for (const [name, value] of pairsOf(init)) headers.append(name, value);
};

export class Headers {
  #guard = 'none';
  #list = [];

  constructor(init, guard, list) {
    if (init === secret) {
      this.#guard = guard;
      this.#list = list;
      return;
    }
    if (init === undefined) return;
    const answer = call({ op: 'headers', guard: 'none', init: pairsOf(init), calls: [] });
    if (answer.throws) throw thrown(answer);
    this.#list = answer.list;
  }

  [secret]() { return this.#list; }

  #do(method, args, wanted) {
    if (args.length < wanted) {
      throw new TypeError(`Headers.${method} needs ${wanted} arguments, and has ${args.length}`);
    }
    const answer = call({
      op: 'headers', guard: this.#guard, init: this.#list, calls: [[method, ...args.slice(0, wanted).map(String)]],
    });
    if (answer.throws) throw thrown(answer);
    this.#list = answer.list;
    const [result] = answer.results;
    if (result?.throws) throw thrown(result);
    return result;
  }

  append(...args) { this.#do('append', args, 2); }
  delete(...args) { this.#do('delete', args, 1); }
  get(...args) { return this.#do('get', args, 1); }
  has(...args) { return this.#do('has', args, 1); }
  set(...args) { this.#do('set', args, 2); }
  getSetCookie() { return this.#do('getSetCookie', [], 0); }

  entries() { return iterator(() => this.#do('entries', [], 0), (pair) => pair); }
  keys() { return iterator(() => this.#do('entries', [], 0), ([name]) => name); }
  values() { return iterator(() => this.#do('entries', [], 0), ([, value]) => value); }

  forEach(callback, thisArgument) {
    if (typeof callback !== 'function') throw new TypeError('Headers.forEach needs a function');
    for (const [name, value] of this.entries()) callback.call(thisArgument, value, name, this);
  }

  get [Symbol.toStringTag]() { return 'Headers'; }
}
for (const name of ['append', 'delete', 'get', 'has', 'set', 'getSetCookie', 'entries', 'keys', 'values', 'forEach']) {
  Object.defineProperty(Headers.prototype, name, { enumerable: true });
}
for (const [name, length] of Object.entries({ append: 2, delete: 1, get: 1, has: 1, set: 2 })) {
  Object.defineProperty(Headers.prototype[name], 'length', { value: length, configurable: true });
}
Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries, writable: true, configurable: true,
});

const iteratorPrototype = Object.create(Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())), {
  next: {
    value() { return this[secret](); },
    writable: true, enumerable: true, configurable: true,
  },
  [Symbol.toStringTag]: { value: 'Headers Iterator', configurable: true },
});

// iterator looks the pairs up anew each time: what is changed meanwhile is seen.
//
// https://webidl.spec.whatwg.org/#dfn-iterator-prototype-object
function iterator(pairs, of) {
  let index = 0;
  return Object.create(iteratorPrototype, {
    [secret]: {
      value() {
        const now = pairs();
        return index < now.length ? { value: of(now[index++]), done: false } : { value: undefined, done: true };
      },
    },
  });
}

// pairsOf converts a HeadersInit: a sequence of pairs, or a record.
//
// https://webidl.spec.whatwg.org/#js-union
export function pairsOf(init) {
  if (init === null || (typeof init !== 'object' && typeof init !== 'function')) {
    throw new TypeError('HeadersInit must be a list of pairs or an object');
  }
  const method = init[Symbol.iterator];
  if (method !== undefined && method !== null) {
    return sequence(init, method).map((pair) => {
      if (pair === null || typeof pair !== 'object') throw new TypeError('a header must be a pair');
      const strings = sequence(pair, pair[Symbol.iterator]).map(String);
      if (strings.length !== 2) throw new TypeError('a header must be a name and a value');
      return strings;
    });
  }
  const record = new Map();
  for (const key of Reflect.ownKeys(init)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
    if (!descriptor?.enumerable) continue;
    const name = byteString(key);
    record.set(name, byteString(init[key]));
  }
  return [...record];
}

function sequence(object, method) {
  if (typeof method !== 'function') throw new TypeError('a header must be a list');
  const items = [];
  const iterating = method.call(object);
  for (const next = iterating.next; ;) {
    const result = next.call(iterating);
    if (result === null || typeof result !== 'object') throw new TypeError('an iterator gave no object');
    if (result.done) return items;
    items.push(result.value);
  }
}

// byteString converts a value where its order among other conversions matters.
function byteString(value) {
  const text = `${value}`;
  if (/[^\x00-\xFF]/.test(text)) throw new TypeError('a header has a code point above U+00FF');
  return text;
}
