import { describe, expect, it } from "vitest";
import { defaultConfig } from "../../../../src/engine/config/hyperparameters.ts";
import {
  type AskingOptions,
  CommandError,
  conditionOption,
} from "../../../../src/hosts/cli/options.ts";

/** Of a network with classes, or without. */
const asked = (options: AskingOptions, classes = 10) =>
  conditionOption(options, 6, { ...defaultConfig(), classes, guidance: 2.5 });

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
    ["too much guidance", { guidance: "9" }, /from 0 to 8 for --guidance, got 9\./],
    ["guidance that is no number", { guidance: "" }, /from 0 to 8 for --guidance/],
    ["a class of a network without", { class: "1" }, /for --class.*without labels.*classes=10/, 0],
    ["guidance of a network without", { guidance: "1" }, /for --guidance.*without labels/, 0],
  ])("is refused for %s", (_, options, message, classes = 10) => {
    expect(() => asked(options, classes)).toThrow(CommandError);
    expect(() => asked(options, classes)).toThrow(message);
  });
});
