/** Two pictures of one size, a slider between them. */

export function openCompare(element) {
  const [after, before, slider] = element.children;
  const move = () => element.style.setProperty("--at", `${slider.value}%`);
  slider.addEventListener("input", move);
  return {
    show(was, made) {
      for (const [canvas, image] of [[before, was], [after, made]]) {
        [canvas.width, canvas.height] = [made.width, made.height];
        canvas.getContext("2d").putImageData(image, 0, 0);
      }
      element.hidden = false;
      slider.value = 50;
      move();
    },
    /** The canvas of the result. */
    after,
  };
}

/** Show a canvas as large as its stage lets it, in its own shape. */
export function fitted(canvas, stage) {
  const scale = Math.min(stage.clientWidth / canvas.width, stage.clientHeight / canvas.height);
  canvas.style.width = `${canvas.width * scale}px`;
  canvas.style.height = `${canvas.height * scale}px`;
  return scale;
}
