/** Pickers for what a model is given besides the image: labels as buttons, colours as swatches. */

const PLAIN = { white: "#ffffff", "light gray": "#d3d3d3", gray: "#808080", black: "#000000", "light blue": "#add8e6", navy: "#1f3a68" };

/**
 * The pickers in `element`. `show(conditions)` builds those of a model, `values()` returns their values by name, and
 * `onChange` is called after each choice. Choices are kept from one model to the next.
 */
export function openConditions(element, onChange) {
  const chosen = {};
  let shown = [];

  const value = ({ name, encoding, choices, default: initial }) =>
    encoding === "rgb" || choices.includes(chosen[name]) ? chosen[name] ?? initial : initial;
  const choose = (name, text) => {
    chosen[name] = text;
    onChange();
  };

  return {
    values: () => Object.fromEntries(shown.map((condition) => [condition.name, value(condition)])),
    show(conditions) {
      shown = conditions;
      element.hidden = !conditions.length;
      element.replaceChildren(...conditions.map((condition) => {
        const rows = condition.encoding === "rgb" ? swatches : labels;
        return make("fieldset", { className: condition.encoding === "rgb" ? "colours" : "labels" },
          make("legend", {}, title(condition.name)), ...rows(condition, value(condition), choose));
      }));
    },
  };
}

function labels({ name, choices }, value, choose) {
  return choices.map((label) => make("label", {}, radio(name, label === value, () => choose(name, label)), title(label)));
}

function swatches({ name, choices, default: initial }, value, choose) {
  const named = Object.entries(Object.keys(choices).length ? choices : PLAIN);
  const known = named.some(([, colour]) => colour === initial) ? named : [["default", initial], ...named];
  const options = known.map(([text, colour]) => {
    const label = make("label", { className: "swatch", title: text },
      radio(name, colour === value, () => choose(name, colour)), make("span", { className: "hidden" }, text));
    label.style.setProperty("--colour", colour);
    return label;
  });
  const own = known.every(([, colour]) => colour !== value);
  const input = make("input", { type: "color", value });
  input.setAttribute("aria-label", `${title(name)}: another colour`);
  const other = make("label", { className: own ? "swatch own chosen" : "swatch own", title: "another colour" }, input);
  other.style.setProperty("--colour", value);
  input.addEventListener("change", () => {
    for (const { control } of options) control.checked = false;
    other.classList.add("chosen");
    other.style.setProperty("--colour", input.value);
    choose(name, input.value);
  });
  for (const { control } of options) control.addEventListener("change", () => other.classList.remove("chosen"));
  return [...options, other];
}

function radio(name, checked, onChange) {
  const input = make("input", { type: "radio", name: `condition-${name}`, checked });
  input.addEventListener("change", onChange);
  return input;
}

function make(tag, properties, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** A name as a title: "dark-hair" as "Dark hair". */
function title(name) {
  const words = name.replace(/[-_]/g, " ");
  return words[0].toUpperCase() + words.slice(1);
}
