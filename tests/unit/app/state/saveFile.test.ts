import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks for one download at once, and for the next ones after a gap each", async () => {
  vi.useFakeTimers();
  // It remembers the last download, also one of another test.
  vi.resetModules();
  const { saveFile } = await import("../../../../src/app/state/saveFile.ts");
  const begun: { name: string; atMs: number }[] = [];
  const startMs = performance.now();
  vi.stubGlobal("document", {
    createElement: () => ({
      download: "",
      click() {
        begun.push({ name: this.download, atMs: performance.now() - startMs });
      },
    }),
  });
  const save = (fileName: string) => saveFile({ fileName, bytes: new Uint8Array(1) });
  for (const name of ["model.json", "model.weights.bin", "steps.csv"]) save(name);
  expect(begun).toEqual([{ name: "model.json", atMs: 0 }]);
  vi.advanceTimersByTime(10_000);
  expect(begun.map(({ name }) => name)).toEqual(["model.json", "model.weights.bin", "steps.csv"]);
  for (const [i, { atMs }] of begun.entries()) {
    expect(atMs - (begun[i - 1]?.atMs ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(100);
  }
  save("later.png");
  expect(begun).toHaveLength(4);
});
