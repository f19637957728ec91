/** An image with a crop box: drag the box or its corners, or use the keys; and a button on each face. */

import { boxOf, middle, snapped, transformOfBox, turned } from "./box.js";
import { fitted } from "./compare.js";

const MIN_SIDE = 16; // pixels of the image
const TURN = Math.PI / 180;

/** `changed` is called after each change, and `picked(index)` when a button of a face is pressed. */
export function openCrop(element, changed, picked) {
  const [canvas, frame, buttons] = element.children, stage = element.parentElement;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  let box = null, square = true, framesFace = false, touched = false, scale = 1, markers = [];

  const draw = () => {
    if (!box) return;
    scale = fitted(canvas, stage);
    const { x, y, width, height, angle } = box;
    for (const [name, value] of [["left", x - width / 2], ["top", y - height / 2], ["width", width], ["height", height]])
      frame.style[name] = `${value * scale}px`;
    frame.style.rotate = `${angle}rad`;
    markers.forEach((marker, index) => {
      const [left, top, right, bottom] = marker, { style } = buttons.children[index];
      [style.left, style.top] = [`${(left + right) / 2 * scale}px`, `${(top + bottom) / 2 * scale}px`];
      [style.width, style.height] = [`${(right - left) * scale}px`, `${(bottom - top) * scale}px`];
    });
    changed();
  };
  const clamp = (value, min, max) => Math.min(Math.max(value, min), Math.max(min, max));
  const place = (next) => {
    touched = true;
    box = framesFace
      ? { ...next, x: clamp(next.x, 0, canvas.width), y: clamp(next.y, 0, canvas.height) }
      : snapped(next, canvas.width, canvas.height);
    draw();
  };

  /** Move one corner of a box to a point; the opposite one stays. */
  const stretch = (from, corner, x, y) => {
    const west = corner.includes("w") ? -1 : 1, north = corner.includes("n") ? -1 : 1;
    const [dx, dy] = turned(west * from.width / 2, north * from.height / 2, from.angle);
    const [fixedX, fixedY] = [from.x - dx, from.y - dy], [across, down] = turned(x - fixedX, y - fixedY, -from.angle);
    let width = Math.max(west * across, MIN_SIDE), height = Math.max(north * down, MIN_SIDE);
    if (framesFace) {
      const ratio = from.height / from.width;
      width = clamp(Math.max(width, height / ratio), MIN_SIDE, 2 * Math.max(canvas.width, canvas.height));
      height = width * ratio;
    } else {
      const roomX = Math.round(west < 0 ? fixedX : canvas.width - fixedX), roomY = Math.round(north < 0 ? fixedY : canvas.height - fixedY);
      [width, height] = [clamp(Math.round(width), MIN_SIDE, roomX), clamp(Math.round(height), MIN_SIDE, roomY)];
      if (square) width = height = clamp(Math.max(width, height), MIN_SIDE, Math.min(roomX, roomY));
    }
    const [halfX, halfY] = turned(west * width / 2, north * height / 2, from.angle);
    place({ ...from, x: fixedX + halfX, y: fixedY + halfY, width, height });
  };
  const cornerOf = ({ x, y, width, height, angle }, corner) => {
    const [dx, dy] = turned((corner.includes("w") ? -1 : 1) * width / 2, (corner.includes("n") ? -1 : 1) * height / 2, angle);
    return [x + dx, y + dy];
  };

  frame.addEventListener("pointerdown", (event) => {
    const corner = event.target.dataset.corner, from = { ...box }, [x, y] = [event.clientX, event.clientY];
    frame.setPointerCapture(event.pointerId);
    frame.onpointermove = (now) => {
      const [dx, dy] = [(now.clientX - x) / scale, (now.clientY - y) / scale];
      if (!corner) return place({ ...from, x: from.x + dx, y: from.y + dy });
      const [cornerX, cornerY] = cornerOf(from, corner);
      stretch(from, corner, cornerX + dx, cornerY + dy);
    };
    frame.onpointerup = frame.onpointercancel = () => { frame.onpointermove = null; };
  });
  frame.addEventListener("keydown", (event) => {
    const step = Math.max(1, Math.round(canvas.width / (event.shiftKey ? 10 : 100)));
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    const grow = { "+": step, "=": step, "-": -step }[event.key], turn = { "[": -TURN, "]": TURN }[event.key];
    if (by) place({ ...box, x: box.x + by[0], y: box.y + by[1] });
    else if (turn && framesFace) place({ ...box, angle: box.angle + turn });
    else if (grow) {
      const [x, y] = cornerOf(box, "se"), [dx, dy] = turned(grow, grow * box.height / box.width, box.angle);
      stretch(box, "se", x + dx, y + dy);
    } else return;
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
      markers = [];
      buttons.replaceChildren();
      this.reset();
    },
    /** Put the box on the centre square. */
    reset() {
      [square, framesFace, touched, box] = [true, false, false, middle(canvas.width, canvas.height)];
      draw();
    },
    /** Select the whole image; if it is changed then, the box may have any aspect ratio. */
    whole() {
      [square, framesFace, box] = [false, false, { x: canvas.width / 2, y: canvas.height / 2, width: canvas.width, height: canvas.height, angle: 0 }];
      draw();
    },
    /** Put the box on the face that a transform aligns. */
    frame(transform) {
      [framesFace, touched, box] = [true, false, boxOf(transform)];
      draw();
    },
    /** Show a button on each face, a box [left, top, right, bottom]; those in the set `pressed` are pressed. */
    mark(faces, pressed) {
      const focused = [...buttons.children].indexOf(document.activeElement);
      markers = faces;
      buttons.replaceChildren(...faces.map((_, index) => {
        const button = Object.assign(document.createElement("button"), { type: "button", textContent: index + 1 });
        button.setAttribute("aria-label", `Face ${index + 1}`);
        button.setAttribute("aria-pressed", pressed.has(index));
        button.addEventListener("click", () => picked(index));
        return button;
      }));
      buttons.children[focused]?.focus();
      draw();
    },
    /** Whether the user has moved the box since it was placed. */
    get touched() { return touched; },
    get isWhole() { return Boolean(box) && box.width === canvas.width && box.height === canvas.height && !framesFace && !square; },
    /** The transform of the box if it frames a face, at the width `wide`, up to `most`; else null. */
    transform: (wide, most) => framesFace ? transformOfBox(box, wide, most) : null,
    /** The pixels of the image, and of the box if it frames no face. */
    image: () => pen.getImageData(0, 0, canvas.width, canvas.height),
    pixels: () => pen.getImageData(box.x - box.width / 2, box.y - box.height / 2, box.width, box.height),
  };
}
