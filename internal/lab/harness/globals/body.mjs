// The body mixin. Node's own Response reads and converts bodies; which MIME type
// one has, the engine says.
import { call } from './channel.mjs';
import { listOf } from './headers.mjs';

export const NodeResponse = globalThis.Response;

const mimeOf = (headers) => call({ op: 'mime', headers: listOf(headers) }).mime;

// Body is what Request and Response have in common.
export class Body {
  _inner = new NodeResponse(null);

  get body() { return this._inner.body; }
  get bodyUsed() { return this._inner.bodyUsed; }
  async arrayBuffer() { return this._whole().arrayBuffer(); }
  async bytes() { return new Uint8Array(await this._whole().arrayBuffer()); }
  async text() { return this._whole().text(); }
  async json() { return this._whole().json(); }

  // _whole is the body, unless the fetch that it comes from was aborted.
  _whole() {
    if (this._aborted) throw this._aborted.reason;
    return this._inner;
  }

  async blob() {
    const bytes = await this._whole().arrayBuffer();
    return new Blob([bytes], { type: mimeOf(this.headers)?.serialized ?? '' });
  }

  async formData() {
    const type = this.headers.get('Content-Type');
    if (type === null) this._inner.headers.delete('Content-Type');
    else this._inner.headers.set('Content-Type', type);
    return this._whole().formData();
  }
}
for (const name of ['body', 'bodyUsed', 'arrayBuffer', 'bytes', 'text', 'json', 'blob', 'formData']) {
  Object.defineProperty(Body.prototype, name, { enumerable: true });
}

// blobOf makes the blob of an XMLHttpRequest, whose type is as it is, where the constructor of Blob would
// make it lower case.
export function blobOf(bytes, type) {
  return Object.defineProperty(new Blob([bytes]), 'type', { value: type });
}

// extract makes the Response that holds a body, and returns the type of the body.
//
// https://fetch.spec.whatwg.org/#concept-bodyinit-extract
export function extract(body) {
  if (typeof body === 'string') body = body.toWellFormed();
  const inner = new NodeResponse(body);
  return { inner, type: inner.headers.get('Content-Type'), bytes: bytesOf(body) };
}

// bytesOf copies the bytes that are known without waiting: requests are to begin
// in the order in which script makes them.
function bytesOf(body) {
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice());
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  if (body instanceof Blob || body instanceof FormData || body instanceof ReadableStream) return undefined;
  return new TextEncoder().encode(`${body}`);
}
