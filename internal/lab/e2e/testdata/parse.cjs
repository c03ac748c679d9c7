// Parses texts with the parsers of their languages: from standard input a JSON
// array of {language, text}, to standard output one of {problem, shape}. The shape
// is the tree without what the strings hold; an interpolation in a string shows.
const Parser = require("./npm/node_modules/web-tree-sitter");
const YAML = require("./npm/node_modules/yaml");
const HOCON = require("./npm/node_modules/@pushcorn/hocon-parser");
const INI = require("./npm/node_modules/ini");
const { parse: parseProperties } = require("./npm/node_modules/dot-properties");
const fs = require("node:fs");
const path = require("node:path");

const files = { csharp: "c_sharp", shell: "bash" };
const parsers = {};

async function parserOf(language) {
  if (!parsers[language]) {
    const file = path.join(__dirname, "npm/node_modules/tree-sitter-wasms/out", `tree-sitter-${files[language] || language}.wasm`);
    parsers[language] = new Parser();
    parsers[language].setLanguage(await Parser.Language.load(file));
  }
  return parsers[language];
}

const isString = (type) => /string|character_literal|raw_text|^word$|encapsed|heredoc|symbol|pair_value/.test(type) && !/interpolat|concatenat/.test(type);

function shape(node) {
  if (isString(node.type)) {
    const inside = node.descendantsOfType(["interpolation", "string_interpolation", "interpolated_expression", "simple_expansion", "expansion", "command_substitution", "variable_name", "template_substitution", "interpolated_identifier"]);
    return inside.length ? `(string ${inside.map((n) => n.type).join(" ")})` : "string";
  }
  const children = node.namedChildren.map(shape);
  // Quotations side by side are one word of a shell.
  if (node.type === "concatenation" && children.every((child) => child === "string")) return "string";
  return children.length ? `(${node.type} ${children.join(" ")})` : node.type;
}

function firstError(node) {
  if (node.type === "ERROR" || node.isMissing) return `line ${node.startPosition.row + 1}: ${node.isMissing ? "missing " + node.type : "unexpected " + node.text.slice(0, 60)}`;
  for (const child of node.children) {
    const found = child.hasError || child.isMissing || child.type === "ERROR" ? firstError(child) : "";
    if (found) return found;
  }
  return "";
}

// The shape of data: its keys, and of which type the values are.
const dataShape = (value) => Array.isArray(value) ? `[${value.map(dataShape)}]`
  : value && typeof value === "object" ? `{${Object.keys(value).map((key) => key + ":" + dataShape(value[key]))}}` : typeof value;

const dataParsers = {
  yaml(text) {
    const documents = YAML.parseAllDocuments(text);
    const problems = documents.flatMap((d) => [...d.errors, ...d.warnings]);
    if (problems.length) throw problems[0];
    return documents.map((d) => d.toJS());
  },
  hocon: (text) => HOCON({ text }),
  ini: (text) => INI.parse(text),
  properties: (text) => parseProperties(text),
};

async function parse({ language, text }) {
  if (dataParsers[language]) {
    try {
      return { problem: "", shape: dataShape(await dataParsers[language](text)) };
    } catch (error) {
      return { problem: String(error), shape: "" };
    }
  }
  const tree = (await parserOf(language)).parse(text);
  return { problem: tree.rootNode.hasError ? firstError(tree.rootNode) || "error" : "", shape: shape(tree.rootNode) };
}

(async () => {
  await Parser.init();
  const out = [];
  for (const x of JSON.parse(fs.readFileSync(0, "utf8"))) out.push(await parse(x));
  console.log(JSON.stringify(out));
})();
