import { Group, SegmentedControl, Slider, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { FittedImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { SaveDigits } from "../../../shared/images/SaveDigits.tsx";
import { isFromOtherNetwork } from "../../../shared/network/chosenNetwork.ts";
import { sourceName } from "../../../shared/network/weightsText.ts";
import { PlayButton } from "../../../shared/playback/PlayButton.tsx";
import { PlaybackOptions } from "../../../shared/playback/PlaybackOptions.tsx";
import { numSteps } from "../../../state/slices/generation.ts";
import {
  currentStop,
  type DenoiseState,
  movedTo,
  shownFrame,
  shownGenerations,
  stops,
} from "../state/denoise.ts";
import { pixelsOf, type Shown } from "../state/denoiseFrames.ts";
import { type Side, shownSides } from "../state/denoiseSettings.ts";
import { formatStep, generationWords, SHOWN_HELP, sideWords, wordsBefore } from "../text.ts";
import { useShownPixels } from "../useBeginning.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { PlanePointer } from "./PlanePointer.tsx";
import classes from "./Stage.module.css";

const SHOWN: { value: Shown; label: string }[] = [
  { value: "xt", label: "xₜ, noisy" },
  { value: "x0", label: "Predicted x₀" },
];

/** The digits of one or two generations, and the scrubber under them. */
export function Stage() {
  const { store } = useDenoise();
  const shown = useDenoiseState((state) => state.shown);
  const sides = useDenoiseState(useShallow(drawnSides));
  const stage = useRef<HTMLElement>(null);
  const isLive = useDenoiseState((state) => state.isLive);
  const newest = useDenoiseState((state) => state.generations.a?.sampleId);
  const seen = useRef(newest);
  // On a phone the pad or a setting may fill the screen when Generate is pressed. What is drawn live leaves it there.
  useEffect(() => {
    const isNew = newest !== seen.current;
    if (isNew && !isLive) stage.current?.scrollIntoView({ block: "nearest" });
    seen.current = newest;
  }, [newest, isLive]);
  return (
    <section ref={stage} className={`column ${classes.stage}`} aria-label="Digits">
      <Group gap="var(--mantine-spacing-xs) var(--mantine-spacing-sm)" className={classes.what}>
        <SegmentedControl
          aria-label="What to show"
          data={SHOWN}
          value={shown}
          onChange={(next) => store.setState({ shown: next })}
        />
        <Explain note={shown} />
        <Text size="xs" c="dimmed" flex={1} miw="12em" className={classes.hint}>
          {SHOWN_HELP[shown]}
        </Text>
      </Group>
      <div className={classes.grids} data-count={sides.length}>
        {sides.map((side) => (
          <SideGrid key={side} side={side} isNamed={sides.length > 1} />
        ))}
      </div>
      <StepSlider />
    </section>
  );
}

/** Both where two are there, or are about to be. */
function drawnSides(state: DenoiseState): readonly Side[] {
  const { a, b } = shownGenerations(state);
  return shownSides(a ? { isComparing: b !== null } : state.settings);
}

function SideGrid({ side, isNamed }: { side: Side; isNamed: boolean }) {
  const { store } = useDenoise();
  const generation = useDenoiseState((state) => shownGenerations(state)[side]);
  const frame = useDenoiseState((state) => shownFrame(state, side));
  const isFinished = generation !== null && frame?.index === numSteps(generation);
  const shown = useDenoiseState((state) => state.shown);
  const picked = useDenoiseState((state) => state.picked);
  const isPlane = useDenoiseState(({ isLive, settings }) => isLive && settings.start === "plane");
  const before = useDenoiseState(wordsBefore);
  const { count, askedFor, pixels } = useShownPixels(side);
  const rows = askedFor?.rows ?? null;
  const columns = askedFor?.columns ?? null;
  const network = useDenoiseState((state) => state.settings[side].network);
  const isLive = useDenoiseState((state) => state.isLive);
  const name = useAppState((state) => generation?.source && sourceName(generation.source, state));
  const isOther = useAppState(
    (state) =>
      generation !== null &&
      isFromOtherNetwork({ ...generation, ...generation.request }, network, state),
  );
  const words = generation
    ? generationWords(generation, side, {
        name: name ?? null,
        isFromOtherNetwork: isOther && !isLive,
      })
    : before;
  return (
    <div className={`column ${classes.side}`}>
      <div className={classes.caption} data-side={side}>
        {isNamed && <b>{side.toUpperCase()}</b>}
        <Text size="sm" flex={1} miw={0} style={{ overflowWrap: "anywhere" }}>
          {words}
        </Text>
        <SaveDigits
          label={sideWords(side, isNamed, "Save PNG of the grid")}
          digits={
            frame && {
              pixels: pixelsOf(frame, shown),
              ...(columns && { columns }),
              fileName: `digits-${side}${isFinished ? "" : `-step-${frame.index}`}.png`,
            }
          }
        />
      </div>
      <FittedImageGrid
        count={count}
        rows={rows}
        columns={columns}
        label={sideWords(side, isNamed, words)}
        pixels={pixels}
        subscribe={store.subscribe}
        onPick={generation ? (digit) => store.setState({ picked: digit }) : undefined}
        marked={generation ? picked : undefined}
      >
        {isPlane && <PlanePointer side={side} />}
      </FittedImageGrid>
    </div>
  );
}

function stepLines(state: DenoiseState): string[] {
  const sides = shownSides({ isComparing: shownGenerations(state).b !== null });
  return sides.map((side) => sideWords(side, sides.length > 1, formatStep(state, side)));
}

/** The scrubber over the diffusion steps: play, pause, speed, loop. */
function StepSlider() {
  const { store } = useDenoise();
  const last = useDenoiseState((state) => stops(state).length - 1);
  const stop = useDenoiseState((state) => currentStop(state));
  const words = useDenoiseState(useShallow(stepLines));
  const isEmpty = last < 1;
  return (
    <div className={classes.transport}>
      <PlayButton playback={store} title="Space" disabled={isEmpty} />
      <Slider
        style={{ gridArea: "scrubber" }}
        max={Math.max(1, last)}
        value={stop}
        disabled={isEmpty}
        thumbLabel="Denoising step"
        thumbValueText={words.join("; ")}
        onChange={(next) => store.setState((state) => movedTo(state, next))}
      />
      <Text component="div" size="sm" className={classes.level}>
        {words.map((ofSide) => (
          <div key={ofSide}>{ofSide}</div>
        ))}
      </Text>
      <PlaybackOptions playback={store} />
    </div>
  );
}
