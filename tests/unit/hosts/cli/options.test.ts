import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import {
  type AskingOptions,
  CommandError,
  conditionOption,
  samplingOptions,
} from "../../../../src/hosts/cli/options.ts";

const config = { ...defaultConfig(), guidance: 2.5 };

/** What is asked of a network with classes, or without. */
function asked(options: AskingOptions, classes = 10) {
  const network = { ...config, classes };
  const { guidance } = samplingOptions({ guidance: options.guidance }, network);
  return conditionOption(options, 6, { ...network, guidance });
}

describe("how a command draws", () => {
  it("is as the network's settings say, with all that is given in their place", () => {
    expect(samplingOptions({}, config)).toMatchObject({
      seed: 0,
      sampler: { kind: "ddim", timesteps: 250, spacing: "even", eta: 0 },
    });
    const given = { sampler: "heun", steps: "4", spacing: "logSnr", seed: "7" };
    expect(samplingOptions(given, config)).toMatchObject({
      seed: 7,
      sampler: { kind: "heun", timesteps: 4, spacing: "logSnr" },
    });
  });

  it("is ancestral in all steps, and DDIM where that is asked for by name", () => {
    const all = { steps: "1000" };
    expect(samplingOptions(all, config).sampler).toEqual({ kind: "ancestral" });
    const ddim = samplingOptions({ ...all, sampler: "ddim", eta: "0.5" }, config).sampler;
    expect(ddim).toMatchObject({ kind: "ddim", timesteps: 1000, eta: 0.5 });
  });

  it.each([
    [
      { sampler: "none" },
      /^Expected --sampler ddim, dpmpp2m, heun, corrected, langevin, ancestral, got none\.$/,
    ],
    [{ spacing: "none" }, /^Expected --spacing even, .*, got none\.$/],
    [{ steps: "1001" }, /^Expected --steps 1 to 1,000, not 1001\.$/],
    [
      { steps: "0", seed: "x" },
      /^Expected --steps 1 to 1,000, not 0, and --seed 0 to .*, not x\.$/,
    ],
  ])("is refused as %o", (options, message) => {
    expect(() => samplingOptions(options, config)).toThrow(CommandError);
    expect(() => samplingOptions(options, config)).toThrow(message);
  });
});

describe("what a command asks of a network with classes", () => {
  it.each<[string, AskingOptions, number[], number]>([
    ["all classes in turn, with the guidance of its settings", {}, [0, 1, 2, 0, 1, 2], 2.5],
    ["another guidance", { guidance: "0.5" }, [0, 1, 2, 0, 1, 2], 0.5],
    ["one class", { class: "2" }, [2, 2, 2, 2, 2, 2], 2.5],
    ["the digits of a text in turn", { text: "2012" }, [2, 0, 1, 2, 2, 0], 2.5],
  ])("is %s", (_, options, labels, guidance) => {
    expect(asked(options, 3)).toEqual({ labels, guidance });
  });

  it("is nothing of one without", () => {
    expect(asked({}, 0)).toBeNull();
  });

  it.each<[string, AskingOptions, RegExp, number?]>([
    ["a class out of range", { class: "10" }, /number 0 to 9 for --class, got 10\./],
    ["letters", { text: "20b6" }, /digits from 0 to 9, such as 2026, got "20b6"\./],
    ["digits that the network has no class for", { text: "123" }, /digits from 0 to 2/, 3],
    ["an empty text", { text: "" }, /digits from 0 to 9/],
    ["a class and a text", { class: "1", text: "20" }, /--class or --text, got both/],
    ["too much guidance", { guidance: "9" }, /--guidance 0 to 8, not 9\./],
    ["guidance that is no number", { guidance: "" }, /--guidance 0 to 8, not empty/],
    ["a class of a network without", { class: "1" }, /for --class.*without labels.*classes=10/, 0],
    ["guidance of a network without", { guidance: "1" }, /for --guidance.*without labels/, 0],
  ])("is refused for %s", (_, options, message, classes = 10) => {
    expect(() => asked(options, classes)).toThrow(CommandError);
    expect(() => asked(options, classes)).toThrow(message);
  });
});
