import { describe, expect, it } from "vitest";
import { presetConfig } from "../../../src/config/presets.ts";
import { configFromQuery } from "../../../src/config/url.ts";
import { backendFromQuery, withSettings } from "../../../src/store/address.ts";

describe("the page's address", () => {
  it("chooses the backend by itself unless one is named", () => {
    expect(backendFromQuery(new URLSearchParams(""))).toBe("auto");
    expect(backendFromQuery(new URLSearchParams("backend=cuda"))).toBe("auto");
    expect(backendFromQuery(new URLSearchParams("backend=wasm"))).toBe("wasm");
  });

  it("gets the settings back as they were written", () => {
    const config = { ...presetConfig("tiny"), epochs: 7, dimMults: [1, 2, 4] };
    const query = withSettings(new URLSearchParams(""), "tiny", config);
    expect(configFromQuery(query)).toEqual({ preset: "tiny", config });
  });

  it("keeps what is no setting, and drops settings that are as in the preset again", () => {
    const before = new URLSearchParams("backend=wasm&preset=tiny&epochs=7");
    const after = withSettings(before, "quick", presetConfig("quick"));
    expect(after.toString()).toBe("backend=wasm&preset=quick");
  });
});
