import { Button, Group, NativeSelect, SegmentedControl, Text, UnstyledButton } from "@mantine/core";
import { memo, useEffect, useId, useMemo, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import { IMAGE_SIZE, NUM_PIXELS } from "../../../engine/config/hyperparameters.ts";
import {
  className,
  classNameOf,
  type Naming,
  type Noun,
  ownNames,
} from "../../../engine/data/datasets.ts";
import { FLIPS, type FlipId, flippedPixels } from "../../../engine/diffusion/editing/flips.ts";
import { numTimestepsOf } from "../../../engine/diffusion/objectives.ts";
import { formatCount } from "../../../runtime/format.ts";
import { ASK_DEFAULTS } from "../../../runtime/sampling/ask.ts";
import { useAppState } from "../../shared/AppContext.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { BLANK, drawingPixels, type Stroke } from "../../shared/images/drawing.ts";
import { ImageGrid } from "../../shared/images/ImageGrid.tsx";
import { startNoise } from "../../shared/images/startNoise.ts";
import formClasses from "../../shared/network/Form.module.css";
import { useNounOfSet } from "../../shared/network/useNaming.ts";
import { useNetworks } from "../../shared/network/useNetworks.ts";
import { NumberField } from "../../shared/parts/NumberField.tsx";
import { SliderField } from "../../shared/parts/SliderField.tsx";
import classes from "./Draw.module.css";
import { ImagePad, PictureButton } from "./ImagePad.tsx";
import { type DrawSettings, withinImages } from "./state/drawSettings.ts";
import {
  beginsWith,
  formatComing,
  type ImageKind,
  imageKind,
  mixedImage,
  saysItself,
  startTimestep,
} from "./state/drawStart.ts";
import { useDraw, useDrawNaming, useDrawState, useSideNetwork } from "./useDraw.ts";
import { useSeedPair } from "./useShownPixels.ts";

interface Kind {
  label: string;
  /** What is set by it, and so tells it from the others. */
  settings: Partial<Pick<DrawSettings, "start" | "of">>;
}

const IMAGE_KINDS = { drawing: "My drawing", digit: "Test image", own: "Picture" } as const;

function imageKinds(settingsOf: (of: ImageKind) => Kind["settings"]): [Kind, ...Kind[]] {
  const kind = (of: ImageKind) => ({ label: IMAGE_KINDS[of], settings: settingsOf(of) });
  return [kind("drawing"), kind("digit"), kind("own")];
}

/** The ways to begin, as pictures; most come in several kinds. */
const BEGINNINGS: {
  name: string;
  help?: string | ((noun: Noun) => string);
  note?: "filling" | "inversion" | "readings";
  kinds: readonly [Kind, ...Kind[]];
}[] = [
  { name: "Noise", kinds: [{ label: "Pure noise", settings: { start: "noise" } }] },
  {
    name: "Drawing",
    kinds: imageKinds((of) => ({ start: of, of })),
  },
  {
    name: "Fill in",
    help: "The network draws what is marked, and leaves the rest as it is.",
    note: "filling",
    kinds: imageKinds((of) => ({ start: "fill", of })),
  },
  {
    name: "Change",
    help: (noun) =>
      `The image is traced back to the noise that it could have come from, and drawn from there as another ${noun}.`,
    note: "inversion",
    kinds: imageKinds((of) => ({ start: "invert", of })),
  },
  {
    name: "Mix",
    kinds: [
      { label: "A plane", settings: { start: "plane" } },
      { label: "With noise", settings: { start: "pair" } },
      { label: "By their noise", settings: { start: "arc" } },
    ],
  },
  {
    name: "Two readings",
    help: (noun) =>
      `One picture that reads as one ${noun === "digit" ? noun : "class"}, and as another when it is flipped.`,
    note: "readings",
    kinds: [{ label: "Two readings", settings: { start: "readings" } }],
  },
];

function isKind({ settings }: Kind, now: DrawSettings): boolean {
  return (
    settings.start === now.start && (settings.of === undefined || settings.of === imageKind(now))
  );
}

/** What one begins with: noise, an image, or a mixture, and which. */
export const Beginning = memo(function Beginning() {
  const { change } = useDraw();
  const start = useDrawState((state) => state.settings.start);
  const pictures = usePictures();
  const { noun } = useDrawNaming();
  const image = useDrawState((state) => imageKind(state.settings));
  const name = useId();
  // The kind that was chosen last comes back with its picture.
  const [last, setLast] = useState<Partial<Record<string, Kind>>>({});
  const settings = useDrawState((state) => state.settings);
  const here = BEGINNINGS.find(({ kinds }) => kinds.some((kind) => isKind(kind, settings)));
  const kind = here?.kinds.find((each) => isKind(each, settings));
  const { config } = useSideNetwork("a");
  const ask = useDrawState((state) => state.settings.ask);
  const text = useDrawState((state) => state.settings.text);
  const choose = (beginning: string, next: Kind) => {
    setLast({ ...last, [beginning]: next });
    const { start: nextStart = start } = next.settings;
    // An image says itself what is to become of it, unless a label is asked for afterwards.
    const isImage = saysItself(nextStart);
    const isOther = isImage !== saysItself(start) && (config?.classes ?? 0) > 0;
    const before = text === ASK_DEFAULTS.text ? "any" : "text";
    const asked = isImage ? "none" : ask === "none" ? before : ask;
    change({ ...next.settings, ...(isOther && { ask: asked }) });
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
              onChange={() =>
                choose(beginning, sameImage(kinds, image) ?? last[beginning] ?? kinds[0])
              }
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
          data={here.kinds.map(({ label }) => label)}
          value={kind?.label ?? ""}
          onChange={(next) => {
            const chosen = here.kinds.find(({ label }) => label === next);
            if (chosen) choose(here.name, chosen);
          }}
        />
      )}
      {here?.help && (
        <Text component="div" size="xs" c="dimmed">
          {typeof here.help === "string" ? here.help : here.help(noun)}{" "}
          {here.note && <Explain note={here.note} />}
        </Text>
      )}
      {start === "pair" && <Explain note="interpolation" isNamed />}
      {start === "arc" && <Explain note="inversion" isNamed />}
      {start === "plane" && <Corners />}
      {start === "readings" && <Readings />}
      {image && (image !== "digit" || start === "fill") && (
        // Another image begins with the first tool again: a pad that is empty can only be drawn on.
        <ImagePad key={`${start} ${image}`} />
      )}
      {image === "digit" && <Gallery key="one" isPair={false} />}
      {image === "own" && <PictureButton />}
      {(start === "pair" || start === "arc") && <Gallery key="two" isPair />}
    </>
  );
});

/** The kind that has the image of the beginning before, so that one goes on with it. */
function sameImage(kinds: readonly Kind[], image: ImageKind | null): Kind | undefined {
  return kinds.find(({ settings }) => image !== null && settings.of === image);
}

/** What a picture reads as, how it is flipped, and what it reads as then. */
function Readings() {
  const session = useDraw();
  const first = useDrawState((state) => state.settings.first);
  const second = useDrawState((state) => state.settings.second);
  const flip = useDrawState((state) => state.settings.flip);
  const networks = useNetworks();
  const errors = useDrawState(
    useShallow(() => {
      const { first, second } = session.requests(networks).errors;
      return { first, second };
    }),
  );
  const naming = useDrawNaming();
  const { config } = useSideNetwork("a");
  const field = (name: "first" | "second", label: string, text: string) =>
    ownNames(naming) ? (
      <NativeSelect
        label={label}
        classNames={{ root: formClasses.row ?? "" }}
        data={classOptions(naming, config?.classes ?? 0)}
        value={text}
        error={errors[name]}
        onChange={({ currentTarget }) => session.change({ [name]: currentTarget.value })}
      />
    ) : (
      <NumberField
        label={label}
        className={formClasses.row}
        text={text}
        error={errors[name]}
        onChange={(next) => session.change({ [name]: next })}
      />
    );
  return (
    <>
      {field("first", "As it is", first)}
      <div className={classes.flips} role="radiogroup" aria-label="How it is flipped">
        {(Object.keys(FLIPS) as FlipId[]).map((id) => (
          <UnstyledButton
            key={id}
            role="radio"
            aria-checked={id === flip}
            className={classes.flip}
            onClick={() => session.change({ flip: id })}
          >
            <ImageGrid pixels={flippedPixels(FLIPPED, id, IMAGE_SIZE)} />
            <span>{FLIPS[id].label}</span>
          </UnstyledButton>
        ))}
      </div>
      {field("second", "And flipped", second)}
    </>
  );
}

/** What a class is chosen from. */
function classOptions(naming: Naming, numClasses: number) {
  return Array.from({ length: numClasses }, (_, label) => ({
    value: String(label),
    label: className(naming, label),
  }));
}

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

/** A seven, which no flip leaves as it is. */
const FLIPPED = drawingPixels([[0.3, 0.2, 0.7, 0.2, 0.45, 0.85]]) ?? BLANK;

/** A six, which is a nine upside down. */
const SIX: readonly Stroke[] = [
  [
    0.62, 0.14, 0.46, 0.24, 0.36, 0.42, 0.34, 0.66, 0.44, 0.84, 0.6, 0.82, 0.66, 0.66, 0.56, 0.54,
    0.42, 0.58, 0.36, 0.68,
  ],
];

/** Pictures of the beginnings, in their order. */
function usePictures(): readonly Uint8Array[] {
  const seed = useDrawState((state) => Number(state.settings.seed) || 0);
  const strokes = useDrawState((state) => state.strokes);
  const image = useDrawState(({ settings, images }) =>
    imageKind(settings) === "digit" ? images.get(settings.digit) : undefined,
  );
  return useMemo(() => {
    const [three, eight, six] = [THREE, EIGHT, SIX].map((of) => drawingPixels(of) ?? BLANK) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const noise = startNoise(seed, 1);
    const isUpper = (i: number) => i < NUM_PIXELS / 2;
    const isFirst = (i: number) => Math.floor(i / IMAGE_SIZE) + (i % IMAGE_SIZE) < IMAGE_SIZE;
    return [
      noise,
      image ?? drawingPixels(strokes) ?? three,
      three.map((gray, i) => (isUpper(i) ? gray : Math.round((noise[i] as number) * 0.6))),
      three.map((gray, i) => (isFirst(i) ? gray : (eight[i] as number))),
      mixedImage(three, eight, 0.5),
      six,
    ];
  }, [seed, strokes, image]);
}

/** The timestep up to which noise is added to the images, as a share, and in words. */
function useNoiseLevel() {
  const start = useDrawState((state) => state.settings.start);
  const level = useDrawState((state) => state.settings.level);
  const back = useDrawState((state) => state.settings.back);
  const { config } = useSideNetwork("a");
  const numTimesteps = config ? numTimestepsOf(config) : 0;
  const t = startTimestep({ start, level, back }, numTimesteps);
  return {
    level: beginsWith(start) === "inversion" ? back : level,
    words: `t = ${formatCount(t)} of ${formatCount(numTimesteps)}`,
    onlySigma: numTimesteps === 1 ? config?.noiseSigma : undefined,
  };
}

/** What a drawing or a picture shows, for a network with classes: an inversion is told it. */
export function InvertedAs() {
  const { change } = useDraw();
  const isAsked = useDrawState(
    ({ settings: { start, of } }) => start === "invert" && of !== "digit",
  );
  const is = useDrawState((state) => state.settings.is);
  const { config } = useSideNetwork("a");
  const numClasses = config?.classes ?? 0;
  const naming = useDrawNaming();
  if (!isAsked || numClasses === 0) return null;
  return (
    <NativeSelect
      label="It is"
      classNames={{ root: formClasses.row ?? "" }}
      data={[{ value: "", label: "not told" }, ...classOptions(naming, numClasses)]}
      value={is ?? ""}
      onChange={({ currentTarget: { value } }) =>
        change({ is: value === "" ? null : Number(value) })
      }
    />
  );
}

/** How much noise images get, and how two of them are mixed; nothing where one begins with noise. */
export const NoiseLevel = memo(function NoiseLevel() {
  const { change } = useDraw();
  const start = useDrawState((state) => state.settings.start);
  const isMixed = useDrawState((state) => state.settings.mix !== null);
  const { level, words, onlySigma } = useNoiseLevel();
  if (beginsWith(start) === "noise" || start === "fill" || start === "readings") return null;
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
  const isInverted = beginsWith(start) === "inversion";
  return (
    <>
      <SliderField
        name={isInverted ? "How far back" : "Noise level"}
        isNamed
        value={level}
        words={words}
        onChange={(next) => change(isInverted ? { back: next } : { level: next })}
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

/** What the corners of the plane are, which cannot be chosen for a network without classes. */
function Corners() {
  const session = useDraw();
  const corners = useDrawState((state) => state.settings.corners);
  const networks = useNetworks();
  const { config } = useSideNetwork("a");
  const error = useDrawState(() => session.requests(networks).errors.corners);
  const hasClasses = (config?.classes ?? 0) > 0;
  const { noun } = useDrawNaming();
  const word = noun === "digit" ? noun : "class";
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
        {hasClasses
          ? `One ${word} for each corner, blended in between. With a single ${word} four noises are blended.`
          : `At the corners are the first four ${noun}s of this seed, and in between all mixtures of their noise.`}
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
  const noun = useNounOfSet();
  const nameOf = (label: number) => (dataset ? classNameOf(dataset, label) : String(label));

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
    : formatComing(noun);

  return (
    <>
      <div className={classes.gallery}>
        {gallery.map(({ index, label, pixels }) => (
          <UnstyledButton
            key={index}
            className={classes.image}
            aria-pressed={chosen.includes(index)}
            aria-label={`Image ${index + 1}, labeled ${nameOf(label)}`}
            title={`Labeled ${nameOf(label)}`}
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
        <Button onClick={() => setPage(page + 1)}>Show other {noun}s</Button>
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
