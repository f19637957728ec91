/** A drawing pad. Strokes are kept as points, so that they can be undone. */

const INK = "#1b1b1b";

export function openPad(element, controls, changed) {
  const [canvas, cursor] = element.children, pen = canvas.getContext("2d", { willReadFrequently: true });
  const { brush, erase, guide, undo, clear } = controls;
  let strokes = [], current = null, keys = null;

  const paint = ({ points, width, erases }, from = 1) => {
    pen.globalCompositeOperation = erases ? "destination-out" : "source-over";
    pen.strokeStyle = INK;
    pen.lineCap = pen.lineJoin = "round";
    for (let at = Math.max(from, 1); at < points.length; at++) {
      pen.lineWidth = width * points[at].force;
      pen.beginPath();
      pen.moveTo(points[at - 1].x, points[at - 1].y);
      pen.lineTo(points[at].x, points[at].y);
      pen.stroke();
    }
  };
  const update = () => {
    undo.disabled = clear.disabled = !strokes.length;
    changed(strokes.length > 0);
  };
  const redraw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    strokes.forEach((stroke) => paint(stroke));
    update();
  };
  const begin = (point) => {
    const erases = erase.getAttribute("aria-pressed") === "true";
    current = { points: [point, { ...point, x: point.x + 0.01 }], width: brush.value * (erases ? 3 : 1), erases };
    strokes.push(current);
    paint(current);
    update();
  };
  const extend = (point) => {
    current.points.push(point);
    paint(current, current.points.length - 1);
  };

  const place = (event) => {
    const area = canvas.getBoundingClientRect(), scale = canvas.width / area.width;
    const force = event.pointerType === "pen" && event.pressure ? 0.4 + 1.2 * event.pressure : 1;
    return { x: (event.clientX - area.left) * scale, y: (event.clientY - area.top) * scale, force };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    canvas.setPointerCapture(event.pointerId);
    begin(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || keys?.down || !event.isPrimary) return;
    for (const point of event.getCoalescedEvents?.() ?? [event]) extend(place(point));
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { current = null; });

  const showKeys = () => {
    cursor.hidden = !keys;
    if (!keys) return;
    cursor.classList.toggle("down", keys.down);
    cursor.style.left = `${100 * keys.x / canvas.width}%`;
    cursor.style.top = `${100 * keys.y / canvas.height}%`;
  };
  canvas.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 2 : 10;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (!by && event.key !== " ") return;
    event.preventDefault();
    keys ??= { x: canvas.width / 2, y: canvas.height / 2, force: 1, down: false };
    if (by) {
      keys.x = Math.min(Math.max(keys.x + by[0], 0), canvas.width);
      keys.y = Math.min(Math.max(keys.y + by[1], 0), canvas.height);
      if (keys.down) extend({ ...keys });
    } else if ((keys.down = !keys.down)) begin({ ...keys });
    else current = null;
    showKeys();
  });
  canvas.addEventListener("blur", () => { keys = current = null; showKeys(); });

  const takeBack = () => { strokes.pop(); redraw(); };
  undo.addEventListener("click", takeBack);
  clear.addEventListener("click", () => { strokes = []; redraw(); });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && element.offsetParent && strokes.length) {
      event.preventDefault();
      takeBack();
    }
  });
  for (const toggle of [erase, guide])
    toggle.addEventListener("click", () => {
      toggle.setAttribute("aria-pressed", toggle.getAttribute("aria-pressed") !== "true");
      element.classList.toggle("guided", guide.getAttribute("aria-pressed") === "true");
    });
  element.classList.add("guided");

  return {
    empty: () => !strokes.length,
    /** The drawing on white paper. */
    pixels() {
      const paper = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(canvas, 0, 0);
      return paper.getImageData(0, 0, canvas.width, canvas.height);
    },
  };
}
