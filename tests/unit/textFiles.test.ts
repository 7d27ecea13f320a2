import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { FILES, SRC } from "./sourceFiles.ts";

/** Texts of six words or more in a piece of code: strings, templates and texts between tags. */
function sentencesIn(code: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (node !== null && typeof node === "object") {
      const { type, value, quasis } = node as {
        type?: string;
        value?: unknown;
        quasis?: { value: { cooked: string } }[];
      };
      if (type === "ImportDeclaration") return;
      if (type === "JSXText" || type === "Literal") found.push(String(value));
      else if (quasis) found.push(quasis.map((quasi) => quasi.value.cooked).join("…"));
      Object.values(node).forEach(visit);
    }
  };
  visit(parseSync("file.tsx", code).program.body);
  return found
    .map((text) => text.replaceAll(/\s+/g, " ").trim())
    .filter(
      (text) => !text.includes("var(") && (text.match(/\p{L}{2,}|\b[aI]\b/gu) ?? []).length >= 6,
    );
}

describe("what people read", () => {
  it("is found in code", () => {
    const texts = sentencesIn(
      `const a = <p title="One two three four five six">Here are <b>six</b> or more words
        in a text</p>;
      const b = \`Of \${count} steps it has taken \${done} by now\`;
      // A comment of six words or more
      import { c } from "../one/two/three/four.ts";
      const d = "Five words are too few";`,
    );
    expect(texts).toEqual([
      "One two three four five six",
      "or more words in a text",
      "Of … steps it has taken … by now",
    ]);
  });

  it("stands in the text.ts of its feature", () => {
    const OWN_FILES = [
      // A table, whose entries hold what they say.
      "app/features/lessons/lessons.ts",
      // Names of fonts.
      "app/shell/theme/theme.ts",
      // A page of prose with links.
      "app/shell/AboutText.tsx",
    ];
    const outside = FILES.filter(
      (file) =>
        /^app\/(features|shell|report)\//.test(file) &&
        !file.endsWith("/text.ts") &&
        !OWN_FILES.includes(file),
    ).flatMap((file) =>
      sentencesIn(readFileSync(join(SRC, file), "utf8")).map((text) => `${file}: ${text}`),
    );
    expect(outside).toEqual([]);
  });
});
