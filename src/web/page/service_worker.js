/**
 * @fileoverview Keeps the studio for use without a network, and tells the
 * browser that its pages are isolated, which lets them use threads. For folders
 * that scripts/build_web makes, which fills in VERSION and FILES. The model is
 * kept by the engine's worker.
 */
'use strict';

const VERSION = '@VERSION@';
const FILES = [/*@FILES@*/];
const CACHE = `limner-studio-${VERSION}`;

addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(
        FILES.map((file) => new Request(file, {cache: 'reload'})));
  })());
});

addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith('limner-studio-') && name !== CACHE) {
        await caches.delete(name);
      }
    }
    await clients.claim();
  })());
});

/** The same with the headers of an isolated page. */
function isolated(response) {
  if (response.status === 0 || !response.ok) return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(response.body, {
    status: response.status, statusText: response.statusText, headers,
  });
}

addEventListener('fetch', (event) => {
  const {request} = event;
  const url = new URL(request.url);
  // What is asked of a server, and the model, which comes with its progress.
  if (request.method !== 'GET' || url.origin !== location.origin ||
      !url.href.startsWith(registration.scope) ||
      url.pathname.endsWith('/healthz') ||
      url.pathname.endsWith('.safetensors')) {
    return;
  }
  event.respondWith((async () => {
    const cache = await caches.open(CACHE);
    const kept = await cache.match(
        request.mode === 'navigate' ? './' : request, {ignoreSearch: true});
    return isolated(kept ?? await fetch(request));
  })());
});
