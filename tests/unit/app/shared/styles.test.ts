import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../../../../src/", import.meta.url));
const FILES = new Map(
  readdirSync(SRC, { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(css|tsx?)$/.test(path))
    .map((path) => [join(SRC, path), readFileSync(join(SRC, path), "utf8")]),
);

describe("style sheets", () => {
  it("have no class that no component uses, and components use none that is not there", () => {
    const used = new Map<string, Set<string>>();
    for (const [path, script] of FILES) {
      for (const [, name, from = ""] of script.matchAll(/^import (\w+) from "(.+\.css)"/gm)) {
        const sheet = join(dirname(path), from);
        const names = script.matchAll(new RegExp(`\\b${name}(?:\\.(\\w+)|\\["(\\w+)"\\])`, "g"));
        const before = used.get(sheet) ?? [];
        used.set(
          sheet,
          new Set([...before, ...[...names].map(([, dotted, quoted]) => dotted ?? quoted ?? "")]),
        );
      }
    }
    const wrong: string[] = [];
    for (const [path, css] of FILES) {
      if (!path.endsWith(".module.css")) continue;
      const selectors = css.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/\{[^{}]*\}/g, "{}");
      const defined = new Set(selectors.match(/(?<=\.)[a-z]\w*/gi));
      const names = used.get(path) ?? new Set();
      const inOne = [...defined, ...names].filter(
        (name) => !(defined.has(name) && names.has(name)),
      );
      wrong.push(...inOne.map((name) => `${path}: ${name}`));
    }
    expect(wrong).toEqual([]);
  });

  it("use the colors that are defined, and all of them", () => {
    const colors = FILES.get(join(SRC, "app/shell/theme/colors.css")) ?? "";
    const defined = new Set(colors.match(/--[\w-]+(?=:)/g));
    const all = [...FILES.values()].join("\n");
    // What a component sets itself stands in its own file, or in the style sheet.
    const set = new Set(all.match(/--[\w-]+(?="?\]?:)/g));
    const used = new Set(all.match(/(?<=var\()--(?!mantine-)[\w-]+(?=[,)])/g));
    expect([...used].filter((name) => !set.has(name))).toEqual([]);
    // Mantine's own are set for its components, those of runs are used by their number.
    const named = [...defined].filter((name) => !/^--(mantine-|run-)/.test(name));
    expect(named.filter((name) => !used.has(name))).toEqual([]);
  });
});
