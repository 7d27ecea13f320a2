import { ActionIcon, Button, Group, Stack, Text } from "@mantine/core";
import { type ComponentProps, Fragment, type ReactNode, useCallback, useMemo } from "react";
import { useShallow } from "zustand/react/shallow";
import { IMAGE_SIZE, NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import { frameStride } from "../../../engine/config/sampling.ts";
import { evenIndices } from "../../../engine/config/snapshotSteps.ts";
import { className } from "../../../engine/data/datasets.ts";
import { imageAt } from "../../../engine/data/imageOrder.ts";
import { FLIPS, type FlipId, flippedPixels } from "../../../engine/diffusion/editing/flips.ts";
import { capitalized, formatCount } from "../../../runtime/format.ts";
import { PlotCard } from "../../shared/charts/ChartCard.tsx";
import { FittedImageGrid, ImageGrid } from "../../shared/images/ImageGrid.tsx";
import { SaveDigits } from "../../shared/images/SaveDigits.tsx";
import plotClasses from "../../shared/plot/Plot.module.css";
import type { Plot } from "../../shared/plot/plot.ts";
import { usePlotInsets } from "../../shared/plot/textScale.ts";
import { numSteps } from "../../state/slices/generation.ts";
import classes from "./Draw.module.css";
import { noisedPixels } from "./state/beginning.ts";
import { ofSide } from "./state/captions.ts";
import {
  changePlot,
  changesCsv,
  changesJson,
  changesTable,
  type SideChanges,
} from "./state/changeChart.ts";
import { SIDES, type Side } from "./state/drawSettings.ts";
import {
  currentStop,
  type DrawGeneration,
  type DrawState,
  finishedDigit,
  movedTo,
  pickedBy,
  seenFrames,
  shownFrame,
  shownGenerations,
  stops,
} from "./state/drawState.ts";
import { changesOf, hasRises, levelsOf, pixelsOf, stopsOf } from "./state/frames.ts";
import { withDigit } from "./state/startImage.ts";
import { useDraw, useDrawNaming, useDrawState } from "./useDraw.ts";
import { useShownPixels } from "./useShownPixels.ts";

const NEIGHBORS = [
  { by: -1, sign: "‹", name: "Previous", keys: "Shift and left arrow" },
  { by: 1, sign: "›", name: "Next", keys: "Shift and right arrow" },
];

/** One digit large, with the film of its steps and how much each changes it. */
export function PickedDigit() {
  const { store } = useDraw();
  const { noun } = useDrawNaming();
  const count = useDrawState((state) => shownGenerations(state).a?.request.count ?? 0);
  const picked = useDrawState((state) => state.picked);
  const sides = useDrawState(useShallow(sidesThere));
  // A single step changes the noise by one number, which is no curve; and noise that rises has no axis.
  const hasCurve = useDrawState((state) =>
    Object.values(shownGenerations(state)).some(
      (of) => of !== null && of.times.length > 2 && !hasRises(of.times),
    ),
  );
  return (
    <section className={`column ${classes.panel}`} aria-label={`The picked ${noun}`}>
      <Group justify="space-between">
        <h2>{count === 0 ? `One ${noun}` : `${capitalized(noun)} ${picked + 1} of ${count}`}</h2>
        <ActionIcon.Group>
          {NEIGHBORS.map(({ by, sign, name, keys }) => (
            <ActionIcon
              key={by}
              variant="default"
              aria-label={`${name} ${noun}`}
              title={keys}
              disabled={count < 2}
              onClick={() => store.setState((state) => pickedBy(state, by))}
            >
              {sign}
            </ActionIcon>
          ))}
        </ActionIcon.Group>
      </Group>
      <div className={classes.large} data-count={sides.length}>
        {(sides.length > 0 ? sides : (["a"] as const)).map((side) => (
          <LargeDigit key={side} side={side} isNamed={sides.length > 1} />
        ))}
      </div>
      <UseDigit />
      {sides.length === 0 ? (
        <Text size="sm" c="dimmed">
          Once {noun}s are generated, choose one in the grid to see it large here, with its steps.
        </Text>
      ) : (
        <>
          <Sources />
          {sides.map((side) => (
            <Filmstrip key={side} side={side} isNamed={sides.length > 1} />
          ))}
          {hasCurve && <ChangeChart sides={sides} />}
        </>
      )}
    </section>
  );
}

/** Makes the picked digit the image that others begin with. */
function UseDigit() {
  const { store } = useDraw();
  const hasDigit = useDrawState((state) => shownGenerations(state).a?.status === "done");
  if (!hasDigit) return null;
  const use = (start: "fill" | "invert") =>
    store.setState((state) => {
      const digit = finishedDigit(state);
      return digit ? withDigit(state, digit, start) : {};
    });
  return (
    <Group gap={6}>
      <Button onClick={() => use("fill")}>Fill in a part</Button>
      <Button onClick={() => use("invert")}>Change it</Button>
    </Group>
  );
}

function sidesThere(state: DrawState): Side[] {
  const generations = shownGenerations(state);
  return SIDES.filter((side) => generations[side]);
}

function LargeDigit({ side, isNamed }: { side: Side; isNamed: boolean }) {
  const { store } = useDraw();
  const picked = useDrawState((state) => state.picked);
  const { noun } = useDrawNaming();
  const { count, pixels: all } = useShownPixels(side);
  const pixels = useCallback(
    () => imageAt(all(), Math.min(picked, count - 1)),
    [all, picked, count],
  );
  return (
    <Stack flex={1} gap={4} miw={0}>
      {isNamed && (
        <b className={classes.letter} data-side={side} aria-hidden="true">
          {side.toUpperCase()}
        </b>
      )}
      <FittedImageGrid
        count={1}
        label={ofSide(side, isNamed, `${capitalized(noun)} ${picked + 1}, large`)}
        pixels={pixels}
        subscribe={store.subscribe}
      />
    </Stack>
  );
}

/**
 * How many of the steps that one can go to a film has by now, the noise among them: `24 of 51 frames`
 *
 * @param numPictures of the film
 */
export function filmWords(
  generation: Pick<DrawGeneration, "request" | "times" | "numTimesteps">,
  numPictures: number,
): string | undefined {
  const numStops = stopsOf([generation]).length;
  if (numStops === 0) return undefined;
  const isAll = frameStride(numSteps(generation), generation.request.count) === 1;
  const frames = isAll ? "frames" : "kept frames";
  return `${numPictures} of ${formatCount(numStops)} ${frames}`;
}

const SMALL = { width: 56, height: 56 };

/** What a generation began with: the images, what stays of one, how noise is added to it; or its other reading. */
function Sources() {
  const start = useDrawState((state) => shownGenerations(state).a?.request.start);
  const sources = useDrawState((state) => shownGenerations(state).a?.sources);
  if (!start) return null;
  if (start.kind === "readings") return <Flipped flip={start.flip} label={start.label} />;
  if (!sources) return null;
  switch (start.kind) {
    case "image":
      return <Noising {...start} />;
    case "filling":
      return <Filling {...start} />;
    case "inversion":
      return (
        <Pictures title="From this image" images={[{ pixels: sources, label: "The image" }]} />
      );
    case "pair":
    case "arc":
      return (
        <Pictures
          title="Between these two"
          images={[
            { pixels: imageAt(sources, 0), label: "The first image" },
            { pixels: imageAt(sources, 1), label: "The second image" },
          ]}
          sign="⟷"
        />
      );
    default:
      return null;
  }
}

interface PicturesProps {
  title: string;
  images: readonly { pixels: Uint8Array; label: string }[];
  /** Between two of them. */
  sign?: string;
}

/** Some small pictures beside each other, under a title. */
function Pictures({ title, images, sign = "" }: PicturesProps) {
  return (
    <Stack gap={4} flex="none" fz="xs">
      <h3>{title}</h3>
      <Group gap="sm">
        {images.map(({ pixels, label }, i) => (
          <Fragment key={label}>
            {i > 0 && sign && <span aria-hidden="true">{sign}</span>}
            <ImageGrid pixels={pixels} label={label} style={SMALL} />
          </Fragment>
        ))}
      </Group>
    </Stack>
  );
}

/** What stays, what the network drew, and both together. */
function Filling({ image, mask }: { image: Uint8Array; mask: Uint8Array }) {
  const { store } = useDraw();
  const picked = useDrawState((state) => state.picked);
  const { count, pixels: all } = useShownPixels("a");
  const pixels = useCallback(() => {
    const digit = imageAt(all(), Math.min(picked, count - 1));
    const known = image.map((gray, i) => (mask[i] === 1 ? gray : UNKNOWN));
    const drawn = digit.map((gray, i) => (mask[i] === 0 ? gray : UNKNOWN));
    return Uint8Array.from([...known, ...drawn, ...digit]);
  }, [all, picked, count, image, mask]);
  return (
    <Stack gap={4} flex="none" fz="xs">
      <h3>What stays, what was drawn, and both</h3>
      <ImageGrid
        pixels={pixels}
        count={3}
        columns={3}
        subscribe={store.subscribe}
        label="What stays of the image, what the network drew, and both together"
      />
    </Stack>
  );
}

/** The gray of what is not shown of an image. */
const UNKNOWN = 70;

/** The picked digit as it reads once it is flipped. */
function Flipped({ flip, label }: { flip: FlipId; label: number }) {
  const { store } = useDraw();
  const naming = useDrawNaming();
  const picked = useDrawState((state) => state.picked);
  const { count, pixels: all } = useShownPixels("a");
  const pixels = useCallback(
    () => flippedPixels(imageAt(all(), Math.min(picked, count - 1)), flip, IMAGE_SIZE),
    [all, picked, count, flip],
  );
  const words = `The same ${FLIPS[flip].label}: ${className(naming, label)}`;
  return (
    <Stack gap={4} flex="none" fz="xs">
      <h3>{words}</h3>
      <div className={classes.large}>
        <FittedImageGrid count={1} label={words} pixels={pixels} subscribe={store.subscribe} />
      </div>
    </Stack>
  );
}

/** The picked digit's own noise, more of it in each picture. */
function Noising({ image, t }: { image: Uint8Array; t: number }) {
  const noising = useDrawState((state) => shownGenerations(state).a?.noising);
  const seed = useDrawState((state) => shownGenerations(state).a?.request.seed ?? 0);
  const picked = useDrawState((state) => state.picked);
  const film = useMemo(() => {
    // The first picture is the image itself, at t = -1.
    const pictures = evenIndices(t + 2, NUM_PICTURES).map((i) => ({ digit: picked, t: i - 1 }));
    return noising && noisedPixels(noising, { image, seed }, pictures);
  }, [noising, seed, image, t, picked]);
  return (
    film && (
      <PictureRows
        title={`Adding noise, up to t = ${t}`}
        label={`The image with more and more noise, up to t = ${t}`}
        pixels={film}
        count={film.length / NUM_PIXELS}
      />
    )
  );
}

/** Some of the picked digit's steps, evenly chosen; a click moves the scrubber there. */
function Filmstrip({ side, isNamed }: { side: Side; isNamed: boolean }) {
  const { store } = useDraw();
  const generation = useDrawState((state) => shownGenerations(state)[side]);
  const { noun } = useDrawNaming();
  const picked = useDrawState((state) => state.picked);
  const shown = useDrawState((state) => state.shown);
  const isStill = useDrawState((state) => state.isStill);
  const chosen = useMemo(() => {
    const frames = generation ? seenFrames({ isStill }, generation) : [];
    return evenIndices(frames.length, NUM_PICTURES).flatMap((i) => frames[i] ?? []);
  }, [isStill, generation]);
  const pixels = useMemo(
    () => Uint8Array.from(chosen.flatMap((f) => [...imageAt(pixelsOf(f, shown), picked)])),
    [chosen, shown, picked],
  );
  const here = useDrawState((state) => {
    const index = shownFrame(state, side)?.index ?? 0;
    return chosen.findLastIndex((frame) => frame.index <= index);
  });
  if (!generation) return null;
  const { title, way } = stripWords(generation.request.start.kind);
  return (
    <PictureRows
      title={ofSide(side, isNamed, title)}
      note={filmWords(generation, chosen.length)}
      label={`${capitalized(noun)} ${picked + 1} at ${chosen.length} of its steps, ${way}`}
      pixels={pixels}
      // Room for all from the start, so that nothing moves when they come.
      count={Math.min(NUM_PICTURES, Math.max(1, generation.times.length))}
      marked={here}
      onPick={(place) => {
        const frame = chosen[place];
        if (!frame) return;
        const level = levelsOf(generation)[frame.index] as number;
        store.setState((state) => movedTo(state, stops(state).indexOf(level)));
      }}
    >
      <SaveDigits
        label={ofSide(side, isNamed, "Save PNG of the filmstrip")}
        digits={
          chosen.length > 0
            ? { pixels, columns: COLUMNS, fileName: `${noun}-${picked + 1}-${side}-steps.png` }
            : null
        }
      />
    </PictureRows>
  );
}

/** What the steps of a film are, and where they lead. */
export function stripWords(start: DrawGeneration["request"]["start"]["kind"]) {
  if (start !== "inversion" && start !== "arc") {
    return { title: "Denoising steps", way: "from noise to the end" };
  }
  return { title: "Back to the noise, then denoised", way: "from the image to noise to the end" };
}

const COLUMNS = 6;

/** Four rows: room for 20 steps, the fewest that give good digits. */
const NUM_PICTURES = 4 * COLUMNS;

interface PictureRowsProps extends Omit<ComponentProps<typeof ImageGrid>, "columns"> {
  title: string;
  /** Beside the title. */
  note?: string | undefined;
  children?: ReactNode;
}

/** Pictures of one digit in rows, under a title. */
function PictureRows({ title, note, children, ...pictures }: PictureRowsProps) {
  return (
    <Stack gap={4} flex="none" fz="xs">
      <div className={classes.stripHead}>
        <h3>{title}</h3>
        {note && <span className={classes.note}>{note}</span>}
        {children}
      </div>
      <div style={{ position: "relative" }}>
        <ImageGrid {...pictures} columns={COLUMNS} />
      </div>
    </Stack>
  );
}

/** How much each step changes the picked digit, from noise on the left to the digit on the right. */
function ChangeChart({ sides }: { sides: readonly Side[] }) {
  const generations = useDrawState(shownGenerations);
  const { noun } = useDrawNaming();
  const picked = useDrawState((state) => state.picked);
  const shown = useDrawState((state) => state.shown);
  const series = useMemo(
    () =>
      sides.flatMap((side): SideChanges[] => {
        const generation = generations[side];
        return generation ? [{ side, changes: changesOf(generation, picked, shown) }] : [];
      }),
    [sides, generations, picked, shown],
  );
  const from = useDrawState((state) => stops(state)[0] ?? 1);
  const plot = useMemo(() => changePlot(series, from), [series, from]);
  return (
    <PlotCard
      title="Change per step"
      detail="gray levels"
      size="small"
      className={classes.changes}
      plot={plot}
      files={{
        name: `${noun} ${picked + 1}`,
        csv: () => changesCsv(series),
        json: () => changesJson(series),
      }}
      numbers={() => changesTable(series)}
    >
      {plot && <Marker plot={plot} />}
    </PlotCard>
  );
}

/** Where the scrubber stands. */
function Marker({ plot }: { plot: Plot }) {
  const insets = usePlotInsets(plot);
  const level = useDrawState((state) => {
    const all = stops(state);
    return all[currentStop(state, all)] ?? 1;
  });
  return (
    <div style={{ position: "absolute", ...insets }}>
      <div className={plotClasses.cursor} style={{ left: `${100 * plot.x(1 - level)}%` }} />
    </div>
  );
}
