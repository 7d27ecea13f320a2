import { describe, expect, it } from "vitest";
import { keyMove } from "../../../../../../src/app/features/results/evolution/EvolutionView.tsx";

describe("the keys", () => {
  const shown = { index: 20, frame: 5, axis: 11, snapshots: [...Array(110)] };

  it("go through training to the sides and through denoising up and down", () => {
    const moves = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) =>
      keyMove(key, shown, false),
    );
    expect(moves).toEqual([{ index: 19 }, { index: 21 }, { frame: 4 }, { frame: 6 }]);
  });

  it("go to the ends of the axis that has the focus, training without one", () => {
    const ends = (isDenoising: boolean) =>
      ["Home", "End"].map((key) => keyMove(key, shown, isDenoising));
    expect(ends(false)).toEqual([{ index: 0 }, { index: 109 }]);
    expect(ends(true)).toEqual([{ frame: 0 }, { frame: 10 }]);
  });

  it("are no others", () => {
    expect(keyMove("a", shown, false)).toBeNull();
  });
});
