/** Where the model runs: in this browser (an exported page), or in `s2f serve` (its page). */

/** `config` is page.json; the engine turns an ImageData into another of the same size. */
export function openEngine(config) {
  return config.engine === "server" ? { translate: onServer } : inBrowser();
}

function inBrowser() {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data }) => {
    const { resolve, reject, told } = waiting.get(data.id);
    if (data.image) resolve(new ImageData(data.image.data, data.image.width, data.image.height));
    else if (data.problem) reject(new Error(data.problem));
    else told(data.working ? null : data.come / data.size);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || "the model cannot run in this browser"));
  };
  return {
    translate: (image, model, told) => new Promise((resolve, reject) => {
      waiting.set(++last, { resolve, reject, told });
      worker.postMessage({ id: last, file: model.file, bytes: model.bytes, image });
    }),
  };
}

async function onServer(image, model, told) {
  told(null);
  const canvas = new OffscreenCanvas(image.width, image.height);
  canvas.getContext("2d").putImageData(image, 0, 0);
  const form = new FormData();
  form.append("image", await canvas.convertToBlob({ type: "image/png" }), "picture.png");
  const asked = new URLSearchParams({ to: model.to, model: model.name });
  const answer = await fetch(`translate?${asked}`, { method: "POST", body: form });
  if (!answer.ok) {
    const { detail } = await answer.json().catch(() => ({}));
    throw new Error(typeof detail === "string" ? detail : `the server answered ${answer.status}`);
  }
  const made = await createImageBitmap(await answer.blob());
  const shown = new OffscreenCanvas(made.width, made.height).getContext("2d");
  shown.drawImage(made, 0, 0);
  return shown.getImageData(0, 0, made.width, made.height);
}
