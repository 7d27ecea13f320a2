import { describe, expect, it } from "vitest";
import { unknownInAddress } from "../../../../src/app/state/unknownInAddress.ts";

const unknown = (query: string) => unknownInAddress(new URLSearchParams(query));

describe("what an address says", () => {
  it("is known where the page writes it, and where it is no affair of the page's", () => {
    const query =
      "preset=tiny&view=charts&backend=wasm&model=pretrained-quick.safetensors&dimMults=1,2&utm_source=x&fbclid=y" +
      "&run=a&runs=a,b&step=3&network=a@1&networkB=a@2&film=both&denoising=3&sample=7&block=mid&figure=gradNorm" +
      "&write=42&digit=1&measure=a@1&measureCount=100&measureSeed=1&corners=1,2,3,4&noise=3&smoothing=0&zoom=1-5" +
      "&start=drawing&ask=between&sampler=ancestral&samplerB=heun&spacing=logSnr&weights=raw&x=time&yScale=log";
    expect(unknown(query)).toEqual({ message: null, ignored: [] });
    expect(unknown("")).toEqual({ message: null, ignored: [] });
  });

  it.each([
    ["preset=nope", /^preset=nope \(expected: one of quick, medium, .*tiny\)\. It was ignored\.$/],
    ["preset=toString", /^preset=toString \(expected: one of/],
    ["view=xyz", /^view=xyz \(expected: one of train, model, denoise, /],
    ["backend=cuda", /^backend=cuda \(expected: one of auto, webgpu, wasm\)\./],
    ["model=gone.safetensors", /^model=gone.safetensors \(expected: one of pretrained-quick\./],
    [
      "start=foo",
      /^start=foo \(expected: one of noise, pair, digit, drawing, own, plane, fill, invert, arc, readings\)\./,
    ],
    ["ask=foo", /^ask=foo \(expected: one of any, class, rows, text, between, none\)\./],
    ["samplerB=foo", /^samplerB=foo \(expected: one of ddim, /],
    ["level=7", /^level=7 \(expected: 0 to 1\)\./],
    ["zoom=x", /^zoom=x \(expected: a part of the x axis, 100-500\)\./],
    ["xScale=foo", /^xScale=foo \(expected: one of linear, log\)\./],
  ])("is told and ignored as %s", (query, words) => {
    const [key] = query.split("=");
    expect(unknown(query)).toEqual({ message: expect.stringMatching(words), ignored: [key] });
  });

  it("is told where only a later version may know it, and stays in the address", () => {
    const { message, ignored } = unknown("dropPath=0.1&epochs=3&__proto__=1&dropPath=0.2");
    expect(message).toMatch(/does not know “dropPath”, “__proto__”, and ignores them\./);
    expect(ignored).toEqual([]);
  });

  it("is told in one message", () => {
    const { message, ignored } = unknown("view=xyz&seed=x&backend=cuda");
    expect(message).toMatch(
      /^view=xyz .*; backend=cuda .*\. They were ignored\. seed=x .*\. Correct/,
    );
    expect(ignored).toEqual(["view", "backend"]);
  });

  it.each([
    [
      "batchSize=abc",
      "batchSize=abc (expected: a whole number, 1 to 1,024). Correct the settings in the form.",
    ],
    [
      "epochs=-1",
      "epochs=-1 (expected: a whole number, 1 to 10,000). Correct the settings in the form.",
    ],
    [
      "objective=x",
      expect.stringMatching(/^objective=x \(expected: one of [^;]*(?<!, not x)\)\. Correct/),
    ],
    // As the form's list has them, in which it is corrected.
    [
      "samplerKind=lion",
      expect.stringContaining(
        "(expected: one of DDIM, DPM-Solver++(2M), Heun, DDIM with correction, annealed Langevin)",
      ),
    ],
    [
      "samplerKind=lion&objective=flow",
      expect.stringContaining("(expected: one of Euler (DDIM), DPM-Solver++(2M), Heun)"),
    ],
  ])("is told as %s, and stays at its field", (query, words) => {
    expect(unknown(query)).toEqual({ message: words, ignored: [] });
  });
});
