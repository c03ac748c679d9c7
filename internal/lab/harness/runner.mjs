// Runs test files, each in a thread of its own.
import { MessageChannel, Worker } from 'node:worker_threads';
import { join } from 'node:path';
import { loadScripts, pageURL } from './files.mjs';

// The times that upstream gives a file, in milliseconds, and what is added before
// a thread that does not answer is ended.
const timeouts = { normal: 10_000, long: 60_000, grace: 5_000 };

// runTest runs one variant of a test and returns what came of it.
export async function runTest(simulate, tree, test, variant) {
  const session = test.path + variant;
  const scripts = loadScripts(tree, test, variant);
  const missing = scripts.find((script) => script.missing);
  if (missing) return { tests: [], status: 'SKIP', skip: `${missing.name} is not in the tree` };
  const toSend = (request) => ({ session, ...request });
  const sync = new MessageChannel();
  const async = new MessageChannel();
  const signal = new SharedArrayBuffer(4);
  const flag = new Int32Array(signal);

  sync.port1.on('message', async ({ blob, ...request }) => {
    if (blob) request.step.bodyBase64 = Buffer.from(await blob.arrayBuffer()).toString('base64');
    simulate.send(toSend(request), (answer) => {
      sync.port1.postMessage(answer);
      Atomics.add(flag, 0, 1);
      Atomics.notify(flag, 0);
    });
  });
  const fetches = new Map();
  async.port1.on('message', ({ key, request, abort }) => {
    if (abort) {
      if (fetches.has(key)) simulate.ask({ op: 'abort', target: fetches.get(key) });
      fetches.delete(key);
      return;
    }
    fetches.set(key, simulate.send(toSend(request), (answer) => {
      if (answer.event === 'end' || answer.event === 'error') fetches.delete(key);
      async.port1.postMessage({ key, answer });
    }));
  });

  const timeout = test.long ? timeouts.long : timeouts.normal;
  const client = { url: pageURL(test, variant) };
  if (test.referrerPolicy) client.referrerPolicy = test.referrerPolicy;
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), {
    workerData: {
      scripts, testharness: join(tree, 'resources/testharness.js'),
      client, title: test.title, base: test.base, worker: Boolean(test.worker), timeout,
      syncPort: sync.port2, asyncPort: async.port2, signal,
    },
    transferList: [sync.port2, async.port2],
    stdout: true,
    stderr: true,
  });
  const results = new Map();
  return new Promise((resolve) => {
    let ended = false;
    let dom = false;
    const end = (outcome) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      for (const id of fetches.values()) simulate.ask({ op: 'abort', target: id });
      sync.port1.close();
      async.port1.close();
      worker.terminate();
      simulate.ask({ op: 'reset', session });
      resolve({ ...outcome, dom: dom || Boolean(test.dom) });
    };
    const timer = setTimeout(
      () => end({ tests: [...results.values()], status: 'TIMEOUT', message: 'the thread did not answer' }), timeout + timeouts.grace);
    worker.on('message', (message) => {
      if (message.needsDOM) dom = true;
      else if (message.result) results.set(message.result.name, message.result);
      else end(message);
    });
    worker.on('error', (error) => end({ tests: [...results.values()], status: 'ERROR', message: String(error?.stack ?? error) }));
    worker.on('exit', () => end({ tests: [...results.values()], status: 'ERROR', message: 'the thread ended' }));
  });
}

// inParallel calls work for each item, a number of them at a time.
export async function inParallel(items, number, work) {
  let next = 0;
  const one = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(number, items.length) }, one));
}
