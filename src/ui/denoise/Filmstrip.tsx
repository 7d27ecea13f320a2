import { Button } from "@mantine/core";
import { useMemo } from "react";
import { digitOf, evenlyChosen, pixelsOf } from "../../store/denoiseFrames.ts";
import { shownFrame, stops, withStop } from "../../store/denoiseScrubber.ts";
import type { Side } from "../../store/denoiseSettings.ts";
import { useDenoise, useDenoiseState } from "./DenoiseContext.ts";
import { COLUMNS, Strip } from "./Strip.tsx";
import { saveDigitsPng } from "./savePng.ts";

const NUM_FRAMES = 2 * COLUMNS;

/** Some of the picked digit's steps, evenly chosen; a click moves the scrubber there. */
export function Filmstrip({ side, isNamed }: { side: Side; isNamed: boolean }) {
  const { store } = useDenoise();
  const generation = useDenoiseState((state) => state.generations[side]);
  const picked = useDenoiseState((state) => state.picked);
  const shown = useDenoiseState((state) => state.shown);
  const frames = generation?.frames;
  const chosen = useMemo(() => evenlyChosen(frames ?? [], NUM_FRAMES), [frames]);
  const pixels = useMemo(
    () => Uint8Array.from(chosen.flatMap((f) => [...digitOf(pixelsOf(f, shown), picked)])),
    [chosen, shown, picked],
  );
  const here = useDenoiseState((state) => {
    const index = shownFrame(state, side)?.index ?? 0;
    return chosen.findLastIndex((frame) => frame.index <= index);
  });
  if (!generation) return null;
  const name = isNamed ? `${side.toUpperCase()}: its steps` : "Its steps";
  return (
    <Strip
      title={name}
      label={`Digit ${picked + 1} at ${chosen.length} of its steps, from noise to the end`}
      pixels={pixels}
      here={here}
      onPick={(place) => {
        const frame = chosen[place];
        if (!frame) return;
        store.setState((state) => ({
          ...withStop(state, stops(state).indexOf(generation.times[frame.index] as number)),
          isPlaying: false,
        }));
      }}
    >
      <Button
        size="compact-xs"
        variant="default"
        disabled={chosen.length === 0}
        aria-label={`${isNamed ? `${side.toUpperCase()}: ` : ""}PNG of the filmstrip`}
        onClick={() =>
          saveDigitsPng({
            pixels,
            columns: COLUMNS,
            fileName: `digit-${picked + 1}-${side}-steps.png`,
          })
        }
      >
        PNG
      </Button>
    </Strip>
  );
}
