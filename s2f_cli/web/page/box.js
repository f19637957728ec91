/** The crop box: {x, y, width, height, angle}, its centre and its sides in pixels of the image, turned by radians. */

import { apply, corners, invert, scaleOf } from "./geometry.js";

/** The box that a transform crops out. */
export function boxOf(transform) {
  const scale = scaleOf(transform), [[left, top], , [right, bottom]] = corners(transform);
  const [a, , , d] = invert(transform.matrix);
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: transform.width / scale, height: transform.height / scale, angle: Math.atan2(d, a) };
}

/**
 * The transform that crops a box out: at the width `wide`, or with `most`, up to that width, at the box's own if that is
 * larger.
 */
export function transformOfBox({ x, y, width, height, angle }, wide, most) {
  const across = width > wide && most ? Math.min(Math.round(width), Math.max(most, wide)) : wide, scale = across / width;
  const down = Math.round(height * scale), [real, turn] = [scale * Math.cos(angle), -scale * Math.sin(angle)];
  const [u, v] = apply([real, -turn, 0, turn, real, 0], [x, y]);
  return { matrix: [real, -turn, across / 2 - u, turn, real, down / 2 - v], width: across, height: down };
}

/** The centre square of an image. */
export function middle(width, height) {
  const side = Math.min(width, height), [left, top] = [(width - side) >> 1, (height - side) >> 1];
  return { x: left + side / 2, y: top + side / 2, width: side, height: side, angle: 0 };
}

/** A vector turned by an angle. */
export const turned = (x, y, angle) => [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];

/** A level box on whole pixels inside an image, as near to a box as it can be. */
export function snapped({ x, y, width, height }, columns, rows) {
  const place = (value, length) => Math.min(Math.max(value, 0), Math.max(0, length));
  const left = place(Math.round(x - width / 2), columns - width), top = place(Math.round(y - height / 2), rows - height);
  return { x: left + width / 2, y: top + height / 2, width, height, angle: 0 };
}
