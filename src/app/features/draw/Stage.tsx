import { Group, SegmentedControl, Slider, Switch, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { type PointerEvent, useCallback, useEffect, useRef } from "react";
import { useShallow } from "zustand/react/shallow";
import { capitalized } from "../../../runtime/format.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { BLANK } from "../../shared/images/drawing.ts";
import { FittedImageGrid, ImageGrid } from "../../shared/images/ImageGrid.tsx";
import { SaveDigits } from "../../shared/images/SaveDigits.tsx";
import { isFromOtherNetwork } from "../../shared/network/chosenNetwork.ts";
import { useNounOfSet } from "../../shared/network/useNaming.ts";
import { sourceName } from "../../shared/network/weightsText.ts";
import { PlayButton } from "../../shared/playback/PlayButton.tsx";
import { PlaybackOptions } from "../../shared/playback/PlaybackOptions.tsx";
import { numSteps } from "../../state/slices/generation.ts";
import classes from "./Draw.module.css";
import { SideFields, useSideWords } from "./SideFields.tsx";
import { captionBefore, formatStep, generationCaption, ofSide } from "./state/captions.ts";
import { type Side, shownSides } from "./state/drawSettings.ts";
import {
  currentStop,
  type DrawState,
  movedTo,
  shownFrame,
  shownGenerations,
  stops,
} from "./state/drawState.ts";
import { pixelsOf, type Shown } from "./state/frames.ts";
import { nearestPlace, type PlanePoint, pointAfterKey, pointAt, shareAt } from "./state/plane.ts";
import {
  useDraw,
  useDrawNaming,
  useDrawState,
  useErrors,
  useIsOutdated,
  useSideNetwork,
} from "./useDraw.ts";
import { useShownPixels } from "./useShownPixels.ts";

const SHOWN: { value: Shown; label: string }[] = [
  { value: "xt", label: "xₜ, noisy" },
  { value: "x0", label: "Predicted x₀" },
];

/** The digits of one or two generations, and the scrubber under them. */
export function Stage() {
  const { store, compare } = useDraw();
  const isComparing = useDrawState((state) => state.settings.isComparing);
  const shown = useDrawState((state) => state.shown);
  const sides = useDrawState(useShallow(drawnSides));
  const stage = useRef<HTMLElement>(null);
  const isLive = useDrawState((state) => state.isLive);
  const { noun } = useDrawNaming();
  const newest = useDrawState((state) => state.generations.a?.sampleId);
  const seen = useRef(newest);
  // On a phone the pad or a setting may fill the screen when Generate is pressed. What is drawn live leaves it there.
  useEffect(() => {
    const isNew = newest !== seen.current;
    if (isNew && !isLive) stage.current?.scrollIntoView({ block: "nearest" });
    seen.current = newest;
  }, [newest, isLive]);
  return (
    <section ref={stage} className={`column ${classes.stage}`} aria-label={capitalized(`${noun}s`)}>
      <Group gap="var(--mantine-spacing-xs) var(--mantine-spacing-sm)" className={classes.what}>
        <SegmentedControl
          aria-label="What to show"
          data={SHOWN}
          value={shown}
          onChange={(next) => store.setState({ shown: next })}
        />
        <Explain note={shown} />
        <Switch
          ml="auto"
          label="Compare two settings"
          title="Draws the same noise with two settings, side by side"
          checked={isComparing}
          onChange={({ currentTarget }) => compare(currentTarget.checked)}
        />
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
function drawnSides({ settings, ...state }: DrawState): readonly Side[] {
  const { b } = shownGenerations({ settings, ...state });
  return shownSides({ isComparing: settings.isComparing || b !== null });
}

function SideGrid({ side, isNamed }: { side: Side; isNamed: boolean }) {
  const { store } = useDraw();
  const generation = useDrawState((state) => shownGenerations(state)[side]);
  const frame = useDrawState((state) => shownFrame(state, side));
  const isFinished = generation !== null && frame?.index === numSteps(generation);
  const shown = useDrawState((state) => state.shown);
  const picked = useDrawState((state) => state.picked);
  const isPlane = useDrawState(({ isLive, settings }) => isLive && settings.start === "plane");
  const { noun } = useDrawNaming();
  const ofSet = useNounOfSet();
  const before = useDrawState((state) => captionBefore(state, { ofNetwork: noun, ofSet }));
  const { count, askedFor, pixels } = useShownPixels(side);
  const rows = askedFor?.rows ?? null;
  const columns = askedFor?.columns ?? null;
  const { network } = useSideNetwork(side);
  const isOutdated = useIsOutdated(side);
  const isLive = useDrawState((state) => state.isLive);
  const isComparing = useDrawState((state) => state.settings.isComparing);
  const name = useAppState((state) => generation?.source && sourceName(generation.source, state));
  const isOther = useAppState(
    (state) =>
      generation !== null &&
      isFromOtherNetwork({ ...generation, ...generation.request }, network, state),
  );
  const caption = generation
    ? generationCaption(generation, side, {
        name: name ?? null,
        isOutdated: isOutdated || (isOther && !isLive),
      })
    : { short: before, full: before };
  return (
    <div className={`column ${classes.side}`}>
      {isComparing && <SideSettings side={side} />}
      <div className={classes.caption} data-side={side}>
        {isNamed && <b>{side.toUpperCase()}</b>}
        <Text size="sm" flex={1} miw={0} style={{ overflowWrap: "anywhere" }} title={caption.full}>
          {caption.short}
        </Text>
        <SaveDigits
          label={ofSide(side, isNamed, "Save PNG of the grid")}
          digits={
            frame && {
              pixels: pixelsOf(frame, shown),
              ...(columns && { columns }),
              fileName: `${noun}s-${side}${isFinished ? "" : `-step-${frame.index}`}.png`,
            }
          }
        />
      </div>
      <FittedImageGrid
        count={count}
        rows={rows}
        columns={columns}
        label={ofSide(side, isNamed, caption.full)}
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

/** How a side is drawn, above its digits; folded where there is no room. */
function SideSettings({ side }: { side: Side }) {
  const errors = useErrors();
  const words = useSideWords(side);
  const hasRoom = useMediaQuery("(min-width: 1101px)", true, { getInitialValueInEffect: false });
  return (
    <details className={classes.sideSettings} open={hasRoom} data-side={side}>
      <summary>
        <b>{side.toUpperCase()}</b> {words}
      </summary>
      <SideFields side={side} errors={errors} />
    </details>
  );
}

function stepLines(state: DrawState): string[] {
  const sides = shownSides({ isComparing: shownGenerations(state).b !== null });
  return sides.map((side) => ofSide(side, sides.length > 1, formatStep(state, side)));
}

/** The scrubber over the diffusion steps: play, pause, speed, loop. */
function StepSlider() {
  const { store } = useDraw();
  const last = useDrawState((state) => stops(state).length - 1);
  const stop = useDrawState((state) => currentStop(state));
  const words = useDrawState(useShallow(stepLines));
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

/** Over the grid of a plane: the digit at the pointer, between those of the grid. */
function PlanePointer({ side }: { side: Side }) {
  const { store, pointTo } = useDraw();
  const at = useDrawState(({ point }) => point.at);
  const isHere = useDrawState(({ point }) => point.side === side);
  const hasDigit = useDrawState(({ pointed }) => pointed !== null);
  const pixels = useCallback(() => store.getState().pointed ?? BLANK, [store]);
  const { noun } = useDrawNaming();

  const move = (to: PlanePoint) => pointTo({ side, at: to });
  const follow = ({ currentTarget, clientX, clientY }: PointerEvent<HTMLDivElement>) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    move(pointAt([(clientX - left) / width, (clientY - top) / height]));
  };
  const [left, top] = shareAt(at).map((share) => `${100 * share}%`);
  return (
    <div
      className={`over ${classes.plane}`}
      role="slider"
      tabIndex={0}
      aria-label="Place in the plane"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * at[0])}
      aria-valuetext={formatPoint(at)}
      onPointerDown={(event) => {
        // A finger that leaves the plane goes on moving it.
        event.currentTarget.setPointerCapture(event.pointerId);
        follow(event);
      }}
      onPointerMove={follow}
      onClick={() => store.setState(({ point }) => ({ picked: nearestPlace(point.at) }))}
      onKeyDown={(event) => {
        const to = pointAfterKey(at, event);
        if (!to) return;
        // The keys of the view are for the steps.
        event.preventDefault();
        move(to);
      }}
    >
      {isHere && hasDigit && (
        <div className={classes.lens} style={{ left, top }}>
          <ImageGrid
            pixels={pixels}
            subscribe={store.subscribe}
            label={`The ${noun} ${formatPoint(at)}`}
          />
        </div>
      )}
    </div>
  );
}

/** `30 % to the right, 50 % down` */
function formatPoint([x, y]: PlanePoint): string {
  return `${Math.round(100 * x)} % to the right, ${Math.round(100 * y)} % down`;
}
