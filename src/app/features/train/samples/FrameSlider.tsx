import { Group, Slider } from "@mantine/core";
import { useMemo, useState } from "react";
import { createStore } from "zustand/vanilla";
import { frameStride } from "../../../../engine/config/sampling.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { PlayButton } from "../../../shared/playback/PlayButton.tsx";
import { NOT_PLAYING, usePlayback } from "../../../shared/playback/usePlayback.ts";
import { numSteps, numStepsDone } from "../../../state/slices/generation.ts";
import {
  type SamplesState,
  showFrame,
  shownFrame,
  shownGeneration,
} from "../../../state/slices/samples.ts";

const REPLAY_MS = 4000;

/** Goes back through the denoising steps; at its end it follows what is being computed. */
export default function FrameSlider({ samples }: { samples: SamplesState }) {
  const { store } = useApp();
  const [playback] = useState(() => createStore(() => NOT_PLAYING));
  const generation = shownGeneration(samples);
  const timesteps = generation ? numSteps(generation) : 1;
  // Not throttled as `samples` are: a held arrow key counts on from it.
  const index = useAppState((state) => indexOf(state.samples));
  const player = useMemo(
    () => ({
      film() {
        // The film plays as far as it is computed, and stops as soon as it is there.
        const shown = shownGeneration(store.getState().samples);
        const newest = shown ? numStepsDone(shown) : 0;
        const durationMs = (at: number) => (at < newest ? REPLAY_MS / timesteps : 0);
        return { length: newest + 1, durationMs };
      },
      shown: () => indexOf(store.getState().samples),
      show: (next: number) =>
        store.setState((state) => ({ samples: showFrame(state.samples, next) })),
    }),
    [timesteps, store],
  );
  usePlayback(playback, player);
  const isEmpty = generation === null || generation.frames.length < 2;
  return (
    <Group gap="xs" wrap="nowrap" flex="1 1 220px">
      <PlayButton
        playback={playback}
        size="md"
        names={{ play: "Replay the denoising", pause: "Stop the replay" }}
        disabled={isEmpty}
      />
      <Slider
        flex={1}
        max={timesteps}
        // A key goes to the next frame that is kept.
        step={frameStride(timesteps, generation?.count ?? 1)}
        value={index}
        disabled={isEmpty}
        thumbLabel="Denoising step"
        thumbValueText={`step ${index} of ${timesteps}`}
        onChange={(next) => {
          playback.setState({ isPlaying: false });
          player.show(next);
        }}
      />
    </Group>
  );
}

function indexOf(samples: SamplesState): number {
  return samples.frameIndex ?? shownFrame(samples)?.index ?? 0;
}
