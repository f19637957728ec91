/** Bicubic resizing with the same grey levels as Pillow's, so that the model sees the same pixels as in training. */

/** Resize an ImageData, or another {data, width, height}. */
export function resize(image, width, height) {
  const wide = width === image.width ? image : pass(image, width, true);
  return height === image.height ? wide : pass(wide, height, false);
}

function pass({ data, width, height }, length, across) {
  const taps = weights(across ? width : height, length);
  const result = { data: new Uint8ClampedArray(4 * length * (across ? height : width)),
    width: across ? length : width, height: across ? height : length };
  const step = across ? 4 : 4 * width, lines = across ? height : width;
  for (let line = 0; line < lines; line++) {
    const from = across ? 4 * width * line : 4 * line, to = across ? 4 * length * line : 4 * line;
    for (let at = 0; at < length; at++) {
      const { first, values } = taps[at], start = from + first * step;
      let red = 0, green = 0, blue = 0, alpha = 0;
      for (let tap = 0, here = start; tap < values.length; tap++, here += step) {
        red += values[tap] * data[here];
        green += values[tap] * data[here + 1];
        blue += values[tap] * data[here + 2];
        alpha += values[tap] * data[here + 3];
      }
      result.data.set([red, green, blue, alpha], to + at * step);
    }
  }
  return result;
}

/** For each pixel of the result, its first source pixel, and the weights of that one and those that follow. */
function weights(from, to) {
  const scale = from / to, wide = Math.max(1, scale), reach = 2 * wide;
  return Array.from({ length: to }, (_, at) => {
    const centre = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(from, Math.trunc(centre + reach + 0.5));
    const values = Array.from({ length: last - first }, (_, tap) => cubic((tap + first - centre + 0.5) / wide));
    const sum = values.reduce((a, b) => a + b, 0);
    return { first, values: values.map((value) => value / sum) };
  });
}

/** Keys' cubic kernel with a = -0.5. */
function cubic(x) {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}
