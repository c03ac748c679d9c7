"use strict";
// The page works without a network after its first visit: all its files are kept, of one version.
const version = "VERSION";
const files = ["FILES"];
const name = "corsim-" + version;

addEventListener("install", event => {
  event.waitUntil((async () => {
    const cache = await caches.open(name);
    await cache.addAll(files.map(file => new Request(file, { cache: "no-cache" })));
    await skipWaiting();
  })());
});

addEventListener("activate", event => {
  event.waitUntil((async () => {
    for (const other of await caches.keys()) if (other.startsWith("corsim-") && other !== name) await caches.delete(other);
    await clients.claim();
  })());
});

addEventListener("fetch", event => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  event.respondWith((async () => {
    const cache = await caches.open(name);
    return await cache.match(event.request, { ignoreSearch: true }) ?? await fetch(event.request);
  })());
});
