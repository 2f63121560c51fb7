// Builds the editor into ../frontend/editor: one minified ES module and the licences of what is in it.
// `--check` builds in memory and fails when the committed files differ, so that what is shipped is what is read here.

import { readFile, readdir, writeFile, mkdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "frontend", "editor");

const { outputFiles, metafile } = await build({
  absWorkingDir: here,
  entryPoints: ["src/editor.js"],
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  banner: { js: "/* Signalbox's editor, made of CodeMirror 6 (MIT); see LICENSES.txt. Built by editor/build.mjs. */" },
  metafile: true,
  write: false,
});

/** The packages whose code is in the bundle, in alphabetical order. */
const packages = [...new Set(Object.keys(metafile.inputs)
  .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
  .filter(Boolean))].sort();

const licences = await Promise.all(packages.map(async (name) => {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[sc]e/i.test(entry));
  if (!file) throw new Error(`${name} has no licence file: it cannot be shipped`);
  return `${name} ${version} (${license})\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
}));

const files = new Map([
  ["editor.js", outputFiles[0].text],
  ["LICENSES.txt", licences.join(`\n${"-".repeat(72)}\n\n`)],
]);

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const code = Buffer.from(files.get("editor.js"));
console.log(`editor.js: ${kilobytes(code.length)}, ${kilobytes(brotliCompressSync(code).length)} brotli`);

if (process.argv.includes("--check")) {
  const different = [];
  for (const [name, text] of files) {
    const committed = await readFile(join(out, name), "utf8").catch(() => null);
    if (committed !== text) different.push(relative(join(here, ".."), join(out, name)));
  }
  if (different.length > 0) {
    console.error(`Not what editor/ builds: ${different.join(", ")}. Run \`npm ci && npm run build\` in editor/ and commit the result.`);
    process.exit(1);
  }
  console.log("The committed files are what editor/ builds.");
} else {
  await mkdir(out, { recursive: true });
  for (const [name, text] of files) await writeFile(join(out, name), text);
}
