import { ActionIcon, Group, Slider } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { PauseIcon, PlayIcon } from "../../shared/icons.tsx";
import { usePlayback } from "../../shared/images/usePlayback.ts";
import {
  frameStride,
  type SamplesState,
  showFrame,
  shownFrame,
  shownGeneration,
} from "../../state/slices/samples.ts";

const REPLAY_MS = 4000;

/** Goes back through the denoising steps; at its end it follows what is being computed. */
export function FrameSlider({ samples }: { samples: SamplesState }) {
  const { store } = useApp();
  const [isPlaying, setIsPlaying] = useState(false);
  const generation = shownGeneration(samples);
  const timesteps = generation?.timesteps ?? 1;
  // Not throttled as `samples` are: a held arrow key counts on from it.
  const askedIndex = useAppState((state) => state.samples.frameIndex);
  const index = askedIndex ?? shownFrame(samples)?.index ?? 0;

  // Its view is only hidden while another is shown: back there, nothing may play by itself.
  useEffect(() => () => setIsPlaying(false), []);
  const player = useMemo(() => {
    const shown = () => {
      const { samples: current } = store.getState();
      return current.frameIndex ?? shownFrame(current)?.index ?? 0;
    };
    return {
      film() {
        // As far as it is computed; it stops as soon as it is there.
        const newest = shownGeneration(store.getState().samples)?.frames.at(-1)?.index ?? 0;
        const durationMs = (index: number) => (index < newest ? REPLAY_MS / timesteps : 0);
        return { length: newest + 1, durationMs };
      },
      first: shown,
      shown,
      show: (next: number) =>
        store.setState((state) => ({ samples: showFrame(state.samples, next) })),
      stop: () => setIsPlaying(false),
    };
  }, [timesteps, store]);
  usePlayback(isPlaying, false, player);

  const play = () => {
    if (!isPlaying && samples.frameIndex === null) player.show(0);
    setIsPlaying(!isPlaying);
  };
  const canReplay = generation !== null && generation.frames.length > 1;
  return (
    <Group gap="xs" wrap="nowrap">
      <ActionIcon
        variant="default"
        size="md"
        aria-label={isPlaying ? "Stop the replay" : "Replay the denoising"}
        disabled={!canReplay}
        onClick={play}
      >
        {isPlaying ? <PauseIcon /> : <PlayIcon />}
      </ActionIcon>
      <Slider
        flex={1}
        min={0}
        max={timesteps}
        // A key goes to the next frame that is kept.
        step={frameStride(timesteps, generation?.count ?? 1)}
        value={index}
        disabled={!canReplay}
        label={null}
        thumbLabel="Denoising step"
        thumbValueText={`step ${index} of ${timesteps}`}
        onChange={(next) => {
          setIsPlaying(false);
          player.show(next);
        }}
      />
    </Group>
  );
}
