// Runs the page's engine as its worker does, under Node: reads calls, one a line as
// {"name", "input", "file"}, and writes for each what came of it.
//
//	node page.mjs DIR < calls > answers
//
// DIR is what the page's build has made.
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { basename, join } from "node:path";
import { createRequire } from "node:module";

const dir = process.argv[2];
createRequire(import.meta.url)(join(dir, "wasm_exec.js"));

const ready = new Promise(resolve => { globalThis.corsimReady = resolve; });
const go = new globalThis.Go();
const { instance } = await WebAssembly.instantiate(readFileSync(join(dir, "simulate.wasm")), go.importObject);
go.run(instance);
await ready;

function call({ name, input, file }) {
  let source = null, handle = null;
  if (file) {
    handle = openSync(file);
    source = {
      name: basename(file), size: fstatSync(handle).size,
      read(offset, bytes) {
        const buffer = new Uint8Array(bytes);
        return buffer.subarray(0, readSync(handle, buffer, 0, bytes, offset));
      },
    };
  }
  const out = [];
  return new Promise(resolve => {
    globalThis.corsim(name, JSON.stringify(input ?? {}), source, (kind, value) => {
      if (kind === "out") return out.push(Buffer.from(value));
      if (kind === "read") return;
      if (handle !== null) closeSync(handle);
      resolve({ [kind]: kind === "answer" ? JSON.parse(value) : value, out: Buffer.concat(out).toString() });
    });
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line) process.stdout.write(JSON.stringify(await call(JSON.parse(line))) + "\n");
}
