/**
 * Runs models in a worker, so that the page never freezes.
 *
 * Takes {id, file, bytes, image, told}, answers {id, received, size} while the model loads, {id, working}, then {id, image}
 * or {id, error}.
 */

import * as ort from "./ort/ort.js";
import { load, translate } from "./onnx.js";

ort.env.wasm.wasmPaths = { wasm: new URL("./ort/ort.wasm", import.meta.url).href };
ort.env.wasm.numThreads = 1; // more threads need headers that a plain static host does not send

const models = new Map();

async function download(file, size, onProgress) {
  const response = await fetch(new URL(file, import.meta.url));
  if (!response.ok) throw new Error(`the model could not be loaded (${response.status})`);
  const bytes = new Uint8Array(size), reader = response.body.getReader();
  let received = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (received + part.value.length > size) throw new Error("the model file is not the one that was exported");
    bytes.set(part.value, received);
    onProgress(received += part.value.length);
  }
  if (received !== size) throw new Error("the model was not loaded completely; try again");
  return bytes;
}

async function open(id, file, size) {
  if (!models.has(file)) {
    const bytes = await download(file, size, (received) => postMessage({ id, received, size }));
    models.set(file, await load(ort, bytes));
  }
  return models.get(file);
}

let queue = Promise.resolve();

self.onmessage = ({ data: { id, file, bytes, image, told } }) => {
  queue = queue.then(async () => {
    try {
      const model = await open(id, file, bytes);
      postMessage({ id, working: true });
      const result = await translate(model, image, told);
      postMessage({ id, image: result }, [result.data.buffer]);
    } catch (error) {
      postMessage({ id, error: error.message || String(error) });
    }
  });
};
