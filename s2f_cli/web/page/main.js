/** The page: controls, the translation, messages. */

import { openCamera } from "./camera.js";
import { fitted, openCompare } from "./compare.js";
import { openConditions } from "./conditions.js";
import { openCrop } from "./crop.js";
import { openPad } from "./draw.js";
import { openEngine } from "./engine.js";

const MAX_PIXELS = 16_000_000; // of a canvas: the smallest limit of any browser
const $ = (id) => document.getElementById(id);
const config = await (await fetch("page.json")).json();
const engine = openEngine(config);
const state = { tab: "photo", model: null, picture: false, busy: false };

const compare = openCompare($("compare"));
const crop = openCrop($("crop"), () => { state.picture = true; refresh(); });
const conditions = openConditions($("conditions"), retranslate);
const controls = Object.fromEntries(["brush", "erase", "guide", "undo", "clear"].map((id) => [id, $(id)]));
const pad = openPad($("pad"), controls, () => refresh());
const camera = openCamera($("video"));

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

function refresh() {
  const ready = state.tab === "draw" ? !pad.empty() : state.tab === "photo" && state.picture;
  const prompts = { photo: "Choose a picture first", camera: "Take a picture first", draw: "Draw something first" };
  $("go").disabled = !ready || state.busy || !state.model;
  $("go").textContent = state.busy ? "Working …" : ready ? `Make a ${state.model.to}` : prompts[state.tab];
}

// The direction

function choose(model) {
  state.model = model;
  for (const input of document.querySelectorAll("#directions input")) input.checked = input.value === String(config.models.indexOf(model));
  const rows = [["Name", model.name], ["Translates to", `${model.to}, ${model.size} pixels`], ["Recipe", model.title], ["Training data", model.data], ["Licence", model.licence], ...Object.entries(model.notes ?? {})];
  $("about").querySelector("dl").replaceChildren(...rows.filter(([, text]) => text).flatMap(([term, text]) => {
    const pair = [document.createElement("dt"), document.createElement("dd")];
    [pair[0].textContent, pair[1].textContent] = [term, text];
    return pair;
  }));
  conditions.show(model.conditions);
  refresh();
}

const ambiguous = new Set(config.models.map((model) => model.to)).size < config.models.length;
for (const [number, model] of config.models.entries()) {
  const label = document.createElement("label"), input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "direction", value: number });
  input.addEventListener("change", () => choose(model));
  label.append(input, `${model.source} → ${model.to}${ambiguous ? ` (${model.name})` : ""}`);
  $("directions").append(label);
}
choose(config.models[0]);
$("privacy").textContent = config.engine === "server"
  ? `Pictures are sent to the s2f server at ${location.host}, which does not keep them.`
  : "The model runs in your browser. Your pictures are never uploaded.";

// The input

const tabs = [...document.querySelectorAll("[role=tab]")];
async function open(tab) {
  state.tab = tab;
  for (const button of tabs) {
    const selected = button.id === `tab-${tab}`;
    button.setAttribute("aria-selected", selected);
    button.tabIndex = selected ? 0 : -1;
    $(button.getAttribute("aria-controls")).hidden = !selected;
  }
  const fromSketch = config.models.find((model) => model.source === "sketch");
  if (tab === "draw" && state.model.source !== "sketch" && fromSketch) choose(fromSketch);
  refresh();
  say("");
  if (tab !== "camera") return camera.stop();
  await attempt(camera.start);
  if (state.tab !== "camera") camera.stop();
}
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

/** Call a function and show its error, if it throws one. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error.message, true);
  }
}

async function use(picture) {
  await open("photo");
  $("drop").hidden = true;
  $("another").hidden = $("whole").hidden = $("hint").hidden = false;
  state.translated = null;
  crop.show(picture);
}

async function read(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error(`${file.name || "This"} is not an image that the browser can read.`);
  }
  const scale = Math.min(1, Math.sqrt(MAX_PIXELS / (bitmap.width * bitmap.height)));
  if (scale < 1) {
    const size = { resizeWidth: Math.floor(bitmap.width * scale), resizeHeight: Math.floor(bitmap.height * scale), resizeQuality: "high" };
    bitmap = await createImageBitmap(bitmap, size);
  }
  await use(bitmap);
}

$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (file) attempt(() => read(file));
  $("file").value = "";
});
$("another").addEventListener("click", () => $("file").click());
$("whole").addEventListener("click", () => crop.whole());
$("flip").addEventListener("click", () => attempt(camera.flip));
$("shoot").addEventListener("click", () => {
  const shot = camera.shoot();
  if (shot) use(shot);
});
addEventListener("paste", ({ clipboardData }) => {
  const [file] = clipboardData.files;
  if (file) attempt(() => read(file));
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]])
  addEventListener(name, (event) => {
    event.preventDefault();
    $("source").classList.toggle("over", over);
    if (name === "drop" && event.dataTransfer.files[0]) attempt(() => read(event.dataTransfer.files[0]));
  });

// The translation

/** Translate; `block` says how a small screen scrolls to the result. */
async function translate(block) {
  const image = state.tab === "draw" ? pad.pixels() : crop.pixels(), model = state.model, start = performance.now();
  const [bar, line] = $("wait").children;
  const show = (part) => {
    part === null ? bar.removeAttribute("value") : bar.value = part;
    line.textContent = part === null ? "Working …" : `Loading the model: ${Math.round(100 * part)} % of ${(model.bytes / 1e6).toFixed(0)} MB`;
  };
  state.busy = true;
  refresh();
  say("");
  show(null);
  $("wait").hidden = false;
  if (innerWidth <= 760) (block === "start" ? $("result") : $("wait").parentElement).scrollIntoView({ block });
  await attempt(async () => {
    const result = await engine.translate(image, model, conditions.values(), show);
    $("empty").hidden = true;
    compare.show(image, result);
    layout();
    $("download").disabled = false;
    $("again").disabled = !config.models.some((other) => other.source === model.to);
    state.result = model.to;
    state.translated = model;
    say(`Done in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
  });
  $("wait").hidden = true;
  state.busy = false;
  refresh();
  if (state.outdated) retranslate();
}
$("go").addEventListener("click", () => translate("start"));

/** Translate again, because the conditions have changed since the result was made; after the translation in progress. */
function retranslate() {
  state.outdated = state.busy;
  if (!$("go").disabled && state.translated === state.model) translate("nearest");
}

function layout() {
  for (const canvas of $("compare").querySelectorAll("canvas")) fitted(canvas, $("compare").parentElement);
}
new ResizeObserver(layout).observe($("compare").parentElement);

$("download").addEventListener("click", () => compare.after.toBlob((blob) => {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${state.result}.png` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}));
$("again").addEventListener("click", async () => {
  await use(await createImageBitmap(compare.after));
  choose(config.models.find((other) => other.source === state.result));
});

const root = document.documentElement;
root.dataset.theme = localStorage.getItem("s2f-theme") ?? "";
$("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  localStorage.setItem("s2f-theme", root.dataset.theme = dark ? "light" : "dark");
});
