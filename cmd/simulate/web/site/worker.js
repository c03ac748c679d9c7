"use strict";
// The worker that runs the engine. See engine.js for who talks to it.
importScripts("wasm_exec.js");

const blobParts = 16 << 20; // of which the browser may put each on the disk

let memory = null;

const send = message => postMessage(message);

self.corsimReady = () => send({ kind: "ready" });

addEventListener("message", ({ data: { id, name, input, file } }) => {
  let parts = [], size = 0;
  const blobs = [];
  const pack = () => {
    blobs.push(new Blob(parts));
    parts = [];
    size = 0;
  };
  const reader = file && new FileReaderSync();
  const source = file && {
    name: file.name, size: file.size,
    read: (offset, bytes) => new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + bytes))),
  };
  self.corsim(name, input, source, (kind, value) => {
    switch (kind) {
      case "out":
        parts.push(value);
        if ((size += value.length) >= blobParts) pack();
        return;
      case "answer":
        pack();
        send({ id, kind, value, out: new Blob(blobs), memory: memory?.buffer.byteLength });
        return;
    }
    send({ id, kind, value });
  });
});

(async () => {
  const go = new Go();
  const response = await fetch("simulate.wasm");
  if (!response.ok) throw new Error("simulate.wasm: status " + response.status);
  const { instance } = /^application\/wasm/.test(response.headers.get("Content-Type") ?? "")
    ? await WebAssembly.instantiateStreaming(response, go.importObject)
    : await WebAssembly.instantiate(await response.arrayBuffer(), go.importObject); // of a server that does not know the type
  memory = instance.exports.mem;
  await go.run(instance);
})().catch(error => send({ kind: "broken", value: "The engine could not be loaded: " + error.message + ". Load the page again." }));
