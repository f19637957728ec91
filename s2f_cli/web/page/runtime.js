/** ONNX Runtime Web: WebAssembly with as many threads as the page may use, and WebGPU where the browser has it. */

import { download } from "./download.js";

const MOST_THREADS = 8;
const RUNS = 2; // of which the faster counts; the browser compiles better code during the first

/**
 * Load it; `files` is `runtime` of page.json: the size of each file. Returns `open(bytes, feeds)`, which opens an ONNX file: on
 * the GPU if that runs these feeds faster.
 */
export async function openRuntime(files, onProgress) {
  const gpu = await usableGpu() && "ort/webgpu.wasm.gz" in files;
  const [script, wasm] = gpu ? ["./ort/webgpu.js", "ort/webgpu.wasm.gz"] : ["./ort/ort.js", "ort/ort.wasm.gz"];
  const [ort, binary] = await Promise.all([import(script), download(wasm, files[wasm], onProgress)]);
  ort.env.wasm.wasmBinary = binary.buffer;
  ort.env.wasm.numThreads = self.crossOriginIsolated ? threads(navigator.hardwareConcurrency) : 1;
  ort.env.logLevel = "error";
  const open = async (bytes, provider) => {
    const session = await ort.InferenceSession.create(bytes, { executionProviders: [provider] });
    return { run: (feeds) => session.run(feeds), close: () => session.release() };
  };
  return {
    tensor: (values, dims) => new ort.Tensor("float32", values, dims),
    async open(bytes, feeds) {
      const wasm = await open(bytes, "wasm"), other = gpu && feeds && await open(bytes, "webgpu").catch(() => null);
      if (!other) return wasm;
      const isFaster = await timed(other, feeds).catch(() => Infinity) < await timed(wasm, feeds);
      await (isFaster ? wasm : other).close();
      return isFaster ? other : wasm;
    },
  };
}

/** The processor's threads, but not those that share a core, unless it has few. */
function threads(count) {
  return Math.min(count <= 4 ? count : Math.max(4, count >> 1), MOST_THREADS);
}

/** Whether the browser runs WebGPU on hardware, and WebAssembly that can wait for it. */
async function usableGpu() {
  if (!navigator.gpu || !("Suspending" in WebAssembly)) return false;
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return Boolean(adapter) && !adapter.info?.isFallbackAdapter;
}

/** Milliseconds of the fastest run. */
async function timed(session, feeds) {
  let fastest = Infinity;
  for (let count = 0; count < RUNS; count++) {
    const start = performance.now();
    await session.run(feeds);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
