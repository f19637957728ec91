/**
 * Starts the page. On a static host, a service worker adds the headers that threads need and keeps the page for use
 * without a network; the page is loaded once more when the worker has just been installed.
 */

const RELOADED = "s2f-reloaded", PATIENCE = 3000; // ms

async function startServiceWorker() {
  if (!navigator.serviceWorker) return;
  const { engine } = await (await fetch("page.json")).json();
  if (engine !== "browser") return;
  await navigator.serviceWorker.register("sw.js");
  if (self.crossOriginIsolated || sessionStorage.getItem(RELOADED)) return;
  await navigator.serviceWorker.ready;
  sessionStorage.setItem(RELOADED, "yes");
  location.reload();
  await new Promise(() => {}); // until the page has been loaded again
}

await Promise.race([startServiceWorker().catch(() => {}), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
await import("./main.js");
