/** The choice of a model's direction, and what is known of the model. */

/** Show a choice of models in `choice`, and the chosen one in the list `about`; `chosen` is called with each choice. */
export function openDirections(models, choice, about, chosen) {
  let current = null;

  function choose(model) {
    current = model;
    for (const input of choice.querySelectorAll("input")) input.checked = input.value === String(models.indexOf(model));
    const rows = [["Name", model.name], ["Translates to", `${model.to}, ${model.size} pixels`], ["Recipe", model.title],
      ["Training data", model.data], ["Licence", model.licence], ...Object.entries(model.notes ?? {})];
    about.replaceChildren(...rows.filter(([, text]) => text).flatMap(([term, text]) => {
      const pair = [document.createElement("dt"), document.createElement("dd")];
      [pair[0].textContent, pair[1].textContent] = [term, text];
      return pair;
    }));
    chosen(model);
  }

  const ambiguous = new Set(models.map((model) => model.to)).size < models.length;
  for (const [number, model] of models.entries()) {
    const label = document.createElement("label"), input = document.createElement("input");
    Object.assign(input, { type: "radio", name: "direction", value: number });
    input.addEventListener("change", () => choose(model));
    label.append(input, `${model.source} → ${model.to}${ambiguous ? ` (${model.name})` : ""}`);
    choice.append(label);
  }
  return {
    choose,
    get model() { return current; },
    /** The first model from a domain. */
    from: (source) => models.find((model) => model.source === source),
  };
}
