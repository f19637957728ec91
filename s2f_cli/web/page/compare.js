/** Two images of one size with a slider between them. */

export function openCompare(element) {
  const [after, before, slider] = element.children;
  const move = () => element.style.setProperty("--at", `${slider.value}%`);
  slider.addEventListener("input", move);
  return {
    show(input, result) {
      for (const [canvas, image] of [[before, input], [after, result]]) {
        [canvas.width, canvas.height] = [result.width, result.height];
        canvas.getContext("2d").putImageData(image, 0, 0);
      }
      element.hidden = false;
      slider.value = 50;
      move();
    },
    /** Canvas of the result. */
    after,
  };
}

/** Show a canvas as large as its stage allows, with its own aspect ratio. Returns the scale. */
export function fitted(canvas, stage) {
  const scale = Math.min(stage.clientWidth / canvas.width, stage.clientHeight / canvas.height);
  canvas.style.width = `${canvas.width * scale}px`;
  canvas.style.height = `${canvas.height * scale}px`;
  return scale;
}
