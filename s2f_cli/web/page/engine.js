/** Finds faces and runs models: in this browser (an exported page), or on the server (the page of `s2f serve`). */

import { openRemote } from "./remote.js";

/**
 * `config` is page.json. The engine has these functions:
 *
 * `load(model, onProgress)` prepares a model; `find(image)` resolves to the faces in an ImageData, as findFaces does.
 * `translate({image, model, given, face, faces}, onProgress)` resolves to {input, result}, two ImageData of one size: of the
 * face that the transform `face` aligns, else of the whole image with the faces that the transforms `faces` align. `given`
 * holds the values of the model's conditions by name. `onProgress` is given {received, size}, in bytes, while files
 * load, or null while the model runs. `picks` says whether single faces of a whole image can be left out.
 */
export function openEngine(config) {
  return config.engine === "server" ? openRemote() : inBrowser(config);
}

function inBrowser(config) {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const waiting = new Map();
  let last = 0;
  worker.postMessage({ config });
  worker.onmessage = ({ data: { id, done, error, working, ...progress } }) => {
    const { resolve, reject, onProgress } = waiting.get(id);
    if (done) resolve(done);
    else if (error) reject(new Error(error));
    else return onProgress(working ? null : progress);
    waiting.delete(id);
  };
  worker.onerror = (event) => {
    for (const { reject } of waiting.values()) reject(new Error(event.message || "the model cannot run in this browser"));
  };
  const ask = (task, values, onProgress = () => {}) => new Promise((resolve, reject) => {
    waiting.set(++last, { resolve, reject, onProgress });
    worker.postMessage({ id: last, task, ...values });
  });
  const asImage = ({ data, width, height }) => new ImageData(data, width, height);
  return {
    picks: true,
    load: (model, onProgress) => ask("load", { model }, onProgress),
    find: (image) => ask("find", { image }),
    translate: async (job, onProgress) => {
      const { input, result } = await ask("translate", job, onProgress);
      return { input: asImage(input), result: asImage(result) };
    },
  };
}
