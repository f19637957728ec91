/** An image with a crop box: drag the box or its corners, or use the keys. */

import { fitted } from "./compare.js";

const MIN_SIDE = 16; // pixels of the image

export function openCrop(element, changed) {
  const [canvas, frame] = element.children, stage = element.parentElement;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let box = null, square = true, scale = 1;

  const draw = () => {
    if (!box) return;
    scale = fitted(canvas, stage);
    for (const [name, value] of [["left", box.x], ["top", box.y], ["width", box.width], ["height", box.height]])
      frame.style[name] = `${value * scale}px`;
    changed(box);
  };
  const clamp = (value, min, max) => Math.min(Math.max(value, min), Math.max(min, max));

  const moveTo = (x, y) => {
    box.x = clamp(Math.round(x), 0, canvas.width - box.width);
    box.y = clamp(Math.round(y), 0, canvas.height - box.height);
    draw();
  };
  /** Move one corner to a point; the opposite one stays. */
  const stretch = (corner, x, y) => {
    const west = corner.includes("w"), north = corner.includes("n");
    const [fixedX, fixedY] = [west ? box.x + box.width : box.x, north ? box.y + box.height : box.y];
    const [roomX, roomY] = [west ? fixedX : canvas.width - fixedX, north ? fixedY : canvas.height - fixedY];
    let width = clamp(Math.round(west ? fixedX - x : x - fixedX), MIN_SIDE, roomX);
    let height = clamp(Math.round(north ? fixedY - y : y - fixedY), MIN_SIDE, roomY);
    if (square) width = height = clamp(Math.max(width, height), MIN_SIDE, Math.min(roomX, roomY));
    box = { x: west ? fixedX - width : fixedX, y: north ? fixedY - height : fixedY, width, height };
    draw();
  };
  const middle = () => {
    const side = Math.min(canvas.width, canvas.height);
    box = { x: (canvas.width - side) >> 1, y: (canvas.height - side) >> 1, width: side, height: side };
  };

  frame.addEventListener("pointerdown", (event) => {
    const corner = event.target.dataset.corner, from = { ...box }, [x, y] = [event.clientX, event.clientY];
    frame.setPointerCapture(event.pointerId);
    frame.onpointermove = (now) => {
      const [dx, dy] = [(now.clientX - x) / scale, (now.clientY - y) / scale];
      if (!corner) return moveTo(from.x + dx, from.y + dy);
      stretch(corner, (corner.includes("w") ? from.x : from.x + from.width) + dx,
        (corner.includes("n") ? from.y : from.y + from.height) + dy);
    };
    frame.onpointerup = frame.onpointercancel = () => { frame.onpointermove = null; };
  });
  frame.addEventListener("keydown", (event) => {
    const step = Math.max(1, Math.round(canvas.width / (event.shiftKey ? 10 : 100)));
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    const grow = { "+": step, "=": step, "-": -step }[event.key];
    if (by) moveTo(box.x + by[0], box.y + by[1]);
    else if (grow) stretch("se", box.x + box.width + grow, box.y + box.height + grow);
    else return;
    event.preventDefault();
  });
  new ResizeObserver(draw).observe(stage);

  return {
    /** Show an image; the box is its centre square. */
    show(image) {
      [canvas.width, canvas.height] = [image.width, image.height];
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(image, 0, 0);
      element.hidden = false;
      square = true;
      middle();
      draw();
    },
    /** Select the whole image; from then on the box may have any aspect ratio. */
    whole() {
      square = false;
      box = { x: 0, y: 0, width: canvas.width, height: canvas.height };
      draw();
    },
    pixels: () => box && pen.getImageData(box.x, box.y, box.width, box.height),
  };
}
