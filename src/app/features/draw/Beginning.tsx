import { Button, Group, SegmentedControl, Text, UnstyledButton } from "@mantine/core";
import { memo, type PointerEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { numTimestepsOf } from "../../../engine/diffusion/objectives.ts";
import { formatCount } from "../../../runtime/format.ts";
import { ASK_DEFAULTS } from "../../../runtime/sampling/ask.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { ImageGrid } from "../../shared/images/ImageGrid.tsx";
import { startNoise } from "../../shared/images/startNoise.ts";
import formClasses from "../../shared/network/Form.module.css";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import { NumberField } from "../../shared/parts/NumberField.tsx";
import classes from "./Draw.module.css";
import { SliderField } from "./SliderField.tsx";
import { BLANK, drawingPixels, type Stroke } from "./state/drawing.ts";
import {
  beginsWith,
  DIGITS_COMING,
  mixedImage,
  type StartKind,
  startTimestep,
  withinImages,
} from "./state/drawSettings.ts";
import { useDraw, useDrawState, useSideNetwork } from "./useDraw.ts";
import { useSeedPair } from "./useShownPixels.ts";

interface Choice {
  value: StartKind;
  label: string;
}

/** The ways to begin, as pictures; two of them come in two kinds. */
const BEGINNINGS: { name: string; kinds: readonly [Choice, ...Choice[]] }[] = [
  { name: "Noise", kinds: [{ value: "noise", label: "Pure noise" }] },
  {
    name: "Drawing",
    kinds: [
      { value: "drawing", label: "My drawing" },
      { value: "digit", label: "A test image" },
    ],
  },
  {
    name: "Mix",
    kinds: [
      { value: "plane", label: "A plane of digits" },
      { value: "pair", label: "Two test images" },
    ],
  },
];

/** What one begins with: noise, an image, or a mixture, and which. */
export const Beginning = memo(function Beginning() {
  const { change } = useDraw();
  const start = useDrawState((state) => state.settings.start);
  const pictures = usePictures();
  const name = useId();
  // The kind that was chosen last comes back with its picture.
  const [last, setLast] = useState<Partial<Record<string, StartKind>>>({});
  const here = BEGINNINGS.find(({ kinds }) => kinds.some(({ value }) => value === start));
  const { config } = useSideNetwork("a");
  const ask = useDrawState((state) => state.settings.ask);
  const text = useDrawState((state) => state.settings.text);
  const choose = (beginning: string, next: StartKind) => {
    setLast({ ...last, [beginning]: next });
    // An image says itself what is to become of it, unless a label is asked for afterwards.
    const isImage = beginsWith(next) === "image";
    const isOther = isImage !== (beginsWith(start) === "image") && (config?.classes ?? 0) > 0;
    const before = text === ASK_DEFAULTS.text ? "any" : "text";
    const asked = isImage ? "none" : ask === "none" ? before : ask;
    change({ start: next, ...(isOther && { ask: asked }) });
  };
  return (
    <>
      <fieldset className={classes.beginnings}>
        <legend className="visuallyHidden">Begin with</legend>
        {BEGINNINGS.map(({ name: beginning, kinds }, i) => (
          <label key={beginning} data-checked={beginning === here?.name || undefined}>
            <input
              type="radio"
              className="visuallyHidden"
              name={name}
              checked={beginning === here?.name}
              onChange={() => choose(beginning, last[beginning] ?? kinds[0].value)}
            />
            <ImageGrid pixels={pictures[i] ?? BLANK} />
            <span>{beginning}</span>
          </label>
        ))}
      </fieldset>
      {here && here.kinds.length > 1 && (
        <SegmentedControl
          fullWidth
          aria-label="Which kind"
          data={[...here.kinds]}
          value={start}
          onChange={(next) => choose(here.name, next)}
        />
      )}
      {start === "pair" && <Explain note="interpolation" isNamed />}
      {start === "plane" && <Corners />}
      {start === "drawing" && <DrawingPad />}
      {start === "digit" && <Gallery key={start} isPair={false} />}
      {start === "pair" && <Gallery key={start} isPair />}
    </>
  );
});

/** A three and an eight, drawn by hand, for the pictures. */
const THREE: readonly Stroke[] = [
  [
    0.3, 0.25, 0.45, 0.15, 0.62, 0.2, 0.66, 0.34, 0.5, 0.47, 0.66, 0.58, 0.68, 0.74, 0.5, 0.86, 0.3,
    0.78,
  ],
];
const EIGHT: readonly Stroke[] = [
  [
    0.5, 0.48, 0.34, 0.34, 0.4, 0.18, 0.58, 0.17, 0.66, 0.32, 0.5, 0.48, 0.33, 0.66, 0.4, 0.85, 0.6,
    0.85, 0.67, 0.66, 0.5, 0.48,
  ],
];

/** Pictures of the three beginnings: the noise of the seed, the image as the network sees it, and two digits in one. */
function usePictures(): readonly Uint8Array[] {
  const seed = useDrawState((state) => Number(state.settings.seed) || 0);
  const strokes = useDrawState((state) => state.strokes);
  const image = useDrawState(({ settings, images }) =>
    settings.start === "digit" ? images.get(settings.digit) : undefined,
  );
  return useMemo(() => {
    const [three, eight] = [THREE, EIGHT].map((digit) => drawingPixels(digit) ?? BLANK);
    return [
      startNoise(seed, 1),
      image ?? drawingPixels(strokes) ?? three ?? BLANK,
      mixedImage(three ?? BLANK, eight ?? BLANK, 0.5),
    ];
  }, [seed, strokes, image]);
}

/** The timestep up to which noise is added to the images, as a share, and in words. */
function useNoiseLevel() {
  const start = useDrawState((state) => state.settings.start);
  const level = useDrawState((state) => state.settings.level);
  const { config } = useSideNetwork("a");
  const numTimesteps = config ? numTimestepsOf(config) : 0;
  const t = startTimestep({ start, level }, numTimesteps);
  const words = `t = ${formatCount(t)} of ${formatCount(numTimesteps)}`;
  return { level, t, words, onlySigma: numTimesteps === 1 ? config?.noiseSigma : undefined };
}

/** How much noise images get, and how two of them are mixed; nothing where one begins with noise. */
export const NoiseLevel = memo(function NoiseLevel() {
  const { change } = useDraw();
  const start = useDrawState((state) => state.settings.start);
  const isMixed = useDrawState((state) => state.settings.mix !== null);
  const { level, words, onlySigma } = useNoiseLevel();
  if (start === "noise" || start === "plane") return null;
  if (onlySigma !== undefined) {
    return (
      <>
        {start === "pair" && <MixField />}
        <Text size="xs" c="dimmed" className={formClasses.help}>
          This network knows one noise level, sigma {onlySigma}: so much noise is added and removed.
        </Text>
      </>
    );
  }
  return (
    <>
      <SliderField
        name="Noise level"
        isNamed
        value={level}
        words={words}
        onChange={(next) => change({ level: next })}
      />
      {start === "pair" && <MixField />}
      <Text size="xs" c="dimmed" className={formClasses.help}>
        {words}
        {start === "pair" &&
          (isMixed
            ? ": the two are mixed, then noise is added up to here and removed."
            : ": noise is added to both up to here, then they are mixed and denoised.")}
      </Text>
    </>
  );
});

/** How much of the second of two is in all digits, in place of going from the first to the second. */
export function MixField() {
  const { change } = useDraw();
  const mix = useDrawState((state) => state.settings.mix);
  return (
    <>
      <SliderField
        name="Mix"
        isNamed
        value={mix ?? 0.5}
        words={mix === null ? "from the first to the second" : `${Math.round(100 * mix)} %`}
        onChange={(next) => change({ mix: next })}
      />
      {mix !== null && (
        <div className={formClasses.help}>
          <Button onClick={() => change({ mix: null })}>All mixtures</Button>
        </div>
      )}
    </>
  );
}

const CORNERS_HELP = {
  classes:
    "One digit for each corner, blended in between. With a single digit four noises are blended.",
  noise:
    "At the corners are the first four digits of this seed, and in between all mixtures of their noise.",
};

/** What the corners of the plane are, which cannot be chosen for a network without classes. */
function Corners() {
  const session = useDraw();
  const corners = useDrawState((state) => state.settings.corners);
  const networks = useNetworks();
  const { config } = useSideNetwork("a");
  const error = useDrawState(() => session.requests(networks).errors.corners);
  const hasClasses = (config?.classes ?? 0) > 0;
  return (
    <>
      {hasClasses && (
        <NumberField
          label="Corners"
          className={formClasses.row}
          text={corners}
          error={error}
          onChange={(text) => session.change({ corners: text })}
        />
      )}
      <Text size="xs" c="dimmed" {...(hasClasses && { className: formClasses.help })}>
        {hasClasses ? CORNERS_HELP.classes : CORNERS_HELP.noise}
      </Text>
    </>
  );
}

const PER_PAGE = 24;

/**
 * Places of the images to show, all different: chosen ones that are not on the page, then the page's. The first page
 * follows the last.
 */
export function galleryPlaces({
  page,
  numImages,
  chosen,
}: {
  page: number;
  numImages: number;
  chosen: readonly number[];
}): number[] {
  const numPages = Math.max(1, Math.ceil(numImages / PER_PAGE));
  const first = (page % numPages) * PER_PAGE;
  const places = Array.from({ length: PER_PAGE }, (_, i) => first + i);
  const missing = [...new Set(chosen)].filter((place) => !places.includes(place));
  return [...missing, ...places].filter((place) => place < numImages).slice(0, PER_PAGE);
}

/** The pair with one more image: it takes the place of the first, and the second moves up. */
export function withPicked(
  pair: readonly [number, number] | null,
  place: number,
): [number, number] {
  return [pair?.[1] ?? place, place];
}

/** Which of the two it is; both while only one is picked. */
function formatPlace([first, second]: readonly number[], index: number): string {
  if (first === second) return "1, 2";
  return index === first ? "1" : "2";
}

/** Images that were held out of training, to choose one or two from. */
function Gallery({ isPair }: { isPair: boolean }) {
  const { store, change, showImages } = useDraw();
  const dataset = useAppState((state) => state.dataset.current);
  const isReady = useAppState((state) => state.backend.status === "ready");
  const gallery = useDrawState((state) => state.gallery);
  const ownPair = useDrawState((state) => state.settings.pair);
  // The seed's pair stays in the gallery when others are chosen.
  const seedPair = useSeedPair();
  const pair = ownPair ?? seedPair;
  const digit = useDrawState((state) => state.settings.digit);
  const [page, setPage] = useState(0);

  // Depends on the dataset itself, not its size: another may have as many images.
  useEffect(() => {
    if (!dataset || !isReady) return;
    const numImages = dataset.unseenLabels.length;
    const settings = withinImages(store.getState().settings, numImages);
    store.setState({ settings });
    const pairs = [...(settings.pair ?? []), ...(seedPair ?? [])];
    const chosen = isPair ? pairs : [settings.digit];
    showImages(galleryPlaces({ page, numImages, chosen }));
  }, [dataset, isReady, isPair, seedPair, page, store, showImages]);

  const chosen: readonly number[] = isPair ? (pair ?? []) : [digit];
  const isOfSeed = isPair && !ownPair && pair;
  const hint = dataset
    ? isOfSeed && "The seed chose these two; click two others to choose your own."
    : DIGITS_COMING;

  return (
    <>
      <div className={classes.gallery}>
        {gallery.map(({ index, label, pixels }) => (
          <UnstyledButton
            key={index}
            className={classes.image}
            aria-pressed={chosen.includes(index)}
            aria-label={`Image ${index + 1}, labeled ${label}`}
            title={`Labeled ${label}`}
            onClick={() => change(isPair ? { pair: withPicked(pair, index) } : { digit: index })}
          >
            <ImageGrid pixels={pixels} />
            {isPair && chosen.includes(index) && (
              <span className={classes.place}>{formatPlace(chosen, index)}</span>
            )}
          </UnstyledButton>
        ))}
      </div>
      <Group gap={6}>
        <Button onClick={() => setPage(page + 1)}>Show other digits</Button>
        {isPair && ownPair && (
          <Button onClick={() => change({ pair: null })}>Let the seed choose</Button>
        )}
        {hint && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
      </Group>
    </>
  );
}

/** Side of the pad, in pixels of its canvas. */
const SIZE = 448;

/** Width of the pen: as in MNIST, for a digit that fills the pad. */
const PEN = SIZE / 11;

type Edit = (strokes: readonly Stroke[]) => readonly Stroke[];
const EDITS: Record<string, Edit> = { Undo: (all) => all.slice(0, -1), Clear: () => [] };

/** A digit by mouse, pen or finger. */
function DrawingPad() {
  const { store } = useDraw();
  const canvasRef = useRef<HTMLCanvasElement>(null);
  const strokes = useDrawState((state) => state.strokes);
  const isDrawing = useRef(false);

  useEffect(() => {
    const context = canvasRef.current?.getContext("2d");
    if (context) paint(context, strokes);
  }, [strokes]);

  const change = (edit: Edit) => store.setState((state) => ({ strokes: edit(state.strokes) }));
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    if (!isDrawing.current) return;
    const box = event.currentTarget.getBoundingClientRect();
    const coalesced = event.nativeEvent.getCoalescedEvents?.() ?? [];
    const events = coalesced.length > 0 ? coalesced : [event.nativeEvent];
    const points = events.flatMap(({ clientX, clientY }) => [
      (clientX - box.left) / box.width,
      (clientY - box.top) / box.height,
    ]);
    change((all) => [...all.slice(0, -1), [...(all.at(-1) ?? []), ...points]]);
  };
  const end = () => {
    isDrawing.current = false;
  };

  return (
    <>
      <div style={{ position: "relative" }}>
        <canvas
          ref={canvasRef}
          className={classes.pad}
          width={SIZE}
          height={SIZE}
          role="img"
          aria-label={strokes.length > 0 ? "Your drawing" : "An empty pad: draw a digit"}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            isDrawing.current = true;
            change((all) => [...all, []]);
            draw(event);
          }}
          onPointerMove={draw}
          onPointerUp={end}
          onPointerCancel={end}
        />
        {strokes.length === 0 && (
          <span className={`over ${classes.invitation}`} aria-hidden="true">
            Draw a digit here
          </span>
        )}
      </div>
      <Group gap={6}>
        {Object.entries(EDITS).map(([label, edit]) => (
          <Button key={label} disabled={strokes.length === 0} onClick={() => change(edit)}>
            {label}
          </Button>
        ))}
        <Text size="xs" c="dimmed">
          By mouse, pen or finger.
          <span className={formClasses.keyHint}> With the keyboard, choose “A test image”.</span>
        </Text>
      </Group>
    </>
  );
}

function paint(context: CanvasRenderingContext2D, strokes: readonly Stroke[]) {
  context.fillStyle = "#000";
  context.fillRect(0, 0, SIZE, SIZE);
  context.strokeStyle = "#fff";
  context.lineWidth = PEN;
  context.lineCap = "round";
  context.lineJoin = "round";
  // A soft edge, as the pen's in MNIST.
  context.shadowColor = "#fff";
  context.shadowBlur = PEN / 4;
  for (const stroke of strokes) {
    context.beginPath();
    for (let i = 0; i < stroke.length; i += 2) {
      context.lineTo((stroke[i] as number) * SIZE, (stroke[i + 1] as number) * SIZE);
    }
    // A dot is a line, too.
    if (stroke.length === 2) {
      context.lineTo((stroke[0] as number) * SIZE, (stroke[1] as number) * SIZE + 0.1);
    }
    context.stroke();
  }
}
