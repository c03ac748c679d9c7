// The thread of one test file: it defines the globals, loads testharness.js and the
// test's scripts into its own realm, and posts the results.
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { Headers } from './globals/headers.mjs';
import { Request } from './globals/request.mjs';
import { Response } from './globals/response.mjs';
import { fetch } from './globals/fetch.mjs';
import { ProgressEvent, XMLHttpRequest, XMLHttpRequestEventTarget, XMLHttpRequestUpload } from './globals/xhr.mjs';
import { EventSource } from './globals/eventsource.mjs';
import { URL } from './globals/url.mjs';
import { define, defineWindow } from './globals/document.mjs';

const { scripts, testharness, title, base, worker, timeout } = workerData;
const scope = globalThis;

const statuses = ['PASS', 'FAIL', 'TIMEOUT', 'NOTRUN', 'PRECONDITION_FAILED'];
const harnessStatuses = ['OK', 'ERROR', 'TIMEOUT', 'PRECONDITION_FAILED'];

define(scope, {
  EventSource, Headers, Request, Response, URL, fetch, ProgressEvent, XMLHttpRequest, XMLHttpRequestEventTarget, XMLHttpRequestUpload,
});
const defineDocument = defineWindow(scope, { title, base, worker });

// What a script does not catch is an event of the window.
let reporting = false;
process.on('uncaughtException', (error) => {
  if (reporting) return; // what listeners of the event throw leads to no other
  reporting = true;
  setImmediate(() => { reporting = false; });
  const event = new Event('error', { cancelable: true });
  define(event, { error, message: String(error?.message ?? error), filename: '', lineno: 0, colno: 0 });
  scope.onerror?.(event.message, '', 0, 0, error);
  scope.dispatchEvent(event);
});
process.on('unhandledRejection', (reason, promise) => {
  const event = new Event('unhandledrejection', { cancelable: true });
  define(event, { reason, promise });
  scope.dispatchEvent(event);
});

runInThisContext(readFileSync(testharness, 'utf8'), { filename: testharness });

scope.add_result_callback((test) => {
  parentPort.postMessage({ result: { name: test.name, status: statuses[test.status], message: test.message } });
});
scope.add_completion_callback((tests, status) => {
  parentPort.postMessage({
    tests: tests.map((test) => ({ name: test.name, status: statuses[test.status], message: test.message })),
    status: harnessStatuses[status.status], message: status.message,
  });
});
defineDocument();
if (worker) define(scope, { importScripts() {} });
setTimeout(() => scope.timeout(), timeout);

for (const { name, text } of scripts) {
  try {
    runInThisContext(text, { filename: name });
  } catch (error) {
    process.emit('uncaughtException', error);
  }
}
// The document has been loaded once its scripts have run.
setTimeout(() => {
  scope.onload?.(new Event('load'));
  scope.dispatchEvent(new Event('load'));
});
