import { describe, expect, it } from "vitest";
import { VIEWS, viewFromQuery, withView } from "../../../../../src/app/state/slices/view.ts";

describe("the view in the address", () => {
  it("is training unless one is named that there is", () => {
    expect(viewFromQuery(new URLSearchParams(""))).toBe("train");
    expect(viewFromQuery(new URLSearchParams("view=toString"))).toBe("train");
  });

  it.each(VIEWS)("comes back as %s, beside the settings", (view) => {
    const query = withView(new URLSearchParams("preset=tiny&view=model"), view);
    expect(viewFromQuery(query)).toBe(view);
    expect(query.get("preset")).toBe("tiny");
  });
});
