/** The picture: its faces are found and framed, and the user picks one, moves its box, or takes the whole picture. */

import { openCrop } from "./crop.js";
import { alignedTransform } from "./geometry.js";

/**
 * `elements` are {crop, whole, hint}; `getModel` returns the chosen model, and `changed` is called after each change.
 */
export function openFraming(engine, { crop: element, whole, hint }, getModel, changed) {
  let faces = [], chosen = 0, left = new Set(), search = null, problem = "", isPicture = false;
  const crop = openCrop(element, () => { update(); changed(); }, pick);

  const aligns = () => isPicture && getModel()?.alignment && faces.length > 0;
  const transformOf = (face) => {
    const { alignment, size, largest_face: most } = getModel();
    return alignedTransform(face, alignment, size, most);
  };
  const marks = () => {
    const shown = aligns() && (faces.length > 1 || crop.isWhole) && (engine.picks || !crop.isWhole) ? faces : [];
    const pressed = crop.isWhole ? faces.map((_, index) => index).filter((index) => !left.has(index)) : [chosen];
    crop.mark(shown.map(({ box }) => box), new Set(pressed));
  };

  function pick(index) {
    if (!crop.isWhole) return frame(index);
    left.has(index) ? left.delete(index) : left.add(index);
    marks();
  }

  function frame(index) {
    chosen = index;
    crop.frame(transformOf(faces[index]));
    marks();
  }

  /** Frame the face again, or, if there is none, the middle. */
  function reset() {
    if (aligns()) return frame(chosen);
    crop.reset();
    marks();
  }

  function update() {
    whole.setAttribute("aria-pressed", crop.isWhole);
    hint.textContent = advice();
  }

  function advice() {
    if (!getModel()?.alignment) return "Frame the face.";
    if (search) return "Looking for faces …";
    if (problem) return problem;
    if (!faces.length) return crop.isWhole ? "No face was found in it." : "No face was found. Frame it yourself.";
    if (crop.isWhole) return faces.length > 1 && engine.picks ? "Each face with a frame is put back. Tap one to leave it out." : "The face is put back into the picture.";
    return faces.length > 1 ? `${faces.length} faces were found. Tap one.` : "The box is level with the eyes. Drag it to move it.";
  }

  async function find() {
    const mine = search = engine.find(crop.image());
    try {
      const found = await mine;
      if (search !== mine) return;
      faces = found;
    } catch (error) {
      if (search !== mine) return;
      problem = error.message;
    }
    search = null;
    element.dataset.faces = JSON.stringify(faces.map(({ left, right }) => [left, right]));
    if (crop.isWhole || crop.touched) marks();
    else reset();
    update();
  }

  whole.addEventListener("click", () => {
    if (crop.isWhole) return reset();
    crop.whole();
    marks();
  });

  return {
    /** Show a picture, and look for faces. */
    show(picture) {
      [isPicture, faces, chosen, left, search, problem] = [true, [], 0, new Set(), null, ""];
      delete element.dataset.faces;
      crop.show(picture);
      if (getModel()?.alignment) find();
    },
    /** The model has changed: frame the face as the new one was trained. */
    realign() {
      if (!isPicture) return;
      if (getModel().alignment && !faces.length && !search && element.dataset.faces === undefined) find();
      if (aligns() && !crop.isWhole) reset();
      else marks();
      update();
    },
    get ready() { return isPicture; },
    /** What to translate, as the engine takes it, once the search for faces has ended. */
    async job() {
      if (search && !crop.touched) await search.catch(() => {});
      const { size, largest_face: most } = getModel();
      const face = crop.transform(size, most);
      if (face) return { image: crop.image(), face };
      if (!crop.isWhole) return { image: crop.pixels(), faces: [] };
      const kept = aligns() ? faces.filter((_, index) => !left.has(index)) : [];
      return { image: crop.image(), faces: kept.map(transformOf) };
    },
  };
}
