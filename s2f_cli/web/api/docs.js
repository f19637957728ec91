/** Shows openapi.json as a page. */

const schema = await (await fetch("openapi.json")).json();

const element = (name, ...children) => {
  const node = document.createElement(name);
  node.append(...children);
  return node;
};

function table(titles, rows) {
  const row = (cell, texts) => element("tr", ...texts.map((text) => element(cell, text)));
  return rows.length ? element("table", row("th", titles), ...rows.map((texts) => row("td", texts))) : "";
}

function kind({ enum: names, anyOf, type, default: initial }) {
  const text = names ? names.join(" | ") : anyOf ? anyOf.map((option) => option.type).filter((type) => type !== "null").join(" | ") : type;
  return initial === undefined ? text : `${text}; default: ${initial}`;
}

function example(path, method, { parameters = [], requestBody }) {
  const query = parameters.filter((p) => p.required).map((p) => `${p.name}=${p.schema.enum?.at(-1) ?? "…"}`);
  const url = `'${new URL(path.slice(1), document.baseURI)}${query.length ? `?${query.join("&")}` : ""}'`;
  return element("pre", element("code", requestBody ? `curl -F image=@face.png -o sketch.png ${url}` : `curl ${url}`));
}

/** The files of a form: name, kind, description. */
function files({ requestBody }) {
  const form = requestBody?.content["multipart/form-data"].schema.$ref.split("/").at(-1);
  const { properties = {}, required = [] } = schema.components.schemas[form] ?? {};
  return Object.entries(properties).map(([name, { description }]) =>
    [name, `a file, as multipart/form-data${required.includes(name) ? "" : "; optional"}`, description ?? ""]);
}

for (const [path, methods] of Object.entries(schema.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const parameters = [
      ...files(operation),
      ...(operation.parameters ?? []).map((p) => [p.name, kind(p.schema), p.description ?? ""]),
    ];
    const responses = Object.entries(operation.responses).map(([status, response]) => [status, response.description]);
    const panel = element("section", element("h2", method.toUpperCase(), element("code", path)), element("p", operation.description ?? ""),
      table(["parameter", "value", ""], parameters), table(["response", ""], responses), example(path, method, operation));
    panel.className = "panel";
    document.getElementById("operations").append(panel);
  }
}
