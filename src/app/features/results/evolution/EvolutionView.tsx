import { Group, SegmentedControl, Text } from "@mantine/core";
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { epochWord, formatCount } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { EmptyView } from "../../../shared/parts/EmptyView.tsx";
import { PlayButton } from "../../../shared/playback/PlayButton.tsx";
import { PlaybackOptions } from "../../../shared/playback/PlaybackOptions.tsx";
import { usePlayback } from "../../../shared/playback/usePlayback.ts";
import { usePlaybackKeys } from "../../../shared/playback/usePlaybackKeys.ts";
import { atRest, writeParams } from "../../../state/address.ts";
import { numSteps } from "../../../state/slices/generation.ts";
import { isActive, type Run } from "../../../state/slices/run.ts";
import { Axes } from "./Axes.tsx";
import { DigitStage } from "./DigitStage.tsx";
import type { Denoising } from "./denoisingAxis.ts";
import classes from "./Evolution.module.css";
import { ExportControls } from "./ExportControls.tsx";
import { type FilmFrame, type FilmKind, filmFrames, filmIndex } from "./film.ts";
import { PlanePicture } from "./PlanePicture.tsx";
import {
  Scrubber,
  ScrubberContext,
  type Shown,
  useNounOfRun,
  usePosition,
  useScrubber,
  useShownDenoising,
  useWords,
} from "./scrubber.ts";

/**
 * One noise, denoised by the weights as they changed. The store has all snapshots of the run, the scrubber says at which
 * of them one is, and everything here is drawn from these two: the digits there (`DigitStage.tsx`); a pad with training
 * across and denoising down, of as many snapshots as have room (`Axes.tsx`); and the plane of one digit, with a row for
 * every snapshot and denoising across (`PlanePicture.tsx`).
 */
export default function EvolutionView() {
  const isEmpty = useAppState((state) => state.evolution.snapshots.length === 0);
  const { store } = useApp();
  const [scrubber] = useState(() => new Scrubber(store));
  useEffect(() => {
    const unsubscribe = store.subscribe(({ evolution }, before) => {
      const { runId } = before.evolution;
      // The first run is shown at the place in the address.
      if (runId !== null && runId !== evolution.runId) scrubber.reset();
    });
    return () => {
      unsubscribe();
      scrubber.leave();
    };
  }, [store, scrubber]);
  useAddress(scrubber);
  return (
    <ScrubberContext value={scrubber}>
      {isEmpty ? (
        <Empty />
      ) : (
        <Evolution>
          <ExportControls />
        </Evolution>
      )}
    </ScrubberContext>
  );
}

/** Keeps the place in the page's address, for links, reloads and coming back. */
function useAddress({ position }: Scrubber): void {
  useEffect(() => {
    const writing = atRest(() => {
      const { frame, digit, film } = position.getState();
      writeParams("evolution", { frame, digit, film });
    });
    const unsubscribe = position.subscribe(({ frame, digit, film }, before) => {
      if (frame === before.frame && digit === before.digit && film === before.film) return;
      writing.soon();
    });
    return () => {
      unsubscribe();
      writing.now();
    };
  }, [position]);
}

function Empty() {
  const hasRun = useAppState((state) => state.run !== null);
  const isComing = useAppState((state) => isActive(state.run));
  const noun = useNounOfRun();
  return (
    <EmptyView title="Evolution" coming={isComing && `The first ${noun}s are on their way.`}>
      <p>
        While a run trains, the same noise is turned into {noun}s again and again. Here you can go
        through all of them.
      </p>
      {hasRun && !isComing && <p>Not recorded for this run.</p>}
    </EmptyView>
  );
}

/**
 * The digits, the plane of one of them, and what goes through both; within a `ScrubberContext` that has snapshots.
 *
 * @param props.isPart whether it is a part of a page, whose keys are not all its own
 * @param props.children at the end of its head
 */
export function Evolution({
  isPart = false,
  children,
}: {
  isPart?: boolean;
  children?: ReactNode;
}) {
  const viewRef = useRef<HTMLDivElement>(null);
  useFilm();
  useKeys(viewRef, isPart);
  return (
    <div ref={viewRef} className={classes.view}>
      <header className={`row ${classes.head}`}>
        <h2>Evolution</h2>
        <Explain note="evolution" />
        <Caption />
        {children}
      </header>
      <DigitStage />
      <PlanePicture />
      <section className="column" style={{ gridArea: "time" }} aria-label="Training and denoising">
        <FilmControls />
        <Axes />
      </section>
    </div>
  );
}

function Caption() {
  const { training, denoising } = useWords();
  const keptSteps = keptStepsWords(useShownDenoising());
  const keptWeights = useAppState(({ run }) => run && keptWeightsWords(run));
  return (
    <Group
      component="p"
      className={classes.caption}
      align="baseline"
      gap="0 var(--mantine-spacing-sm)"
      fz="sm"
      c="dimmed"
    >
      <Text span inherit fw={500} c="var(--mantine-color-text)">
        {training.slice(0, 1).toUpperCase() + training.slice(1)}
      </Text>
      {[denoising, keptSteps, keptWeights].map(
        (words) => words && <span key={words}>{words}</span>,
      )}
    </Group>
  );
}

/** `noise and 50 of 250 denoising steps kept, to save memory`; null where all are. */
export function keptStepsWords(of: Denoising): string | null {
  const { numFrames } = of;
  if (numFrames > numSteps(of)) return null;
  return numFrames < 2
    ? "no denoising steps kept"
    : `noise and ${formatCount(numFrames - 1)} of ${formatCount(numSteps(of))} denoising steps kept, to save memory`;
}

/**
 * Which weights are kept of a run that stopped early, where they are not those of its newest snapshot:
 * those of the epoch with the lowest validation loss. Null for other runs.
 */
export function keptWeightsWords(run: Pick<Run, "status" | "epochs" | "config">): string | null {
  const { status, epochs } = run;
  if (status !== "stoppedEarly" || epochs.length === 0) return null;
  const best = epochs.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
  if (best === epochs.at(-1)) return null;
  return `Sampling uses the weights of ${epochWord(run.config)} ${formatCount(best.epoch)}, the best`;
}

const FILM_KINDS: { value: FilmKind; label: string }[] = [
  { value: "training", label: "Training" },
  { value: "denoising", label: "Denoising" },
  { value: "both", label: "Both" },
];

/** What is played, and how. */
function FilmControls() {
  const { position } = useScrubber();
  const film = usePosition((state) => state.film);
  return (
    <Group gap="var(--mantine-spacing-xs) var(--mantine-spacing-md)" className={classes.film ?? ""}>
      <PlayButton playback={position} variant="filled" />
      <SegmentedControl
        aria-label="What the film goes through"
        data={FILM_KINDS}
        value={film}
        onChange={(kind) => position.setState({ film: kind })}
      />
      <PlaybackOptions playback={position} />
      <span className={classes.hint}>
        Drag over the small pictures, or use the arrow keys; Space plays
      </span>
    </Group>
  );
}

/** Plays the evolution from what is shown. */
function useFilm(): void {
  const scrubber = useScrubber();
  const kind = usePosition((position) => position.film);
  const player = useMemo(() => {
    let frames: FilmFrame[] = [];
    let snapshots: Shown["snapshots"] | null = null;
    return {
      film() {
        const shown = scrubber.shown();
        if (!shown) return null;
        // A run in training adds snapshots while it plays.
        if (snapshots !== shown.snapshots) {
          frames = filmFrames(kind, { snapshots: shown.snapshots, shown: shown.index });
          snapshots = shown.snapshots;
        }
        const durationMs = (index: number) => frames[index]?.durationMs ?? 0;
        return { length: frames.length, durationMs };
      },
      shown() {
        const { index: snapshot = 0, frame = 0 } = scrubber.shown() ?? {};
        return filmIndex(frames, { snapshot, frame }, kind);
      },
      show(index: number) {
        const frame = frames[index];
        if (frame) scrubber.play({ index: frame.snapshot, frame: frame.frame });
      },
    };
  }, [kind, scrubber]);
  usePlayback(scrubber.position, player);
}

/** They scroll, where something does and the focus is on no axis. */
const SCROLLING_KEYS = ["PageUp", "PageDown", "Home", "End"];
const AXES = "[role=slider], [data-plane]";

/**
 * The keys of the whole view, whose element has the `viewRef`.
 *
 * @param isPart whether it is a part of a page: then its keys are those of what has the focus within it
 */
function useKeys(viewRef: RefObject<HTMLElement | null>, isPart: boolean): void {
  const scrubber = useScrubber();
  const move = ({ key, target }: KeyboardEvent) => {
    const focused = target instanceof Element ? target : null;
    const isScrolling = SCROLLING_KEYS.includes(key) && !focused?.closest(AXES);
    if (isScrolling && isScrollable(viewRef.current)) return false;
    const shown = scrubber.shown();
    const isDenoising = focused?.getAttribute("aria-orientation") === "vertical";
    const to = shown && keyMove(key, shown, isDenoising);
    if (to) scrubber.go(to);
    return to !== null;
  };
  usePlaybackKeys(scrubber.position, move, isPart ? viewRef : null);
}

/** Whether what an element stands in is higher than it is seen. */
function isScrollable(element: HTMLElement | null): boolean {
  for (let each = element?.parentElement; each; each = each.parentElement) {
    const isScroller =
      each === document.documentElement || getComputedStyle(each).overflowY === "auto";
    if (isScroller && each.scrollHeight > each.clientHeight) return true;
  }
  return false;
}

const PAGE = 10;

/**
 * Where a key leads to: left and right through training, up and down through denoising, Home, End
 * and the page keys along the slider that has the focus, training without one. Null for other keys.
 */
export function keyMove(
  key: string,
  { index, frame, snapshots, axis }: Pick<Shown, "index" | "frame" | "snapshots" | "axis">,
  isDenoising: boolean,
): { index: number } | { frame: number } | null {
  const along = (by: number) => (isDenoising ? { frame: frame + by } : { index: index + by });
  switch (key) {
    case "ArrowLeft":
      return { index: index - 1 };
    case "ArrowRight":
      return { index: index + 1 };
    case "ArrowUp":
      return { frame: frame - 1 };
    case "ArrowDown":
      return { frame: frame + 1 };
    case "PageUp":
      return along(-PAGE);
    case "PageDown":
      return along(PAGE);
    case "Home":
      return isDenoising ? { frame: 0 } : { index: 0 };
    case "End":
      return isDenoising ? { frame: axis - 1 } : { index: snapshots.length - 1 };
    default:
      return null;
  }
}
