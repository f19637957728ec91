/** Keeps the paper above a drawing empty in the face made from it, as s2f_cli/inference/blank_paper.py does. */

import { resize } from "./resize.js";
import { luma } from "./tensors.js";
import { roundHalfEven } from "./tiling.js";

const SIDE = 256; // the longer side of a drawing when its lines are looked for
const PAPER = 0.95; // the share of pixels that are at most as light as the paper
const INK = 24; // by how many levels lines are darker than the paper, at least
const MARGIN = 0.01, SOFT = 0.015; // the space above the lines that is kept, and its soft edge, by the longer side

/** Fill what lies above the lines of a drawing with the backdrop of the face made from it. */
export function clearPaper(face, drawing) {
  const hull = upperHull(drawing);
  if (!hull) return;
  const { data, width, height } = face, side = Math.max(width, height);
  const lines = Float64Array.from({ length: width }, (_, x) => height * heightAt(hull, (x + 0.5) / width));
  const opacity = (x, y) => Math.min(Math.max((lines[x] - y - 0.5 - MARGIN * side) / (SOFT * side), 0), 1);
  const counts = [0, 1, 2].map(() => new Uint32Array(256)), end = Math.min(height, Math.ceil(Math.max(...lines)));
  let total = 0;
  for (let y = 0; y < end; y++)
    for (let x = 0; x < width; x++)
      if (opacity(x, y) === 1) {
        total++;
        for (let channel = 0; channel < 3; channel++) counts[channel][data[4 * (y * width + x) + channel]]++;
      }
  if (!total) return;
  const backdrop = counts.map((levels) => atRank(levels, total >> 1));
  for (let y = 0; y < end; y++)
    for (let x = 0; x < width; x++) {
      const share = opacity(x, y), at = 4 * (y * width + x);
      for (let channel = 0; share && channel < 3; channel++)
        data[at + channel] = Math.floor(data[at + channel] + share * (backdrop[channel] - data[at + channel]) + 0.5);
    }
}

/** The corners of the upper convex hull of the lines, as [x, y] from 0 to 1; null without lines. */
function upperHull(drawing) {
  const scale = Math.min(SIDE / Math.max(drawing.width, drawing.height), 1);
  const [width, height] = [drawing.width, drawing.height].map((side) => Math.max(1, roundHalfEven(side * scale)));
  const small = resize(gray(drawing), width, height, "bilinear"), counts = new Uint32Array(256);
  for (let at = 0; at < width * height; at++) counts[small.data[4 * at]]++;
  const darkest = atRank(counts, Math.floor(PAPER * (width * height - 1))) - INK, hull = [];
  for (let x = 0; x < width; x++) {
    let y = 0;
    while (y < height && small.data[4 * (y * width + x)] > darkest) y++;
    if (y === height) continue;
    while (hull.length > 1 && !turnsDown(...hull.slice(-2), [x, y])) hull.pop();
    hull.push([x, y]);
  }
  return hull.length ? hull.map(([x, y]) => [(x + 0.5) / width, y / height]) : null;
}

/** The image with its brightness in all channels. */
function gray({ data, width, height }) {
  const result = new Uint8ClampedArray(data.length).fill(255);
  for (let at = 0; at < data.length; at += 4)
    result.fill(luma(data[at], data[at + 1], data[at + 2]), at, at + 3);
  return { data: result, width, height };
}

/** The level of the pixel with a rank, from 0 up, of which `counts` holds the numbers by level. */
function atRank(counts, rank) {
  let level = 0;
  for (let seen = counts[0]; seen <= rank; seen += counts[level]) level++;
  return level;
}

/** Whether the way over three points bends towards the lower edge. */
function turnsDown([left, top], second, third) {
  const [[ax, ay], [bx, by]] = [second, third].map(([x, y]) => [x - left, y - top]);
  return ax * by - ay * bx > 0;
}

/** The height of a hull at a place; beside it, that of its nearest end. */
function heightAt(hull, x) {
  const next = hull.findIndex(([right]) => right >= x);
  if (next <= 0) return hull.at(next)[1];
  const [[left, from], [right, to]] = hull.slice(next - 1, next + 1);
  return from + (to - from) * (x - left) / (right - left);
}
