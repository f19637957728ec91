/** Translates whole photos and the faces in them, as s2f_cli/inference/pipeline.py does. */

import { isAligned, pasteBack, scaleOf, warp } from "./geometry.js";
import { clearPaper } from "./paper.js";
import { roundHalfEven } from "./tiling.js";
import { inputSize, translate } from "./translator.js";

/** Translate the face that a transform aligns; returns the aligned face and the result. */
export async function translateFace(model, photo, given, transform) {
  const input = warp(photo, transform);
  return cleared(model, input, await translate(model, input, given));
}

/** Translate a photo, each face on its own; `transforms` align the faces, the most important one first. */
export async function translatePhoto(model, photo, given, transforms) {
  const aligned = transforms.length === 1 && isAligned(photo, transforms[0]);
  if (aligned || !transforms.length || !model.usage.any_size) return cleared(model, photo, await translate(model, photo, given));
  const faces = [];
  for (const transform of transforms) faces.push(await translate(model, warp(photo, transform), given));
  const result = await translate(model, photo, given, backgroundSize(model.usage, photo, transforms[0]));
  for (const [number, transform] of [...transforms.entries()].reverse()) pasteBack(faces[number], result, transform);
  return cleared(model, photo, result);
}

/** The input and the result; a face has only its backdrop above the lines of its drawing. */
function cleared({ usage }, input, result) {
  const conditions = Object.values(usage.card.recipe.conditions ?? {});
  if (usage.to === "face" && conditions.some(({ region }) => region === "backdrop")) clearPaper(result, input);
  return { input, result };
}

/** The size at which the network sees the photo, so that the first face has its size in training. */
function backgroundSize(usage, { width, height }, transform) {
  const smallest = Math.min(...inputSize(usage, width, height)) / Math.min(width, height);
  const scale = Math.max(Math.min(scaleOf(transform) * Math.max(usage.size, 16) / transform.width, 1), smallest);
  return [width, height].map((side) => Math.max(1, roundHalfEven(side * scale)));
}
