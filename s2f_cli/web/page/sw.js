/** Keeps the page for use without a network, and adds the headers that let it use threads. */

const SITE = { version: "", files: [] }; // `s2f export` writes the version, a hash, and the files of the page
const CACHE = `s2f ${SITE.version}`;
const KEPT = new Set(SITE.files.map((file) => new URL(file, self.registration.scope).href));
const HEADERS = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

// The first version starts at once, and keeps what the page loads. A later one loads everything first, and starts when
// no page of the old one is open.
self.addEventListener("install", (event) => event.waitUntil(self.registration.active ? keepAll() : self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("s2f ") && name !== CACHE) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method === "GET" && url.startsWith(self.registration.scope)) event.respondWith(respond(event, url.split(/[?#]/)[0]));
});
self.addEventListener("message", (event) => event.waitUntil(keepAll().then(() => event.source.postMessage("kept"))));

async function respond(event, url) {
  const cache = await caches.open(CACHE), kept = await cache.match(url);
  if (kept) return kept;
  const response = isolated(await fetch(event.request, { cache: "no-cache" }));
  if (response.ok && KEPT.has(url)) event.waitUntil(cache.put(url, response.clone()));
  return response;
}

/** Keep every file of the page. */
async function keepAll() {
  const cache = await caches.open(CACHE);
  for (const url of KEPT) {
    if (await cache.match(url)) continue;
    const response = await fetch(url, { cache: "no-cache" });
    if (!response.ok) throw new Error(`${url} could not be loaded (${response.status})`);
    await cache.put(url, isolated(response));
  }
}

function isolated(response) {
  if (!response.status || response.redirected) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
