/** Runs an ONNX file written by `s2f export`, as its metadata describes. */

import { resize } from "./resize.js";

/** Load a model from the bytes of its file; `ort` is ONNX Runtime Web. */
export async function load(ort, bytes) {
  const usage = JSON.parse(metadata(bytes).s2f);
  return { ort, usage, session: await ort.InferenceSession.create(bytes) };
}

/**
 * Translate an ImageData, or another {data, width, height}; the result has its size. `told` holds the values of the
 * model's conditions by name: a label, or a colour as #rrggbb.
 */
export async function translate({ ort, usage, session }, image, told = {}) {
  const fitted = fit(usage, image);
  const { width, height } = fitted.padded;
  const feeds = { [usage.source]: new ort.Tensor("float32", fitted.input, [1, usage.channels_in, height, width]) };
  if (usage.conditions) {
    const vector = usage.conditions.flatMap((condition) => encode(condition, told[condition.name]));
    feeds.conditions = new ort.Tensor("float32", vector, [1, vector.length]);
  }
  const output = (await session.run(feeds))[usage.to];
  const size = usage.any_size ? [fitted.width, fitted.height] : [output.dims[3], output.dims[2]];
  return resize(toImage(output, ...size), image.width, image.height);
}

/** A condition's part of the vector, for a value or, without one, the default. */
function encode({ encoding, choices, numbers }, value) {
  if (value === undefined) return numbers;
  if (encoding === "one-hot") return choices.map((label) => Number(label === value));
  return [1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16) / 127.5 - 1);
}

/** The network's input: a square, or the short side at the training size with edges repeated up to the multiple. */
function fit(usage, image) {
  const scale = usage.size / Math.min(image.width, image.height);
  const [width, height] = usage.any_size
    ? [image.width, image.height].map((side) => Math.max(1, roundHalfEven(side * scale)))
    : [usage.size, usage.size];
  const small = resize(image, width, height);
  const up = (side) => usage.any_size ? Math.ceil(side / usage.multiple) * usage.multiple : side;
  const padded = { width: up(width), height: up(height) };
  const area = padded.width * padded.height, input = new Float32Array(usage.channels_in * area);
  for (let y = 0, at = 0; y < padded.height; y++) {
    for (let x = 0; x < padded.width; x++, at++) {
      const from = 4 * (Math.min(y, height - 1) * width + Math.min(x, width - 1));
      const [red, green, blue] = [small.data[from], small.data[from + 1], small.data[from + 2]];
      if (usage.channels_in === 1) {
        input[at] = ((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16) / 127.5 - 1;
      } else {
        input[at] = red / 127.5 - 1;
        input[area + at] = green / 127.5 - 1;
        input[2 * area + at] = blue / 127.5 - 1;
      }
    }
  }
  return { input, width, height, padded };
}

/** The upper left `width` × `height` pixels of an output, as an image. */
function toImage({ data: values, dims: [, channels, rows, columns] }, width, height) {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < 3; channel++) {
        const value = values[((channel % channels) * rows + y) * columns + x];
        data[4 * (y * width + x) + channel] = (value + 1) * 127.5;
      }
  return { data, width, height };
}

function roundHalfEven(x) {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}

/** The metadata of an ONNX file: field 14 of its ModelProto, with entries of a key (field 1) and a value (field 2). */
function metadata(bytes) {
  const text = new TextDecoder();
  const entries = [...fields(bytes)].filter(([number]) => number === 14);
  return Object.fromEntries(entries.map(([, entry]) => [...fields(entry)].map(([, value]) => text.decode(value))));
}

/** The length-delimited fields of a protocol buffer. */
function* fields(bytes) {
  let at = 0;
  const number = () => {
    let value = 0, unit = 1, byte;
    do { byte = bytes[at++]; value += (byte & 127) * unit; unit *= 128; } while (byte > 127);
    return value;
  };
  while (at < bytes.length) {
    const tag = number(), length = number();
    if (tag % 8 !== 2) continue;
    yield [Math.floor(tag / 8), bytes.subarray(at, at + length)];
    at += length;
  }
}
