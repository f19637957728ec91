/** Runs a network on images too large for it: in overlapping tiles, blended without seams, as s2f_cli/inference/tiling.py. */

import { fromImage, toImage } from "./tensors.js";

const OVERLAP = 4; // neighbours share a quarter of a tile

/**
 * Run `network` on images of one size, tile by tile; `inputs` holds [image, channels] pairs. The network takes values
 * (C, height, width), with the channels of all images, and the width and height; it resolves to {values, channels}.
 */
export async function runTiled(network, inputs, tile, multiple) {
  const { width, height } = inputs[0][0], across = axis(width, tile, multiple), down = axis(height, tile, multiple);
  const count = inputs.reduce((sum, [, channels]) => sum + channels, 0), area = across.tile * down.tile;
  let whole = null, planes = 0;
  for (const [row, top] of down.starts.entries())
    for (const [column, left] of across.starts.entries()) {
      const input = new Float32Array(count * area);
      let at = 0;
      for (const [image, channels] of inputs) {
        fromImage(image, channels, left, top, across.tile, down.tile, input, at);
        at += channels * area;
      }
      const { values, channels } = await network(input, across.tile, down.tile);
      planes = channels;
      whole ??= new Float32Array(channels * across.length * down.length);
      const columnWeights = across.weights(column), rowWeights = down.weights(row);
      for (let channel = 0, from = 0; channel < channels; channel++)
        for (let y = 0; y < down.tile; y++) {
          let to = (channel * down.length + top + y) * across.length + left;
          for (let x = 0; x < across.tile; x++, from++, to++) whole[to] += values[from] * rowWeights[y] * columnWeights[x];
        }
    }
  return toImage(whole, planes, across.length, down.length, width, height);
}

/** The tiles along the width or the height of an image. */
function axis(size, tile, multiple) {
  const up = (value) => Math.ceil(value / multiple) * multiple, length = up(size);
  const longest = Math.min(Math.max(Math.floor(tile / multiple), 2) * multiple, length), overlap = Math.floor(longest / OVERLAP);
  const stride = Math.max(Math.floor((longest - overlap) / multiple) * multiple, multiple);
  const extra = Math.ceil((length - longest) / stride);
  const one = Math.min(up(Math.ceil((length + extra * overlap) / (extra + 1))), longest);
  const starts = Array.from({ length: extra + 1 }, (_, index) =>
    roundHalfEven((length - one) * index / Math.max(extra, 1) / multiple) * multiple);
  const fade = Math.max(Math.floor(Math.floor(one / OVERLAP) / 2), 1);
  const middles = starts.slice(1).map((after, index) => (starts[index] + one + after) / 2);
  const ramp = (position, middle) => Math.min(Math.max((position - middle) / fade + 0.5, 0), 1);
  const weights = (index) => Float32Array.from({ length: one }, (_, at) => {
    const position = starts[index] + at + 0.5;
    return (index ? ramp(position, middles[index - 1]) : 1) - (index < middles.length ? ramp(position, middles[index]) : 0);
  });
  return { length, tile: one, starts, weights };
}

export function roundHalfEven(x) {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}
