import { describe, expect, it } from "vitest";
import {
  digitsFileName,
  fractionDone,
  isComing,
  sampleCaption,
} from "../../../../../../src/app/features/train/samples/captions.ts";
import {
  NO_SAMPLES,
  type PanelGeneration,
  type SamplesState,
} from "../../../../../../src/app/state/slices/samples.ts";

const preview: PanelGeneration = {
  sampleId: "p1",
  origin: "preview",
  start: "noise",
  count: 32,
  times: Array.from({ length: 21 }, (_, i) => 19 - i),
  trainedSteps: 1200,
  fileName: null,
  askedFor: null,
  drawnBy: null,
  frames: [{ index: 12, pixels: new Uint8Array(), x0: null }],
  status: "sampling",
  elapsedMs: null,
};

const done: PanelGeneration = {
  ...preview,
  sampleId: "s1",
  origin: "person",
  drawnBy: { sampler: { kind: "ddim", timesteps: 20, eta: 0 }, objective: "v" },
  frames: [
    { index: 0, pixels: new Uint8Array(), x0: null },
    { index: 20, pixels: new Uint8Array(), x0: null },
  ],
  status: "done",
  elapsedMs: 5760,
};

function caption(changes: Partial<SamplesState>): string {
  return sampleCaption({ ...NO_SAMPLES, ...changes }, { fileName: null, noun: "digit" });
}

describe("sampleCaption", () => {
  it("says what will happen before there are digits", () => {
    expect(caption({})).toMatch(/^Pure noise\. While it trains/);
    expect(sampleCaption(NO_SAMPLES, { fileName: "a.safetensors", noun: "digit" })).toContain(
      "a.safetensors",
    );
  });

  it("calls images what their set calls them", () => {
    const ofImages = (samples: SamplesState) =>
      sampleCaption(samples, { fileName: null, noun: "image" });
    const generations = [done];
    expect(ofImages({ ...NO_SAMPLES, generations, view: "person" })).toMatch(
      /^32 images after .*: 0\.18 s per image$/,
    );
    expect(ofImages(NO_SAMPLES)).toContain("into images again");
    expect(digitsFileName(done, 20, "image")).toBe("images-1200-training-steps.png");
  });

  it("names what the digits were drawn with", () => {
    const ofFile: PanelGeneration = { ...done, fileName: "a.safetensors" };
    expect(caption({ generations: [ofFile], view: "person" })).toMatch(
      /^32 digits by a.safetensors, 20 steps of DDIM: /,
    );
  });

  it("says no more than the training steps of a number that is written again and again", () => {
    const number: PanelGeneration = {
      ...done,
      askedFor: { words: "“42”", rows: null, columns: 2 },
    };
    const shown = { generations: [number], view: "person" } as const;
    expect(caption({ ...shown, isAgain: true })).toBe("“42” after 1,200 training steps");
    expect(caption(shown)).toMatch(/^“42” after 1,200 training steps, 20 steps of DDIM: /);
  });

  it("says when the digits come to who wants little motion", () => {
    const coming: PanelGeneration = { ...done, status: "sampling" };
    expect(caption({ generations: [coming], view: "person", isStill: true })).toBe(
      "32 digits after 1,200 training steps, shown when they are finished",
    );
  });

  it("says which step of which preview one sees", () => {
    expect(caption({ generations: [preview] })).toBe(
      "Preview after 1,200 training steps, denoising step 12 of 20",
    );
  });

  it("gives the time a digit took at the end of one's own sample", () => {
    const samples = { generations: [done], view: "person" } as const;
    expect(caption(samples)).toBe(
      "32 digits after 1,200 training steps, 20 steps of DDIM: 0.18 s per digit",
    );
    expect(caption({ ...samples, frameIndex: 3, heldId: "s1" })).toContain(
      "denoising step 0 of 20",
    );
  });

  it("names the sampler, its spacing and its passes", () => {
    const sampler = { kind: "heun", timesteps: 20, spacing: "logSnr" } as const;
    const heun: PanelGeneration = { ...done, drawnBy: { sampler, objective: "v" } };
    expect(caption({ generations: [heun], view: "person" })).toMatch(
      /, 20 steps of Heun even in log-SNR, 38 predictions: 0\.18/,
    );
    const euler: PanelGeneration = {
      ...done,
      drawnBy: { sampler: { kind: "ddim" }, objective: "flow" },
    };
    expect(caption({ generations: [euler], view: "person" })).toContain("Euler (DDIM)");
  });

  it("says where it ended early", () => {
    for (const status of ["cancelled", "failed"] as const) {
      const ended: PanelGeneration = { ...preview, status };
      expect(caption({ generations: [ended] })).toMatch(`${status} at step 12 of 20`);
    }
  });

  it("does not call an untrained network trained", () => {
    const untrained = { ...preview, trainedSteps: 0 };
    expect(caption({ generations: [untrained] })).toMatch(/^Preview from the untrained network/);
  });

  it("names the file that was sampled, and no number of steps that nobody knows", () => {
    const loaded = { ...done, fileName: "digits.safetensors" };
    const ofFile = { generations: [loaded], view: "person" } as const;
    expect(caption(ofFile)).toMatch(/^32 digits by digits.safetensors, 20 steps of/);
    const fileName = "pretrained-medium.safetensors";
    expect(caption({ ...ofFile, generations: [{ ...done, fileName }] })).toContain("by Medium (");
    const further = { ...preview, trainedSteps: null };
    expect(caption({ generations: [further] })).toMatch(/^Preview after further training, /);
  });

  it("is of a picture whose file says which step it is of, unless that is the last", () => {
    expect(digitsFileName(done, 20, "digit")).toBe("digits-1200-training-steps.png");
    expect(digitsFileName(done, 3, "digit")).toBe("digits-1200-training-steps-step-3.png");
  });

  it("tells that a newer preview has come while one holds an older", () => {
    const newer = { ...preview, sampleId: "p2" };
    const samples = { generations: [preview, newer], heldId: "p1", frameIndex: 5 };
    expect(caption(samples)).toContain("a newer one is there");
  });
});

describe("the time that the digits on the screen still take", () => {
  const coming: SamplesState = { ...NO_SAMPLES, generations: [preview] };

  it("follows their newest frame", () => {
    expect([isComing(coming), fractionDone(coming)]).toEqual([true, 0.6]);
    const begun: PanelGeneration = { ...preview, frames: [] };
    expect(fractionDone({ ...coming, generations: [begun] })).toBe(0);
  });

  it("is nothing to tell of what is done, of an earlier frame, and of noise", () => {
    expect(isComing({ ...NO_SAMPLES, generations: [done], view: "person" })).toBe(false);
    expect(isComing({ ...coming, frameIndex: 5, heldId: "p1" })).toBe(false);
    expect([isComing(NO_SAMPLES), fractionDone(NO_SAMPLES)]).toEqual([false, 0]);
  });
});
