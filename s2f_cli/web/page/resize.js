/** Resizing with the same grey levels as Pillow's, so that the model sees the same pixels as in training. */

/** Keys' cubic kernel with a = -0.5, and the triangle of linear interpolation; their supports. */
const KERNELS = {
  bicubic: [2, (d) => d < 1 ? (1.5 * d - 2.5) * d * d + 1 : d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0],
  bilinear: [1, (d) => Math.max(1 - d, 0)],
};

/** Resize an opaque ImageData, or another {data, width, height}. */
export function resize(image, width, height, kernel = "bicubic") {
  const wide = width === image.width ? image : pass(image, width, true, kernel);
  return height === image.height ? wide : pass(wide, height, false, kernel);
}

function pass({ data, width, height }, length, across, kernel) {
  const { firsts, counts, values, longest } = weights(across ? width : height, length, kernel);
  const [columns, rows] = across ? [length, height] : [width, length];
  const result = new Uint8ClampedArray(4 * columns * rows).fill(255), step = across ? 4 : 4 * width;
  for (let y = 0, to = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, to += 4) {
      const at = across ? x : y, first = firsts[at], start = longest * at, end = start + counts[at];
      let from = across ? 4 * (y * width + first) : 4 * (first * width + x), red = 0, green = 0, blue = 0;
      for (let tap = start; tap < end; tap++, from += step) {
        const weight = values[tap];
        red += weight * data[from];
        green += weight * data[from + 1];
        blue += weight * data[from + 2];
      }
      result[to] = red;
      result[to + 1] = green;
      result[to + 2] = blue;
    }
  return { data: result, width: columns, height: rows };
}

/** For each pixel of the result: its first source pixel, how many there are, and their weights. */
function weights(from, to, kernel) {
  const [support, weigh] = KERNELS[kernel], scale = from / to, wide = Math.max(1, scale), reach = support * wide;
  const longest = Math.ceil(reach) * 2 + 1, values = new Float64Array(longest * to);
  const firsts = new Int32Array(to), counts = new Int32Array(to);
  for (let at = 0; at < to; at++) {
    const centre = (at + 0.5) * scale;
    const first = firsts[at] = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = counts[at] = Math.min(from, Math.trunc(centre + reach + 0.5)) - first;
    let sum = 0;
    for (let tap = 0; tap < count; tap++)
      sum += values[longest * at + tap] = weigh(Math.abs((tap + first - centre + 0.5) / wide));
    for (let tap = 0; tap < count; tap++) values[longest * at + tap] /= sum;
  }
  return { firsts, counts, values, longest };
}
