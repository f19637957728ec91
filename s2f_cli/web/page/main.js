/** The page: controls, the translation, messages. */

import { openCamera } from "./camera.js";
import { fitted, openCompare } from "./compare.js";
import { openConditions } from "./conditions.js";
import { openDirections } from "./directions.js";
import { openPad } from "./draw.js";
import { openEngine } from "./engine.js";
import { openFraming } from "./framing.js";
import { openFiles, openTabs, readPicture } from "./input.js";
import { openLoading } from "./loading.js";

const $ = (id) => document.getElementById(id);
const elements = (...ids) => Object.fromEntries(ids.map((id) => [id, $(id)]));
const config = await (await fetch("page.json")).json();
const engine = openEngine(config);
const state = { tab: "photo", busy: false };

const compare = openCompare($("compare"));
const conditions = openConditions($("conditions"), retranslate);
const pad = openPad($("pad"), elements("brush", "erase", "guide", "undo", "clear"), () => refresh());
const camera = openCamera($("video"));
const loading = openLoading(engine, config, elements("loading", "privacy"), (error) => say(error.message, true));
const framing = openFraming(engine, elements("crop", "whole", "hint"), () => directions?.model, () => refresh());
const directions = openDirections(config.models, $("directions"), $("about").querySelector("dl"), (model) => {
  conditions.show(model.conditions);
  framing.realign();
  loading.load(model);
  refresh();
});

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

function refresh() {
  const model = directions?.model, ready = state.tab === "draw" ? !pad.empty() : state.tab === "photo" && framing.ready;
  const prompts = { photo: "Choose a picture first", camera: "Take a picture first", draw: "Draw something first" };
  $("go").disabled = !ready || state.busy || !model;
  $("go").textContent = state.busy ? "Working …" : ready && model ? `Make a ${model.to}` : prompts[state.tab];
}

/** Call a function and show its error, if it throws one. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error.message, true);
  }
}

// The input

const open = openTabs([...document.querySelectorAll("[role=tab]")], async (tab) => {
  state.tab = tab;
  const fromSketch = directions.from("sketch");
  if (tab === "draw" && directions.model.source !== "sketch" && fromSketch) directions.choose(fromSketch);
  refresh();
  say("");
  if (tab !== "camera") return camera.stop();
  await attempt(camera.start);
  if (state.tab !== "camera") camera.stop();
});

async function use(picture) {
  await open("photo");
  $("drop").hidden = true;
  $("another").hidden = $("whole").hidden = $("hint").hidden = false;
  state.translated = null;
  framing.show(picture);
}

openFiles($("file"), $("source"), (file) => attempt(async () => use(await readPicture(file))));
$("another").addEventListener("click", () => $("file").click());
$("flip").addEventListener("click", () => attempt(camera.flip));
$("shoot").addEventListener("click", () => {
  const shot = camera.shoot();
  if (shot) use(shot);
});

// The translation

/** Translate; `block` says how a small screen scrolls to the result. */
async function translate(block) {
  const { model } = directions, start = performance.now(), [bar, line] = $("wait").children;
  const show = (progress) => {
    progress ? bar.value = progress.received / progress.size : bar.removeAttribute("value");
    line.textContent = progress ? loading.text(progress) : "Working …";
  };
  state.busy = true;
  refresh();
  say("");
  show(null);
  $("wait").hidden = false;
  if (innerWidth <= 760) (block === "start" ? $("result") : $("wait").parentElement).scrollIntoView({ block });
  await attempt(async () => {
    const job = state.tab === "draw" ? { image: pad.pixels(), faces: [] } : await framing.job();
    const { input, result } = await engine.translate({ model, given: conditions.values(), ...job }, show);
    $("empty").hidden = true;
    compare.show(input, result);
    layout();
    $("download").disabled = false;
    $("again").disabled = !directions.from(model.to);
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
  if (!$("go").disabled && state.translated === directions.model) translate("nearest");
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
  const picture = await createImageBitmap(compare.after);
  directions.choose(directions.from(state.result));
  await use(picture);
});

const root = document.documentElement;
root.dataset.theme = localStorage.getItem("s2f-theme") ?? "";
$("theme").addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  localStorage.setItem("s2f-theme", root.dataset.theme = dark ? "light" : "dark");
});

directions.choose(config.models[0]);
