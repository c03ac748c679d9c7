// fetch(), answered by the engine: first the response, then its body as it comes.
import { client, fromBase64, open, toBase64 } from './channel.mjs';
import { Request } from './request.mjs';
import { networkResponse } from './response.mjs';

export function fetch(input, init) {
  return new Promise((resolve, reject) => {
    const request = new Request(...arguments);
    const { signal } = request;
    if (signal.aborted) {
      cancelBody(request, signal.reason);
      reject(signal.reason);
      return;
    }
    let abort = () => {};
    signal.addEventListener('abort', () => {
      abort(signal.reason);
      cancelBody(request, signal.reason);
      reject(signal.reason);
    }, { once: true });
    const whole = request._hasBody ? request._inner.arrayBuffer() : undefined;
    if (!whole || request._bytes) {
      whole?.catch(() => {}); // it has been read, as far as script can see
      abort = start(request, request._bytes, resolve, reject);
      return;
    }
    whole.then((body) => {
      if (!signal.aborted) abort = start(request, body, resolve, reject);
    }).catch(reject);
  });
}
Object.defineProperty(fetch, 'length', { value: 1 });

function cancelBody(request, reason) {
  if (request._hasBody && !request._inner.bodyUsed) request._inner.body?.cancel(reason).catch(() => {});
}

// start sends a request, and returns what aborts it.
function start(request, body, resolve, reject) {
  const step = request._step();
  if (body !== undefined) step.bodyBase64 = toBase64(body);
  if (request.integrity !== '') step.integrity = request.integrity;
  let controller;
  let response;
  let ended = false;
  const stop = open({ op: 'fetch', client, step, stream: true }, (answer) => {
    switch (answer.event) {
      case 'response':
        if (answer.outcome.result !== 'response') {
          ended = true;
          reject(new TypeError(`fetch failed: ${answer.outcome.reason}`));
          return;
        }
        response = networkResponse(answer.outcome, request.method, new ReadableStream({
          type: 'bytes',
          start(c) { controller = c; },
          cancel() { ended = true; stop(); },
        }));
        resolve(response);
        break;
      case 'chunk':
        if (!ended) controller.enqueue(fromBase64(answer.dataBase64));
        break;
      case 'end':
        if (ended) return;
        ended = true;
        controller.close();
        controller.byobRequest?.respond(0);
        break;
      case 'error':
        if (!ended && controller) controller.error(new TypeError(`the body failed: ${answer.reason}`));
        ended = true;
        break;
    }
  });
  return (reason) => {
    if (ended) return;
    ended = true;
    stop();
    if (!response) return;
    response._aborted = { reason };
    controller.error(reason);
  };
}
