/** Runs models beside the page, so that it never freezes: {id, file, bytes, image} in, {id, image} out. */

import * as ort from "./ort/ort.js";
import { load, translate } from "./onnx.js";

ort.env.wasm.wasmPaths = { wasm: new URL("./ort/ort.wasm", import.meta.url).href };
ort.env.wasm.numThreads = 1; // more would need headers that a plain static host does not send

const models = new Map();

async function fetched(file, size, told) {
  const answer = await fetch(new URL(file, import.meta.url));
  if (!answer.ok) throw new Error(`the model could not be loaded (${answer.status})`);
  const bytes = new Uint8Array(size), reader = answer.body.getReader();
  let come = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (come + part.value.length > size) throw new Error("the model is not the file that was exported");
    bytes.set(part.value, come);
    told(come += part.value.length);
  }
  if (come !== size) throw new Error("the model did not come whole; try again");
  return bytes;
}

async function opened(id, file, size) {
  if (!models.has(file)) {
    const bytes = await fetched(file, size, (come) => postMessage({ id, come, size }));
    models.set(file, await load(ort, bytes));
  }
  return models.get(file);
}

let queue = Promise.resolve();

self.onmessage = ({ data: { id, file, bytes, image } }) => {
  queue = queue.then(async () => {
    try {
      const model = await opened(id, file, bytes);
      postMessage({ id, working: true });
      const made = await translate(model, image);
      postMessage({ id, image: made }, [made.data.buffer]);
    } catch (problem) {
      postMessage({ id, problem: problem.message || String(problem) });
    }
  });
};
