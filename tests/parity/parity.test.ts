import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { compareFile, isWithinBound } from "./compare.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/reference/", import.meta.url));
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".safetensors"));

beforeAll(async () => {
  await tf.setBackend("wasm");
});

describe("every quantity of the original is ours too, on WebAssembly", () => {
  it.each(FILES)("%s", async (file) => {
    const bytes = readFileSync(`${FOLDER}${file}`);
    const comparisons = await compareFile(file.replace(/\.safetensors$/, ""), bytes);
    expect(comparisons.length).toBeGreaterThan(12);
    expect(comparisons.filter((comparison) => !isWithinBound(comparison))).toEqual([]);
  });
});
