/** Images as the values of tensors (1, C, H, W) in [-1, 1], and back. */

/** The brightness of a colour, as Pillow computes it. */
export const luma = (red, green, blue) => (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;

/**
 * The values of a part of an image: `channels` (1 is luma, 3 is RGB) × height × width, from the pixel (left, top) on. Beyond
 * the image its right and lower edges are repeated. `into` is written from the index `at` on.
 */
export function fromImage({ data, width: columns, height: rows }, channels, left, top, width, height, into, at = 0) {
  const area = width * height;
  for (let y = 0, to = at; y < height; y++) {
    const line = Math.min(top + y, rows - 1) * columns;
    for (let x = 0; x < width; x++, to++) {
      const from = 4 * (line + Math.min(left + x, columns - 1)), red = data[from], green = data[from + 1], blue = data[from + 2];
      if (channels === 1) {
        into[to] = luma(red, green, blue) / 127.5 - 1;
      } else {
        into[to] = red / 127.5 - 1;
        into[to + area] = green / 127.5 - 1;
        into[to + 2 * area] = blue / 127.5 - 1;
      }
    }
  }
  return into;
}

/** An image of the first `width` × `height` pixels of values with `channels` planes of rows × columns. */
export function toImage(values, channels, columns, rows, width = columns, height = rows) {
  const data = new Uint8ClampedArray(4 * width * height).fill(255), plane = columns * rows;
  const [green, blue] = channels === 1 ? [0, 0] : [plane, 2 * plane];
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0, from = y * columns; x < width; x++, from++, to += 4) {
      data[to] = (values[from] + 1) * 127.5;
      data[to + 1] = (values[from + green] + 1) * 127.5;
      data[to + 2] = (values[from + blue] + 1) * 127.5;
    }
  return { data, width, height };
}
