import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const UI = fileURLToPath(new URL("../../../../src/app/", import.meta.url));

/** Declarations of a style sheet that have to do with anchors, and the rules around each. */
function anchored(css: string): { declaration: string; around: string[] }[] {
  const found: { declaration: string; around: string[] }[] = [];
  const around: string[] = [];
  const plain = css.replaceAll(/\/\*[\s\S]*?\*\//g, "");
  for (const [, head, declaration] of plain.matchAll(/([^{};]*)\{|([^{};]+);|\}/g)) {
    if (head !== undefined) around.push(head.trim());
    else if (declaration === undefined) around.pop();
    else if (/position-(area|anchor|try)|anchor(-size)?\(/.test(declaration)) {
      found.push({ declaration: declaration.trim(), around: [...around] });
    }
  }
  return found;
}

it("places nothing by CSS anchors but where the browser has them", () => {
  const sheets = readdirSync(UI, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".css"))
    .map((name) => ({ name, places: anchored(readFileSync(`${UI}${name}`, "utf8")) }));
  expect(sheets.flatMap(({ places }) => places).length).toBeGreaterThan(0);
  const unasked = sheets.flatMap(({ name, places }) =>
    places
      .filter(({ around }) => !around.some((rule) => rule.startsWith("@supports (position-area:")))
      .map(({ declaration }) => `${name}: ${declaration}`),
  );
  expect(unasked).toEqual([]);
});
