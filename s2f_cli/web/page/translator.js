/** Translates images with the files that `s2f export` writes, as s2f_cli/inference/translator.py does. */

import { resize } from "./resize.js";
import { fromImage, toImage } from "./tensors.js";
import { roundHalfEven, runTiled } from "./tiling.js";

const LONGEST = 16; // aspect ratio above which an image is enlarged less
const MAX_PIXELS = 2 ** 20; // of an image that goes through the network at once
const WORTH_REFINING = 1.2; // factor below which an enlarged translation gets no new detail

/** The width and height at which the network sees an image, before padding. */
export function inputSize({ size, any_size }, width, height) {
  if (!any_size) return [size, size];
  const most = Math.max(size * Math.sqrt(LONGEST / (width * height)), 1);
  const scale = Math.min(size / Math.min(width, height), most);
  return [width, height].map((side) => Math.max(1, roundHalfEven(side * scale)));
}

/**
 * Translate an image {data, width, height}; the result has its size. `model` is {usage, run, refine}: how to call it, and
 * functions of (values, width, height, conditions) that resolve to {values, channels, width, height}; `refine` is null or {run,
 * multiple}: a network that adds detail. `given` holds the values of the conditions by name: a label, or a colour as #rrggbb. `seen` replaces the
 * size at which the network sees the image.
 */
export async function translate({ usage, run, refine }, image, given = {}, seen = inputSize(usage, image.width, image.height)) {
  const vector = usage.conditions?.flatMap((condition) => encode(condition, given[condition.name]));
  const small = resize(image, ...seen);
  const result = await (seen[0] * seen[1] > MAX_PIXELS && usage.any_size
    ? runTiled((...input) => run(...input, vector), [[small, usage.channels_in]], Math.sqrt(MAX_PIXELS), usage.multiple)
    : runWhole(usage, run, small, vector));
  if (!refine) return resize(result, image.width, image.height);
  return enlarge(result, image, (...input) => refine.run(...input, vector), refine.multiple, usage);
}

async function runWhole({ multiple, any_size, channels_in }, run, image, vector) {
  const [width, height] = [image.width, image.height].map((side) => any_size ? Math.ceil(side / multiple) * multiple : side);
  const input = fromImage(image, channels_in, 0, 0, width, height, new Float32Array(channels_in * width * height));
  const { values, channels, ...output } = await run(input, width, height, vector);
  const size = any_size ? [image.width, image.height] : [];
  return toImage(values, channels, output.width, output.height, ...size);
}

/** Bring a translation to the size of its source, octave by octave, each with the detail of the source. */
async function enlarge(result, source, refine, multiple, { channels_in, channels_out }) {
  const { width, height } = source;
  for (const step of octaves([result.width, result.height], [width, height])) {
    const inputs = [[resize(source, ...step), channels_in], [resize(result, ...step, "bilinear"), channels_out]];
    result = await runTiled(refine, inputs, Math.sqrt(MAX_PIXELS), multiple);
  }
  return resize(result, width, height);
}

/** Sizes from one to a larger one, by equal factors of up to 2. */
function octaves(start, end) {
  const factor = Math.min(end[0] / start[0], end[1] / start[1]);
  if (factor < WORTH_REFINING) return [];
  const count = Math.ceil(Math.log2(factor) - 1e-9);
  return Array.from({ length: count }, (_, step) => {
    const rest = factor ** ((step + 1) / count - 1);
    return end.map((side) => Math.max(roundHalfEven(side * rest), 1));
  });
}

/** A condition's part of the vector, for a value or, without one, the default. */
function encode({ encoding, choices, numbers }, value) {
  if (value === undefined) return numbers;
  if (encoding === "one-hot") return choices.map((label) => Number(label === value));
  return [1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16) / 127.5 - 1);
}
