/**
 * The geometry of aligned faces, as s2f_cli/faces/geometry.py.
 *
 * A transform {matrix: [a, b, c, d, e, f], width, height} maps the point (x, y) of a photo to (a·x + b·y + c,
 * d·x + e·y + f) in an aligned face of width × height pixels. Images are {data, width, height}, RGBA.
 */

const SEAM = 0.15; // of a face's width, over which it fades into the photo

/** The transform that moves the eyes of a face to the places in an alignment {left, right, width, height}. */
export function transformOf({ left, right }, goal) {
  const [startX, startY] = left, [endX, endY] = [right[0] - startX, right[1] - startY];
  const [goalX, goalY] = [goal.right[0] - goal.left[0], goal.right[1] - goal.left[1]];
  const square = endX * endX + endY * endY;
  const real = (goalX * endX + goalY * endY) / square, turn = (goalY * endX - goalX * endY) / square;
  const c = goal.left[0] - real * startX + turn * startY, f = goal.left[1] - turn * startX - real * startY;
  return { matrix: [real, -turn, c, turn, real, f], width: goal.width, height: goal.height };
}

/** An alignment at another width. */
function scaledTo({ left, right, width, height }, wide) {
  const scale = wide / width;
  return { left: left.map((x) => x * scale), right: right.map((x) => x * scale), width: wide, height: Math.round(height * scale) };
}

/** Pixels of the face per pixel of the photo. */
export const scaleOf = ({ matrix }) => Math.hypot(matrix[0], matrix[3]);

export const apply = ([a, b, c, d, e, f], [x, y]) => [a * x + b * y + c, d * x + e * y + f];

export function invert([a, b, c, d, e, f]) {
  const det = a * e - b * d;
  return [e / det, -b / det, (b * f - c * e) / det, -d / det, a / det, (c * d - a * f) / det];
}

/** The corners of the face in the photo, from the upper left one clockwise. */
export function corners({ matrix, width, height }) {
  const toPhoto = invert(matrix);
  return [[0, 0], [width, 0], [width, height], [0, height]].map((corner) => apply(toPhoto, corner));
}

/** Whether aligning moves the corners of a photo by less than a tenth of the face's width. */
export function isAligned(photo, { matrix, width, height }) {
  return [[0, 0], [1, 0], [0, 1], [1, 1]].every(([right, down]) => {
    const [x, y] = apply(matrix, [right * photo.width, down * photo.height]);
    return Math.hypot(x - right * width, y - down * height) < 0.1 * width;
  });
}

/** Crop the aligned face out of a photo, mirrored beyond its edges. */
export const warp = (photo, { matrix, width, height }) => sample(photo, invert(matrix), width, height);

/** Paste an aligned face back where `warp(photo, transform)` took it from; changes the photo. */
export function pasteBack(face, photo, transform) {
  const points = corners(transform), xs = points.map(([x]) => x), ys = points.map(([, y]) => y);
  const left = Math.max(Math.floor(Math.min(...xs)), 0), top = Math.max(Math.floor(Math.min(...ys)), 0);
  const right = Math.min(Math.ceil(Math.max(...xs)), photo.width), bottom = Math.min(Math.ceil(Math.max(...ys)), photo.height);
  if (left >= right || top >= bottom) return;
  const [a, b, c, d, e, f] = transform.matrix;
  const across = face.width / transform.width, down = face.height / transform.height;
  const intoFace = [a * across, b * across, (a * left + b * top + c) * across, d * down, e * down, (d * left + e * top + f) * down];
  const patch = sample(face, intoFace, right - left, bottom - top), seam = Math.max(SEAM * face.width, 1e-6);
  for (let y = 0, from = 0; y < patch.height; y++) {
    for (let x = 0; x < patch.width; x++, from += 4) {
      const [u, v] = apply(intoFace, [x + 0.5, y + 0.5]);
      const ramp = Math.min(Math.max(Math.min(u, face.width - u, v, face.height - v) / seam, 0), 1);
      const opacity = Math.round(255 * ramp * ramp * (3 - 2 * ramp)), to = 4 * ((y + top) * photo.width + x + left);
      for (let channel = 0; channel < 3; channel++) {
        const sum = photo.data[to + channel] * (255 - opacity) + patch.data[from + channel] * opacity + 128;
        photo.data[to + channel] = ((sum >> 8) + sum) >> 8;
      }
    }
  }
}

/** Sample width × height pixels at the places that `back` maps them to, without aliasing, as Pillow does. */
function sample(image, back, width, height) {
  const shrink = Math.max(Math.floor(Math.hypot(back[0], back[3])), 1);
  const points = [[0, 0], [0, height], [width, 0], [width, height]].map((corner) => apply(back, corner));
  const [left, columns] = reach(points.map(([x]) => x), shrink), [top, rows] = reach(points.map(([, y]) => y), shrink);
  const patch = reduced(image, left, top, columns, rows, shrink);
  const [a, b, c, d, e, f] = [back[0], back[1], back[2] - left, back[3], back[4], back[5] - top].map((value) => value / shrink);
  const result = { data: new Uint8ClampedArray(4 * width * height).fill(255), width, height };
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 4)
      cubic(patch, a * (x + 0.5) + b * (y + 0.5) + c - 0.5, d * (x + 0.5) + e * (y + 0.5) + f - 0.5, result.data, to);
  return result;
}

/** The first pixel and the number of blocks that cover some places and a rim around them. */
function reach(values, shrink) {
  const start = Math.floor(Math.min(...values)) - 3 * shrink;
  return [start, Math.ceil((Math.max(...values) + 3 * shrink - start) / shrink)];
}

/** A part of an image, mirrored beyond its edges, whose pixels are the means of blocks. */
function reduced(image, left, top, width, height, shrink) {
  const xs = mirrored(left, width * shrink, image.width), ys = mirrored(top, height * shrink, image.height);
  const data = new Uint8ClampedArray(4 * width * height).fill(255), area = shrink * shrink;
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 4) {
      let red = 0, green = 0, blue = 0;
      for (let row = y * shrink; row < (y + 1) * shrink; row++)
        for (let column = x * shrink; column < (x + 1) * shrink; column++) {
          const from = 4 * (ys[row] * image.width + xs[column]);
          red += image.data[from];
          green += image.data[from + 1];
          blue += image.data[from + 2];
        }
      data[to] = Math.floor(red / area + 0.5);
      data[to + 1] = Math.floor(green / area + 0.5);
      data[to + 2] = Math.floor(blue / area + 0.5);
    }
  return { data, width, height };
}

function mirrored(start, count, length) {
  return Int32Array.from({ length: count }, (_, at) => {
    const folded = ((start + at) % (2 * length) + 2 * length) % (2 * length);
    return Math.min(folded, 2 * length - 1 - folded);
  });
}

/** The cubic interpolation of Pillow's transforms, at a place that is inside the rim. */
function cubic({ data, width }, x, y, result, to) {
  const column = Math.floor(x), row = Math.floor(y), dx = x - column, dy = y - row;
  const start = 4 * ((row - 1) * width + column - 1);
  for (let channel = 0; channel < 3; channel++) {
    let at = start + channel;
    const line = () => {
      const value = spline(data[at], data[at + 4], data[at + 8], data[at + 12], dx);
      at += 4 * width;
      return value;
    };
    result[to + channel] = Math.trunc(Math.min(Math.max(spline(line(), line(), line(), line(), dy), 0), 255));
  }
}

function spline(before, first, second, after, part) {
  const square = 2 * (before - first) + second - after, cube = first - before + after - second;
  return first + part * (second - before + part * (square + part * cube));
}

/** The transform that aligns a face at the width `wide`, or, up to the width `most`, without shrinking it. */
export function alignedTransform(face, alignment, wide, most) {
  const transform = transformOf(face, scaledTo(alignment, wide)), scale = scaleOf(transform);
  if (!most || scale >= 1) return transform;
  return transformOf(face, scaledTo(alignment, Math.min(Math.round(wide / scale), Math.max(most, wide))));
}
