// How the globals of a test reach the engine: through the main thread, which has
// the process. Headers, Request and parts of XMLHttpRequest are synchronous, so the
// thread of the test must be able to sleep until an answer is there.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

const { asyncPort, syncPort, signal } = workerData;
const flag = new Int32Array(signal);
let next = 1;
const listeners = new Map();

// client is who asks: the document of the test.
export const client = workerData.client;

// base is the document's base URL, which a <base> moves away from its own.
export const base = { url: client.url };

// absolute makes a URL that the engine resolves as the document would.
export function absolute(url) {
  const text = `${url}`.toWellFormed();
  if (base.url === client.url) return text;
  return call({ op: 'url', url: text, base: base.url }).href ?? text;
}

// needsDOM tells that a test came to what there is not one of.
export function needsDOM(what) {
  parentPort.postMessage({ needsDOM: what });
  return new Error(`there is no DOM, and so no ${what}`);
}

// call sends a request and waits for its answer.
export function call(request) {
  let seen = Atomics.load(flag, 0);
  syncPort.postMessage(request);
  for (;;) {
    const received = receiveMessageOnPort(syncPort);
    if (received) return check(received.message);
    Atomics.wait(flag, 0, seen);
    seen = Atomics.load(flag, 0);
  }
}

// open sends a request that has any number of answers, and returns what ends it.
export function open(request, listener) {
  const key = next++;
  listeners.set(key, listener);
  asyncPort.postMessage({ key, request });
  return () => {
    listeners.delete(key);
    asyncPort.postMessage({ key, abort: true });
  };
}

asyncPort.on('message', ({ key, answer }) => listeners.get(key)?.(check(answer)));

// check lets no mistake in the protocol pass for what a test asked for.
function check(answer) {
  if (answer.error !== undefined) throw new Error(`simulate: ${answer.error}`);
  return answer;
}

// thrown makes the exception that an answer tells of.
export function thrown({ throws, message }) {
  return throws === 'TypeError' ? new TypeError(message) : new DOMException(message, throws);
}

export const fromBase64 = (text) => new Uint8Array(Buffer.from(text, 'base64'));
export const toBase64 = (bytes) => Buffer.from(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength).toString('base64');
