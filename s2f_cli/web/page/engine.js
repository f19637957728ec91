/** Runs models: in this browser (an exported page), or on the server (the page of `s2f serve`). */

/**
 * `config` is page.json. The engine's `translate(image, model, told, onProgress)` turns an ImageData into one of the
 * same size; `told` holds the values of the model's conditions by name, and `onProgress` gets the loaded fraction of the
 * model, or null while the model runs.
 */
export function openEngine(config) {
  return config.engine === "server" ? { translate: onServer } : inBrowser();
}

function inBrowser() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data }) => {
    const { resolve, reject, onProgress } = waiting.get(data.id);
    if (data.image) resolve(new ImageData(data.image.data, data.image.width, data.image.height));
    else if (data.error) reject(new Error(data.error));
    else onProgress(data.working ? null : data.received / data.size);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || "the model cannot run in this browser"));
  };
  return {
    translate: (image, model, told, onProgress) => new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject, onProgress });
      worker.postMessage({ id: last, file: model.file, bytes: model.bytes, image, told });
    }),
  };
}

async function onServer(image, model, told, onProgress) {
  onProgress(null);
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  const form = new FormData();
  form.append("image", await canvas.convertToBlob({ type: "image/png" }), "picture.png");
  const query = new URLSearchParams({ ...told, to: model.to, model: model.name });
  const response = await fetch(`translate?${query}`, { method: "POST", body: form });
  if (!response.ok) {
    const { detail } = await response.json().catch(() => ({}));
    throw new Error(typeof detail === "string" ? detail : `the server answered ${response.status}`);
  }
  const result = await createImageBitmap(await response.blob());
  const pen = new OffscreenCanvas(result.width, result.height).getContext("2d");
  pen.drawImage(result, 0, 0);
  return pen.getImageData(0, 0, result.width, result.height);
}
