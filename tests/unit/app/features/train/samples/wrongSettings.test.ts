import { createElement } from "react";
import { expect, it, vi } from "vitest";
import { SamplePanel } from "../../../../../../src/app/features/train/samples/SamplePanel.tsx";
import NoisyDigits from "../../../../../../src/app/shared/explain/NoisyDigits.tsx";
import { HYPERPARAMETERS } from "../../../../../../src/engine/config/hyperparameters.ts";
import { parseValue } from "../../../../../../src/engine/config/url.ts";
import { htmlOf } from "../../../htmlOf.ts";

it("the digits and their form are shown while every setting is wrong, as after a letter is typed", () => {
  vi.stubGlobal("window", { devicePixelRatio: 1, location: { pathname: "/", hash: "" } });
  const names = Object.keys(HYPERPARAMETERS) as (keyof typeof HYPERPARAMETERS)[];
  const config = Object.fromEntries(names.map((name) => [name, parseValue(name, "x")])) as never;
  for (const part of [SamplePanel, NoisyDigits]) {
    expect(htmlOf(createElement(part), { config })).not.toContain("NaN");
  }
  vi.unstubAllGlobals();
});
