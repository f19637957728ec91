/** openapi.json for people. */

const schema = await (await fetch("openapi.json")).json();

const element = (name, ...children) => {
  const made = document.createElement(name);
  made.append(...children);
  return made;
};

function table(titles, rows) {
  const row = (cell, texts) => element("tr", ...texts.map((text) => element(cell, text)));
  return rows.length ? element("table", row("th", titles), ...rows.map((texts) => row("td", texts))) : "";
}

function kind({ enum: names, anyOf, type, default: usual }) {
  const told = names ? names.join(" | ") : anyOf ? anyOf.map((one) => one.type).filter((one) => one !== "null").join(" | ") : type;
  return usual === undefined ? told : `${told}, else ${usual}`;
}

function example(path, method, { parameters = [], requestBody }) {
  const asked = parameters.filter((one) => one.required).map((one) => `${one.name}=${one.schema.enum?.at(-1) ?? "…"}`);
  const url = `'${new URL(path.slice(1), document.baseURI)}${asked.length ? `?${asked.join("&")}` : ""}'`;
  return element("pre", element("code", requestBody ? `curl -F image=@face.png -o sketch.png ${url}` : `curl ${url}`));
}

for (const [path, methods] of Object.entries(schema.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const parameters = [
      ...(operation.requestBody ? [["image", "a file, as multipart/form-data", "the image"]] : []),
      ...(operation.parameters ?? []).map((one) => [one.name, kind(one.schema), one.description ?? ""]),
    ];
    const answers = Object.entries(operation.responses).map(([status, one]) => [status, one.description]);
    const panel = element("section", element("h2", method.toUpperCase(), element("code", path)), element("p", operation.description ?? ""),
      table(["parameter", "value", ""], parameters), table(["answer", ""], answers), example(path, method, operation));
    panel.className = "panel";
    document.getElementById("operations").append(panel);
  }
}
