/**
 * Finds faces and runs models in a worker, so that the page never freezes.
 *
 * Takes {config}, the content of page.json, then {id, task, …}. Answers {id, received, size} while files load, {id, working},
 * then {id, done} or {id, error}. Tasks: `load` {model} prepares a model; `find` {image} returns faces; `translate` {model, image, given, face, faces}
 * returns {input, result}: of the face that the transform `face` aligns, else of the whole image, with the faces that
 * `faces` align.
 */

import { findFaces } from "./detector.js";
import { download } from "./download.js";
import { usageOf } from "./metadata.js";
import { translateFace, translatePhoto } from "./photo.js";
import { openRuntime } from "./runtime.js";

const DETECTOR = "blazeface.onnx";
const WARM_UPS = 2; // runs in which the browser compiles better code
const opened = new Map(), cold = [];
let config = null, received = 0, size = 0, listener = () => {};

/** Open something once, and count the bytes of its files; after an error it is tried again. */
function once(name, sizes, open) {
  if (!opened.has(name)) {
    size += sizes.reduce((sum, bytes) => sum + bytes, 0);
    const promise = open();
    promise.catch(() => opened.delete(name));
    opened.set(name, promise);
  }
  return opened.get(name);
}

function progress(bytes) {
  received += bytes;
  listener(received, size);
}

const getRuntime = () => once("runtime", [config.runtime["ort/ort.wasm.gz"]], () => openRuntime(config.runtime, progress));

const getDetector = () => once(DETECTOR, [config.detector], async () => {
  const [runtime, bytes] = await Promise.all([getRuntime(), download(DETECTOR, config.detector, progress)]);
  const session = await runtime.open(bytes);
  return async (values, count) => {
    const { boxes, scores } = await session.run({ image: runtime.tensor(values, [count, 3, 128, 128]) });
    return { boxes: boxes.data, scores: scores.data };
  };
});

const getModel = ({ file, bytes: size, detail }) => once(file, [size, detail?.bytes ?? 0], async () => {
  const [runtime, bytes, more] = await Promise.all([getRuntime(), download(file, size, progress),
    detail && download(detail.file, detail.bytes, progress)]);
  const usage = usageOf(bytes), { run } = await network(runtime, bytes, usage.source, usage);
  const refine = more && { ...await network(runtime, more, "image", usage), multiple: detail.multiple };
  return { usage, run, refine };
});

/** An ONNX file as a function of (values, width, height, conditions). */
async function network(runtime, bytes, input, { to, size, channels_in, channels_out, conditions }) {
  const channels = input === "image" ? channels_in + channels_out : channels_in;
  const feed = (values, width, height, vector) => ({
    [input]: runtime.tensor(values, [1, channels, height, width]),
    ...(vector && { conditions: runtime.tensor(Float32Array.from(vector), [1, vector.length]) }),
  });
  const blank = feed(new Float32Array(channels * size * size), size, size, conditions?.flatMap(({ numbers }) => numbers));
  const session = await runtime.open(bytes, blank);
  cold.push(...Array.from({ length: WARM_UPS }, () => () => session.run(blank)));
  return {
    run: async (...inputs) => {
      const { data, dims } = (await session.run(feed(...inputs)))[to];
      return { values: data, channels: dims[1], width: dims[3], height: dims[2] };
    },
  };
}

const tasks = {
  load: async ({ model }) => {
    await Promise.all([getDetector(), getModel(model)]);
    return true;
  },
  find: async ({ image }) => findFaces(await getDetector(), image),
  translate: async ({ id, model, image, given, face, faces }) => {
    const opened = await getModel(model);
    postMessage({ id, working: true });
    return face ? translateFace(opened, image, given, face) : translatePhoto(opened, image, given, faces);
  },
};

let queue = Promise.resolve(), waiting = 0;

/** Run models that have not run yet, while there is nothing else to do. */
async function warmUp() {
  while (!waiting && cold.length) await cold.shift()();
}

self.onmessage = ({ data }) => {
  config ??= data.config;
  if (data.config) return;
  waiting++;
  queue = queue.then(async () => {
    const { id, task } = data;
    listener = (received, size) => postMessage({ id, received, size });
    try {
      postMessage({ id, done: await tasks[task](data) });
    } catch (error) {
      postMessage({ id, error: error.message || String(error) });
    }
    waiting--;
  }).then(warmUp);
};
