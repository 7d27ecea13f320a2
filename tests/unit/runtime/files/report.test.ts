import { beforeAll, describe, expect, it } from "vitest";
import { FormatError } from "../../../../src/engine/formats/formatError.ts";
import { initialValues } from "../../../../src/engine/nn/parameters.ts";
import { createUnet } from "../../../../src/engine/nn/unet.ts";
import { encodeCheckpoint } from "../../../../src/runtime/files/checkpointFile.ts";
import { readReport } from "../../../../src/runtime/files/readReport.ts";
import { runAsReport } from "../../../../src/runtime/files/report.ts";
import type { ReportChoices } from "../../../../src/runtime/files/reportChoices.ts";
import { decodeWeights } from "../../../../src/runtime/files/weightsFile.ts";
import type { Snapshot, WholeRun } from "../../../../src/runtime/storage/records.ts";
import { madeEvaluation } from "../../app/features/results/quality/madeEvaluation.ts";
import { epochReport } from "../storage/storedRun.ts";
import { CONFIG, wholeRun } from "./wholeRun.ts";

const TEMPLATE = `<meta content="{{description}}"><title>{{title}}</title><!-- run --><script>1</script>`;

const { parameters } = createUnet(CONFIG);
const [best, newest] = [8, 9].map((seed) => initialValues(parameters, seed)) as [
  Float32Array,
  Float32Array,
];
let contents: WholeRun;

beforeAll(() => {
  const checkpoint = (step: number, ema: Float32Array) =>
    encodeCheckpoint(CONFIG, {
      step,
      numEpochs: step > 1 ? 1 : 0,
      lossSum: 0,
      values: best,
      ema,
      optimizerState: { mean: best, square: best },
    });
  contents = wholeRun(checkpoint(1, best), checkpoint(3, newest));
});

/** The page, and what it has in it. */
async function made(changes: Partial<WholeRun> = {}, choices: ReportChoices = {}) {
  const files = await runAsReport({ ...contents, ...changes }, "My run 1", {
    template: TEMPLATE,
    ...choices,
  });
  const html = new TextDecoder().decode(files[0]?.bytes);
  const report = await readReport((part) => {
    const [, text] = new RegExp(`<script [^>]*id="${part}">(.*?)</script>`, "s").exec(html) ?? [];
    return text as string;
  });
  return { fileNames: files.map(({ fileName }) => fileName), html, report };
}

const { figures, real, frechetFloor } = madeEvaluation("made", [3, 1, 4, 1]).result;
/** Of images of one's own, in a file with a name that would end an element. */
const MEASURED = {
  words: "4 samples in 5 steps of DDIM",
  figures,
  real,
  frechetFloor,
  dataset: { id: "files", name: "</script>.zip" },
};

describe("a run as a web page", () => {
  it("has the run as the app opens it, with its losses to five digits", async () => {
    const { fileNames, report } = await made();
    expect(fileNames).toEqual(["my-run-1.html"]);
    const { record, history } = contents;
    const { runId, name, config, stepsPerEpoch, numParameters, step } = record;
    expect(report.run).toMatchObject({ runId, name, config, stepsPerEpoch, numParameters, step });
    expect(report.run.status).toBe("stopped");
    expect(report.run.steps.map((each) => each.step)).toEqual([1, 2, 3]);
    report.run.steps.forEach(({ loss, wallTimeMs }, i) => {
      const exact = history.steps[i];
      expect(loss).toBe(Number(exact?.loss.toPrecision(5)));
      expect(wallTimeMs).toBe(exact?.wallTimeMs);
    });
    // JSON would have null.
    expect(report.run.epochs[0]?.validationLoss).toBeNaN();
  });

  it("has title and text as they were typed, and neither ends an element", async () => {
    const [title, text] = [
      "</title></script><b>$& {{title}}",
      'One\n\n</script> & "two" <!-- run -->',
    ];
    const { html, report } = await made({}, { title, text });
    expect(report).toMatchObject({ title, text });
    expect(html).toContain("<title>&lt;/title&gt;&lt;/script&gt;&lt;b&gt;$&amp; {{title}}</title>");
    expect(html).toContain("&lt;/script&gt; &amp; &quot;two&quot;");
    expect(html.match(/<\/script>/g)).toHaveLength(5);
    expect((await made({}, { title: "  " })).report.title).toBe(contents.record.name);
  });

  it("has previews within half a gray level, of the digits finer ones", async () => {
    const { report } = await made();
    expect(report.numPreviews).toBe(2);
    report.snapshots.forEach(({ pixels, ...rest }, i) => {
      const { pixels: exact, ...of } = contents.snapshots[i] as Snapshot;
      expect(rest).toEqual(of);
      const errors = pixels.map((value, at) => Math.abs(value - (exact[at] as number)));
      const ofDigits = errors.slice(-7840);
      expect(Math.max(...errors)).toBeLessThanOrEqual(9);
      expect(Math.max(...ofDigits)).toBeLessThanOrEqual(5);
    });
  });

  it("has fewer previews where all would be too large, the first, the last and those after epochs among them", async () => {
    // Noise that does not compress, from one to the next neither.
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state % 256;
    };
    const snapshots = Array.from({ length: 12 }, (_, i) => ({
      step: 100 * i,
      wallTimeMs: 1e12 + i,
      count: 50,
      numFrames: 6,
      pixels: Uint8Array.from({ length: 6 * 50 * 784 }, random),
    }));
    const history = { steps: [], epochs: [epochReport(1, 300, 1), epochReport(2, 800, 1)] };
    const { html, report } = await made({ snapshots, history });
    const steps = report.snapshots.map(({ step }) => step);
    expect(report.numPreviews).toBe(12);
    expect(steps.length).toBeLessThan(12);
    expect(steps.length).toBeGreaterThan(4);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps).toEqual(expect.arrayContaining([0, 300, 800, 1100]));
    expect(html.length).toBeLessThan(1.8e6);
  });

  it("of a run without previews has none", async () => {
    const { report } = await made({ snapshots: [] });
    expect(report).toMatchObject({ snapshots: [], numPreviews: 0 });
  });

  it("has the moving average in half precision, unless the weights are left out", async () => {
    const { report } = await made();
    const { values } = decodeWeights(report.weights ?? new Uint8Array());
    values.forEach((value, i) => {
      const exact = newest[i] as number;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(2 ** -11 * Math.abs(exact) + 2 ** -24);
    });
    const without = await made({}, { hasWeights: false });
    expect(without.report).toMatchObject({ weights: null, weightsProblem: null });
  });

  it("of a run that stopped early has the weights of its best epoch", async () => {
    const record = { ...contents.record, isFinished: true, hasStoppedEarly: true };
    const { report } = await made({ record });
    expect(report.run.status).toBe("stoppedEarly");
    const { values } = decodeWeights(report.weights ?? new Uint8Array());
    expect(values[0]).toBeCloseTo(best[0] as number, 3);
  });

  it("has what was measured of its samples, whatever the images are called", async () => {
    const { html, report } = await made({}, { measured: MEASURED });
    expect(report.measured).toEqual(MEASURED);
    expect(html.match(/<\/script>/g)).toHaveLength(5);
    expect((await made()).report.measured).toBeNull();
  });

  it.each([
    { words: 1 },
    { figures: null },
    { figures: { ...figures, frechetDistance: Number.NaN } },
    { figures: { ...figures, nearest: undefined } },
    { figures: { ...figures, classCounts: [4] } },
    { real: { ...real, meanConfidence: "high" } },
    { frechetFloor: undefined },
    { dataset: null },
  ])("shows no measurement that is not whole: %o", async (changes) => {
    const measured = { ...MEASURED, ...changes } as unknown as typeof MEASURED;
    expect((await made({}, { measured })).report.measured).toBeNull();
  });

  it("says why it has no weights of a network that cannot draw there", async () => {
    const config = { ...CONFIG, attnDimHead: 6 };
    const record = { ...contents.record, config };
    const { report } = await made({ record });
    expect(report.weights).toBeNull();
    expect(report.weightsProblem).toMatch(/multiple of 4 channels, got 6/);
  });

  it("is refused where it is too large, with what makes it large and what to leave out", async () => {
    const template = `${TEMPLATE}${" ".repeat(20e6)}`;
    const large = (choices: ReportChoices) =>
      runAsReport(contents, "My run 1", { template, ...choices });
    await expect(large({})).rejects.toThrow(FormatError);
    await expect(large({})).rejects.toThrow(
      /at most 20.0 MB, got \d+.* the weights take .* the previews .* the history .*without the weights/,
    );
    await expect(large({ hasWeights: false })).rejects.toThrow(/Export the whole run instead/);
  });
});
