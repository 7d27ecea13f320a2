/**
 * The menu that saves the film as it is chosen, or what is shown as a picture. A film is made frame by frame while the
 * page goes on; how far it is stands before the menu.
 */
import { Button, CloseButton, Group, Progress, SegmentedControl, Switch } from "@mantine/core";
import { useEffect, useId, useRef, useState } from "react";
import {
  codecFreeFilms,
  encodableFilms,
  FILM_FORMATS,
  type FilmFormat,
} from "../../../../engine/formats/filmFormats.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { messageOf } from "../../../../engine/messageOf.ts";
import { formatBytes, formatCount } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { Popup, PopupItem } from "../../../shared/parts/Popup.tsx";
import { formatTimeLeft } from "../../../shared/timeLeft.ts";
import { saveFile } from "../../../state/saveFile.ts";
import { noticed } from "../../../state/slices/notices.ts";
import { denoisingOf, denoisingWords, longest, ownFrame } from "./denoisingAxis.ts";
import classes from "./Evolution.module.css";
import {
  digitsPng,
  type FilmKind,
  type FilmPlace,
  filmFrames,
  filmPainter,
  filmSize,
  makeFilm,
} from "./film.ts";
import { planePng } from "./PlanePicture.tsx";
import { runSettings, usePosition, useScrubber, useShown } from "./scrubber.ts";
import { trainingWords } from "./trainingAxis.ts";

const FILM_WORDS: Record<FilmKind, string> = {
  training: "The film over training",
  denoising: "The film over denoising",
  both: "The film over training and denoising",
};

const PICTURES = {
  digits: {
    label: "PNG picture of the digits",
    use: "As they are shown now, at twice their size or more",
  },
  plane: {
    label: "PNG picture of the plane",
    use: "The chosen sample's whole evolution, at twice its size",
  },
};

type ExportKind = FilmFormat | keyof typeof PICTURES;

const SCALES = [
  { value: "2", label: "S" },
  { value: "4", label: "M" },
  { value: "8", label: "L" },
];

export function ExportControls() {
  const { progress, message, start, cancel, dismiss } = useExport();
  const film = usePosition((position) => position.film);
  const [hasCaption, setHasCaption] = useState(true);
  const [scale, setScale] = useState("4");
  const id = useId();
  const count = useShown((shown) => shown.snapshot.count);
  const config = useAppState((state) => runSettings(state).config);
  const formats = useFilmFormats(filmSize({ count, config, scale: Number(scale), hasCaption }));
  const item = (kind: ExportKind, words: { label: string; use: string }) => (
    <PopupItem
      key={kind}
      popupId={id}
      {...words}
      onClick={() => start(kind, { hasCaption, scale: Number(scale) })}
    />
  );
  return (
    <>
      <Group
        component="span"
        gap="xs"
        fz="sm"
        className={classes.progress}
        data-idle={(!progress && !message) || undefined}
      >
        {progress && <Running progress={progress} cancel={cancel} />}
        {/* Always there, so that what comes into it is read out. */}
        <span role="status">{message}</span>
        {message && <CloseButton size="sm" aria-label="Dismiss the message" onClick={dismiss} />}
      </Group>
      <Button size="compact-sm" popoverTarget={id} disabled={progress !== null}>
        Save
      </Button>
      <Popup id={id} kind="menu" align="end">
        {formats.map((format) => {
          const { label, help } = FILM_FORMATS[format];
          return item(format, { label, use: `${FILM_WORDS[film]}; ${help}` });
        })}
        {item("digits", PICTURES.digits)}
        {item("plane", PICTURES.plane)}
        <Group
          className={classes.exportChoices}
          justify="space-between"
          gap="xs"
          mt={4}
          p={8}
          fz="xs"
        >
          <span id={`${id}-scale`}>Video size</span>
          <SegmentedControl
            aria-labelledby={`${id}-scale`}
            data={SCALES}
            value={scale}
            onChange={setScale}
          />
          <Switch
            label="Training and denoising step below the digits"
            checked={hasCaption}
            onChange={(event) => setHasCaption(event.currentTarget.checked)}
          />
        </Group>
      </Popup>
    </>
  );
}

/** The formats this browser can encode in a size; until it has answered, those that all can. */
function useFilmFormats({ width, height }: { width: number; height: number }) {
  const [formats, setFormats] = useState(codecFreeFilms);
  useEffect(() => {
    let isLeft = false;
    void encodableFilms({ width, height }).then((found) => {
      if (!isLeft) setFormats(found);
    });
    return () => {
      isLeft = true;
    };
  }, [width, height]);
  return formats;
}

function Running({ progress, cancel }: { progress: ExportProgress; cancel: () => void }) {
  const { numDone, numFrames, startMs } = progress;
  const elapsedMs = performance.now() - startMs;
  const fraction = numDone / numFrames;
  return (
    <>
      <span>
        {formatCount(numDone)} of {formatCount(numFrames)} frames
        {formatTimeLeft({ elapsedMs, fractionBefore: 0, fraction })}
      </span>
      <Progress value={100 * fraction} aria-label="Saving" w={120} />
      <CloseButton size="sm" aria-label="Cancel" onClick={cancel} />
    </>
  );
}

interface ExportChoices {
  hasCaption: boolean;
  /** Pixels of a film to one of a digit. */
  scale: number;
}

/** How far a film is. */
interface ExportProgress {
  numDone: number;
  numFrames: number;
  startMs: number;
}

/** Height of the lowest screen that a picture of the digits is made for, in CSS pixels. */
const LEAST_HEIGHT = 900;

/** Makes files of what is shown and downloads them. A failure is shown in a notice. */
function useExport() {
  const { store } = useApp();
  const scrubber = useScrubber();
  const [progress, setProgress] = useState<ExportProgress | null>(null);
  const [message, setMessage] = useState("");
  const abortRef = useRef<AbortController | null>(null);
  // Outside the view nobody sees the progress or can cancel.
  useEffect(
    () => () => {
      if (!abortRef.current || abortRef.current.signal.aborted) return;
      abortRef.current.abort();
      const title = "The film was not saved";
      const text =
        "You left Evolution before it was finished. Go back and save it again: it is made while Evolution is open.";
      store.setState((state) => noticed(state, title, text, { tone: "info" }));
    },
    [store],
  );

  /** Null where it was cancelled. */
  const make = async (kind: ExportKind, { hasCaption, scale }: ExportChoices) => {
    const shown = scrubber.shown();
    if (!shown) return null;
    const { snapshots, axis, index, frame, digit } = shown;
    const settings = runSettings(store.getState());
    const words = (place: FilmPlace) => {
      const snapshot = snapshots[place.snapshot] ?? shown.snapshot;
      const frame = ownFrame(place.frame, snapshot.numFrames, axis);
      const denoising = denoisingWords(frame, denoisingOf(snapshot, settings));
      return `${trainingWords(snapshot.step, settings)}; ${denoising}`;
    };
    const subject = { snapshots, config: settings.config, caption: hasCaption ? words : null };
    if (kind === "plane") {
      const denoising = denoisingOf(longest(snapshots), settings);
      return { bytes: await planePng({ snapshots, digit, denoising }), numFrames: null };
    }
    if (kind === "digits") {
      // At twice the size in which a screen of this height shows them.
      const side = 2 * Math.max(LEAST_HEIGHT, window.innerHeight);
      const place = { snapshot: index, frame };
      return { bytes: await digitsPng({ ...subject, place, side }), numFrames: null };
    }
    abortRef.current = new AbortController();
    const { signal } = abortRef.current;
    const { film, speed } = scrubber.position.getState();
    const frames = filmFrames(film, { snapshots, shown: index });
    const numFrames = frames.length;
    const startMs = performance.now();
    const onProgress = (numDone: number) => setProgress({ numDone, numFrames, startMs });
    onProgress(0);
    const { paint, ...size } = filmPainter({ ...subject, scale });
    const encoder = await FILM_FORMATS[kind].encoder(size);
    const bytes = await makeFilm({ encoder, paint, frames, speed, signal, onProgress });
    return bytes && { bytes, numFrames };
  };

  const start = async (kind: ExportKind, choices: ExportChoices) => {
    setMessage("");
    try {
      const made = await make(kind, choices);
      if (!made) return;
      const { bytes, numFrames } = made;
      const ending = Object.hasOwn(FILM_FORMATS, kind) ? `evolution.${kind}` : `${kind}.png`;
      const fileName = `${plainFileName(store.getState().run?.name ?? "run")}-${ending}`;
      saveFile({ fileName, bytes });
      const frames = numFrames === null ? "" : `${formatCount(numFrames)} frames, `;
      setMessage(`Saved ${fileName} (${frames}${formatBytes(bytes.length)})`);
    } catch (error) {
      store.setState((state) => noticed(state, "Nothing was saved", messageOf(error)));
    } finally {
      abortRef.current = null;
      setProgress(null);
    }
  };
  const cancel = () => abortRef.current?.abort();
  return { progress, message, start, cancel, dismiss: () => setMessage("") };
}
