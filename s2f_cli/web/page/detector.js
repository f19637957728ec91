/**
 * Finds faces and their eyes in photos and drawings.
 *
 * V. Bazarevsky et al.: BlazeFace: Sub-millisecond neural face detection on mobile GPUs, 2019. The network sees squares
 * of 128 pixels: the whole image, and windows of several sizes for smaller faces. A second look, level with the eyes
 * and mirrored too, makes their places more precise.
 */

import { apply } from "./geometry.js";

const SIDE = 128;
const FIRST_LOOKS = [ // sizes of the windows, as parts of the short side, and the least confidence; the second if the first finds nothing
  { sizes: [1, 0.75, 0.45], least: 0.6 },
  { sizes: [0.6, 0.35, 0.25], least: 0.4 },
];
const UNLIKELY = 0.3; // confidence below which a detection does not count
const CERTAIN = 0.6; // confidence of a face at the second look
const SAME = 0.3; // share of the smaller box that two boxes of one face have in common
const LOOKS = [[1.5, false], [1.5, true], [2, false], [2, true]]; // side in widths of the face; mirrored
const MIRRORED = [1, 0, 2, 3, 5, 4]; // the points of a mirrored face: eyes, nose, mouth, ears
const ANCHORS = [[16, 2], [8, 6]].flatMap(([count, boxes]) => Array.from({ length: count * count * boxes }, (_, index) => {
  const cell = Math.floor(index / boxes);
  return [(cell % count + 0.5) / count, (Math.floor(cell / count) + 0.5) / count];
}));

/**
 * Faces in an ImageData, the largest first, as {left, right, box: [left, top, right, bottom], confidence}: the centres of the
 * eye on the left side of the image and of the other one. `run` maps values (N, 3, 128, 128) to {boxes, scores}.
 */
export async function findFaces(run, image) {
  const bitmap = await createImageBitmap(image), pen = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingQuality = "high";
  const look = async (views) => {
    const values = new Float32Array(views.length * 3 * SIDE * SIDE);
    views.forEach((view, index) => see(pen, bitmap, view, values, index * 3 * SIDE * SIDE));
    return detections(await run(values, views.length), views);
  };
  let found = [];
  for (const { sizes, least } of FIRST_LOOKS) {
    if (!found.length) found = merged((await look(windows(image, sizes))).flat().filter(({ confidence }) => confidence >= least));
  }
  const faces = [];
  for (let face of found) {
    for (let time = 0; face && time < 2; time++) face = await closer(face, look);
    if (face && face.confidence >= CERTAIN) faces.push(face);
  }
  bitmap.close();
  return merged(faces).map(asFace).sort((one, other) => other.box[2] - other.box[0] - (one.box[2] - one.box[0]));
}

/** Matrices from the network's square, 0 to 1, to the image: all of it, and overlapping windows. */
function windows({ width, height }, sizes) {
  const long = Math.max(width, height), short = Math.min(width, height);
  return sizes.flatMap((size) => {
    if (size === 1) return [[long, 0, (width - long) / 2, 0, long, (height - long) / 2]];
    const side = size * short, [columns, rows] = [width, height].map((length) => Math.ceil(2 * (length - side) / side) + 1);
    return Array.from({ length: columns * rows }, (_, index) => [side, 0, (width - side) * (index % columns) / (columns - 1),
      0, side, (height - side) * Math.floor(index / columns) / (rows - 1)]);
  });
}

/** Draw what a view shows into the values of the network's input. */
function see(pen, bitmap, [a, b, c, d, e, f], values, at) {
  const det = (a * e - b * d) / SIDE;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.setTransform(e / det, -d / det, -b / det, a / det, (b * f - c * e) / det, (c * d - a * f) / det);
  pen.drawImage(bitmap, 0, 0);
  const { data } = pen.getImageData(0, 0, SIDE, SIDE), area = SIDE * SIDE;
  for (let pixel = 0; pixel < area; pixel++)
    for (let channel = 0; channel < 3; channel++) values[at + channel * area + pixel] = data[4 * pixel + channel] / 127.5 - 1;
}

/** The detections in each view, in pixels of the image. */
function detections({ boxes, scores }, views) {
  return views.map((view, index) => ANCHORS.flatMap((anchor, row) => {
    const confidence = 1 / (1 + Math.exp(-scores[index * ANCHORS.length + row]));
    if (confidence < UNLIKELY) return [];
    const start = 16 * (index * ANCHORS.length + row), numbers = boxes.subarray(start, start + 16);
    const points = [0, 4, 6, 8, 10, 12, 14].map((at) => apply(view, [anchor[0] + numbers[at] / SIDE, anchor[1] + numbers[at + 1] / SIDE]));
    const side = numbers[2] / SIDE * Math.hypot(view[0], view[3]);
    return [{ confidence, side, centre: points[0], points: points.slice(1) }];
  }));
}

/** Look at a face again, turned until its eyes are level; null if it is none. */
async function closer({ centre, side, points: [left, right] }, look) {
  const [dx, dy] = [right[0] - left[0], right[1] - left[1]], length = Math.hypot(dx, dy);
  const views = LOOKS.map(([widths, mirrored]) => {
    const [x, y] = [dx / length * side * widths, dy / length * side * widths], flip = mirrored ? -1 : 1;
    return [flip * x, -y, centre[0] - (flip * x - y) / 2, flip * y, x, centre[1] - (flip * y + x) / 2];
  });
  const seen = (await look(views)).map((found, index) => found.length ? mean(found, LOOKS[index][1]) : null).filter(Boolean);
  if (!seen.length) return null;
  return { ...mean(seen), confidence: seen.reduce((sum, { confidence }) => sum + confidence, 0) / views.length };
}

/** The mean of detections of one face, weighted by their confidence, which is that of the most certain one. */
function mean(found, mirrored = false) {
  const total = found.reduce((sum, { confidence }) => sum + confidence, 0);
  const average = (value) => found.reduce((sum, one) => sum + one.confidence * value(one), 0) / total;
  const point = (value) => [0, 1].map((axis) => average((one) => value(one)[axis]));
  const points = [0, 1, 2, 3, 4, 5].map((index) => point(({ points }) => points[index]));
  return {
    confidence: Math.max(...found.map(({ confidence }) => confidence)),
    side: average(({ side }) => side),
    centre: point(({ centre }) => centre),
    points: mirrored ? MIRRORED.map((index) => points[index]) : points,
  };
}

/** Detections without those of the same face, which are averaged (as in the paper, section 3.4). */
function merged(found) {
  const rest = [...found].sort((one, other) => other.confidence - one.confidence), faces = [];
  while (rest.length) {
    const same = rest.filter((other) => overlap(rest[0], other) > SAME || other === rest[0]);
    faces.push(mean(same));
    for (const one of same) rest.splice(rest.indexOf(one), 1);
  }
  return faces;
}

/** The common area of two boxes as a share of the smaller one. */
function overlap(one, other) {
  const sides = [0, 1].map((axis) => Math.min(one.centre[axis] + one.side / 2, other.centre[axis] + other.side / 2)
    - Math.max(one.centre[axis] - one.side / 2, other.centre[axis] - other.side / 2));
  return Math.max(sides[0], 0) * Math.max(sides[1], 0) / Math.min(one.side, other.side) ** 2;
}

function asFace({ confidence, side, centre: [x, y], points: [left, right] }) {
  return { left, right, confidence, box: [x - side / 2, y - side / 2, x + side / 2, y + side / 2] };
}
