/** The engine of the page of `s2f serve`: the server finds the faces and runs the models. */

import { warp } from "./geometry.js";

export function openRemote() {
  return {
    picks: false,
    load: async () => {},
    find: async (image) => (await post("faces", {}, image)).json(),
    async translate({ image, model, given, face }, onProgress) {
      onProgress(null);
      const input = face ? asImageData(warp(image, face)) : image;
      const align = face ? "none" : "auto";
      const response = await post("translate", { ...given, to: model.to, model: model.name, align }, input);
      return { input, result: await pixels(await response.blob()) };
    },
  };
}

async function post(path, query, image) {
  const canvas = new OffscreenCanvas(image.width, image.height), form = new FormData();
  canvas.getContext("2d").putImageData(image, 0, 0);
  form.append("image", await canvas.convertToBlob({ type: "image/png" }), "picture.png");
  const response = await fetch(`${path}?${new URLSearchParams(query)}`, { method: "POST", body: form });
  if (response.ok) return response;
  const { detail } = await response.json().catch(() => ({}));
  throw new Error(typeof detail === "string" ? detail : `the server answered ${response.status}`);
}

async function pixels(blob) {
  const bitmap = await createImageBitmap(blob), pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  pen.drawImage(bitmap, 0, 0);
  return pen.getImageData(0, 0, bitmap.width, bitmap.height);
}

const asImageData = ({ data, width, height }) => new ImageData(data, width, height);
