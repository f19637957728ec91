/** Loads models ahead of their use, shows how far that is, and has the page kept for use without a network. */

/** `elements` are {loading, privacy}; `failed` is called with an error. */
export function openLoading(engine, config, { loading, privacy }, failed) {
  const [bar, line] = loading.children;
  const text = ({ received, size }) => `Loading the model: ${(received / 1e6).toFixed(1)} of ${(size / 1e6).toFixed(1)} MB`;
  let latest = null;

  privacy.textContent = config.engine === "server"
    ? `Pictures are sent to the s2f server at ${location.host}, which does not keep them.`
    : "The model runs in your browser. Your pictures are never uploaded.";

  /** Ask the service worker to keep the whole page. */
  function keep() {
    const worker = navigator.serviceWorker?.controller;
    if (!worker || config.engine !== "browser" || document.documentElement.dataset.kept) return;
    navigator.serviceWorker.addEventListener("message", () => {
      if (document.documentElement.dataset.kept) return;
      document.documentElement.dataset.kept = "yes";
      privacy.textContent += " The page also works without a network now.";
    });
    worker.postMessage("keep");
  }

  return {
    text,
    /** Load a model, and, when that is done, keep the page. */
    async load(model) {
      latest = model;
      try {
        await engine.load(model, (progress) => {
          if (latest !== model) return;
          loading.hidden = false;
          bar.value = progress.received / progress.size;
          line.textContent = progress.received < progress.size ? text(progress) : "Preparing the model …";
        });
        keep();
      } catch (error) {
        failed(error);
      }
      if (latest === model) loading.hidden = true;
    },
  };
}
