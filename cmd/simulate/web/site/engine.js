// The engine: in a worker, compiled to WebAssembly, or, where simulate serve has written this page, in
// the command itself.

const inCommand = document.querySelector('meta[name="corsim"]').content === "serve";

export const live = inCommand;

// An Aborted error is of a call that was cancelled.
export class Aborted extends Error {}

const fail = text => Object.assign(new Error(text), { told: true });

// ---- in a worker

let worker = null, ready = null, next = 0;
const calls = new Map();

function start() {
  worker = new Worker("worker.js");
  ready = new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }) => {
      if (data.kind === "ready") return resolve();
      if (data.kind === "broken") return reject(fail(data.value));
      const call = calls.get(data.id);
      if (!call) return;
      if (data.kind === "read") return call.read?.(data.value);
      calls.delete(data.id);
      if (data.memory) document.documentElement.dataset.memory = data.memory;
      if (data.kind === "error") call.reject(fail(data.value));
      else call.resolve({ answer: JSON.parse(data.value), out: data.out });
    });
    worker.addEventListener("error", e => {
      e.preventDefault();
      const error = fail("The engine stopped: " + (e.message || "it could not be loaded") + ". Load the page again.");
      reject(error);
      for (const call of calls.values()) call.reject(error);
      calls.clear();
      worker = null;
    });
  });
  ready.catch(() => {});
}

async function inWorker(name, input, { file, read, signal } = {}) {
  if (!worker) start();
  await ready;
  return new Promise((resolve, reject) => {
    const id = next++;
    calls.set(id, { resolve, reject, read });
    signal?.addEventListener("abort", () => {
      if (!calls.has(id)) return;
      // The engine cannot be interrupted: it ends, and another begins.
      worker.terminate();
      for (const call of calls.values()) call.reject(new Aborted("cancelled"));
      calls.clear();
      start();
    });
    worker.postMessage({ id, name, input: JSON.stringify(input ?? {}), file });
  });
}

// ---- in the command

async function overHTTP(name, input, { file, read, signal } = {}) {
  const query = new URLSearchParams({ input: JSON.stringify(input ?? {}) });
  if (file) query.set("file", file.name);
  if (file?.disk !== undefined) query.set("disk", file.disk);
  const body = file && file.disk === undefined ? file : undefined;
  let response;
  try {
    response = await fetch("api/" + name + (body || file ? "?" + query : ""), {
      method: "POST", body: file ? body : JSON.stringify(input ?? {}), signal,
      headers: { "Content-Type": file ? "application/octet-stream" : "application/json" },
    });
  } catch (error) {
    if (signal?.aborted) throw new Aborted("cancelled");
    throw fail("The command does not answer: is simulate serve still running?");
  }
  if (!response.ok) throw fail((await response.text()).trim() || "The command answered with status " + response.status + ".");
  if (!file) return { answer: await response.json() };
  // A long answer comes in pieces: a byte for the kind, four for the length.
  const pieces = [], parts = [];
  let answer = null, rest = new Uint8Array(0);
  const reader = response.body.getReader();
  for (;;) {
    let chunk;
    try {
      chunk = await reader.read();
    } catch (error) {
      if (signal?.aborted) throw new Aborted("cancelled");
      throw fail("The command went away before its answer was whole.");
    }
    if (chunk.done) break;
    const joined = new Uint8Array(rest.length + chunk.value.length);
    joined.set(rest);
    joined.set(chunk.value, rest.length);
    let at = 0;
    while (joined.length - at >= 5) {
      const length = new DataView(joined.buffer, at + 1, 4).getUint32(0);
      if (joined.length - at - 5 < length) break;
      const value = joined.slice(at + 5, at + 5 + length);
      const text = () => new TextDecoder().decode(value);
      switch (String.fromCharCode(joined[at])) {
        case "r": read?.(Number(text())); break;
        case "o": parts.push(value); break;
        case "e": throw fail(text());
        case "a": answer = JSON.parse(text()); break;
      }
      at += 5 + length;
    }
    rest = joined.slice(at);
    if (parts.length > 64) pieces.push(new Blob(parts.splice(0)));
  }
  if (!answer) throw fail("The command went away before its answer was whole.");
  return { answer, out: new Blob([...pieces, ...parts]) };
}

// call has the engine do something. file is a File, read is told how much of it is read, signal cancels.
// It returns {answer, out}: out is a Blob of what is long.
export const call = inCommand ? overHTTP : inWorker;

// loaded resolves when the engine is there.
export function loaded() {
  if (inCommand) return Promise.resolve();
  if (!worker) start();
  return ready;
}

// latest returns a function that calls f with what it was given last, one call at a time: what one types
// while the engine answers is asked once, and not letter by letter.
export function latest(f) {
  let running = false, waiting = null;
  return async function run(...args) {
    if (running) {
      waiting = args;
      return;
    }
    running = true;
    try {
      await f(...args);
    } finally {
      running = false;
      if (waiting) {
        const again = waiting;
        waiting = null;
        run(...again);
      }
    }
  };
}
