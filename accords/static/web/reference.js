// The reference: Swagger UI with a filter that finds operations, and with values to try that return rows.
"use strict";

const root = document.getElementById("reference");

const searchLabel = "Filter: an address, a parameter, a word";

// Filter operations by address, summary, description and parameters. Swagger UI's own filter knows tags only.
const searchable = () => ({
  wrapComponents: {
    // A link within a button is for neither keyboards nor screen readers; the address still follows what is opened.
    DeepLink: (_original, { React }) => ({ text }) => React.createElement("span", null, text),
    FilterContainer: (_original, { React }) => ({ layoutSelectors, layoutActions }) => {
      const filter = layoutSelectors.currentFilter();
      return React.createElement("input", {
        type: "search",
        className: "operation-filter-input",
        placeholder: searchLabel,
        "aria-label": searchLabel,
        value: typeof filter === "string" ? filter : "",
        onChange: (event) => layoutActions.updateFilter(event.target.value || true),
      });
    },
  },
  fn: {
    opsFilter: (taggedOperations, phrase) => {
      const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
      const matches = (one) => {
        const operation = one.get("operation").toJS();
        const parameters = (operation.parameters || []).map(({ name = "", description = "" }) => `${name} ${description}`);
        const text = [one.get("method"), one.get("path"), operation.summary, operation.description, ...parameters];
        const found = text.join(" ").toLowerCase();
        return words.every((word) => found.includes(word));
      };
      return taggedOperations
        .map((tag) => tag.set("operations", tag.get("operations").filter(matches)))
        .filter((tag) => tag.get("operations").size);
    },
  },
});

// Fill in what an operation needs, from the example of the row, and nothing else: all filters at once find no row.
function prepare(schema) {
  const rows = {};
  for (const [path, { get }] of Object.entries(schema.paths)) {
    const [, resource] = path.match(/^\/api\/v1\/(\w+)\/{\w+}$/) || [];
    const examples = get?.responses["200"]?.content?.["application/json"]?.examples;
    if (resource && examples) rows[resource] = Object.values(examples)[0].value;
  }
  for (const [path, operations] of Object.entries(schema.paths)) {
    const row = rows[path.split("/")[3]] || {};
    for (const operation of Object.values(operations)) {
      for (const parameter of operation.parameters || []) {
        const { example, ...type } = parameter.schema || {};
        if (parameter.in === "path") {
          parameter.example ??= example ?? row[parameter.name] ?? row.slug;
        } else if (!parameter.required) {
          const value = parameter.example ?? example;
          delete parameter.example;
          parameter.schema = type;
          if (value !== undefined) parameter.description = `${parameter.description || ""} Example: \`${value}\`.`.trim();
        }
      }
    }
  }
  return schema;
}

const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", applyTheme);
applyTheme();

fetch(root.dataset.schema)
  .then((response) => response.json())
  .then((schema) => {
    globalThis.ui = SwaggerUIBundle({
      spec: prepare(schema),
      domNode: root,
      presets: [SwaggerUIBundle.presets.apis],
      plugins: [searchable],
      layout: "BaseLayout",
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: "list",
      defaultModelsExpandDepth: -1,
      filter: true,
      requestInterceptor: (request) => {
        if (root.dataset.csrf && request.method !== "GET") request.headers["X-CSRFToken"] = root.dataset.csrf;
        return request;
      },
    });
  })
  .catch(() => {
    root.textContent = "The schema could not be loaded. Load the page again.";
  });
