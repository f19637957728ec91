/** Where pictures come from: the tabs, files that are chosen, dropped or pasted, and the camera. */

const MAX_PIXELS = 16_000_000; // of a canvas: the smallest limit of any browser

/** Show the panel of a tab when it is chosen; `opened` is called with its name. Returns a function that opens one. */
export function openTabs(tabs, opened) {
  const open = (tab) => {
    for (const button of tabs) {
      const selected = button.id === `tab-${tab}`;
      button.setAttribute("aria-selected", selected);
      button.tabIndex = selected ? 0 : -1;
      document.getElementById(button.getAttribute("aria-controls")).hidden = !selected;
    }
    return opened(tab);
  };
  for (const [number, tab] of tabs.entries()) {
    tab.addEventListener("click", () => open(tab.id.slice(4)));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const next = tabs[(number + by + tabs.length) % tabs.length];
      next.focus();
      open(next.id.slice(4));
    });
  }
  return open;
}

/** Call `given` with each file that is chosen in the element `chooser`, pasted, or dropped; `target` shows that it can be. */
export function openFiles(chooser, target, given) {
  const take = () => {
    const [file] = chooser.files;
    if (file) given(file);
    chooser.value = "";
  };
  chooser.addEventListener("change", take);
  queueMicrotask(take); // one chosen before this script ran
  addEventListener("paste", ({ clipboardData }) => {
    const [file] = clipboardData.files;
    if (file) given(file);
  });
  for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]])
    addEventListener(name, (event) => {
      event.preventDefault();
      target.classList.toggle("over", over);
      if (name === "drop" && event.dataTransfer.files[0]) given(event.dataTransfer.files[0]);
    });
}

/** The picture in a file, made smaller if it has too many pixels. */
export async function readPicture(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${file.name || "This"} is not an image that the browser can read.`);
  }
  const scale = Math.min(1, Math.sqrt(MAX_PIXELS / (bitmap.width * bitmap.height)));
  if (scale === 1) return bitmap;
  const size = { resizeWidth: Math.floor(bitmap.width * scale), resizeHeight: Math.floor(bitmap.height * scale), resizeQuality: "high" };
  return createImageBitmap(bitmap, size);
}
