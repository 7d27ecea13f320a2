import { useEffect, useRef, useState } from "react";
import { FILM_FORMATS, type FilmFormat } from "../../../../engine/formats/filmFormats.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { messageOf } from "../../../../engine/messageOf.ts";
import { epochWord, formatBytes, formatCount } from "../../../../runtime/format.ts";
import { useApp } from "../../../shared/AppContext.ts";
import { saveFile } from "../../../state/saveFile.ts";
import { noticed } from "../../../state/slices/notices.ts";
import { denoisingOf, filmFrames, longest, ownFrame, snapshotColumns } from "../film.ts";
import { useScrubber } from "../ScrubberContext.ts";
import { denoisingWords, trainingWords } from "../text.ts";
import { type Caption, filmPainter } from "./filmPainter.ts";

export type ExportKind = FilmFormat | "digits" | "plane";

/** Of a screen, in CSS pixels. */
const LEAST_HEIGHT = 900;

const LEFT = [
  "The film was not saved",
  "You left Evolution before it was finished. Go back and save it again: it is made while Evolution is open.",
  { tone: "info" },
] as const;

interface ExportChoices {
  hasCaption: boolean;
  /** Pixels of a film to one of a digit. */
  scale: number;
}

/** How far a film is. */
export interface ExportProgress {
  numDone: number;
  numFrames: number;
  startMs: number;
}

/** Makes files of what is shown and downloads them. A failure is shown in a notice. */
export function useExport() {
  const { store } = useApp();
  const scrubber = useScrubber();
  const [progress, setProgress] = useState<ExportProgress | null>(null);
  const [message, setMessage] = useState("");
  /** Of the film that is being made. */
  const abortRef = useRef<AbortController | null>(null);
  // Outside the view nobody sees the progress or can cancel.
  useEffect(
    () => () => {
      if (!abortRef.current || abortRef.current.signal.aborted) return;
      abortRef.current.abort();
      store.setState((state) => noticed(state, ...LEFT));
    },
    [store],
  );

  /** Null where it was cancelled. */
  const make = async (kind: ExportKind, { hasCaption, scale }: ExportChoices) => {
    const shown = scrubber.shown();
    if (!shown) return null;
    const { snapshots, axis, index, frame, digit } = shown;
    const { run, config: pageConfig } = store.getState();
    const config = run?.config ?? pageConfig;
    const columns = snapshotColumns(shown.snapshot.count, config);
    const of = { config, stepsPerEpoch: run?.size?.stepsPerEpoch ?? null };
    const words: Caption = (place) => {
      const { step, numFrames } = snapshots[place.snapshot] ?? shown.snapshot;
      const denoising = denoisingOf({ step, numFrames }, of);
      const frame = ownFrame(place.frame, numFrames, axis);
      return `${trainingWords(step, of.stepsPerEpoch, epochWord(config))}; ${denoisingWords(frame, denoising)}`;
    };
    const caption = hasCaption ? words : null;
    const files = await import("./exportFiles.ts");
    if (kind === "plane") {
      const denoising = denoisingOf(longest(snapshots), of);
      return { bytes: await files.planePng({ snapshots, digit, denoising }), frameWords: "" };
    }
    if (kind === "digits") {
      // At twice the size in which a screen of this height shows them.
      const side = 2 * Math.max(LEAST_HEIGHT, window.innerHeight);
      const place = { snapshot: index, frame };
      return {
        bytes: files.digitsPng({ snapshots, columns, place, side, caption }),
        frameWords: "",
      };
    }
    abortRef.current = new AbortController();
    const { signal } = abortRef.current;
    const { film, speed } = scrubber.position.getState();
    const frames = filmFrames(film, { snapshots, shown: index });
    const numFrames = frames.length;
    const startMs = performance.now();
    const onProgress = (numDone: number) => setProgress({ numDone, numFrames, startMs });
    onProgress(0);
    const painter = filmPainter({ snapshots, columns, scale, caption });
    const encoder = await FILM_FORMATS[kind].encoder(painter);
    const bytes = await files.makeFilm({ encoder, painter, frames, speed, signal, onProgress });
    return bytes && { bytes, frameWords: `${formatCount(numFrames)} frames, ` };
  };

  const start = async (kind: ExportKind, choices: ExportChoices) => {
    setMessage("");
    try {
      const made = await make(kind, choices);
      if (!made) return;
      const ending = Object.hasOwn(FILM_FORMATS, kind) ? `evolution.${kind}` : `${kind}.png`;
      const fileName = `${plainFileName(store.getState().run?.name ?? "run")}-${ending}`;
      saveFile({ fileName, bytes: made.bytes });
      setMessage(`Saved ${fileName} (${made.frameWords}${formatBytes(made.bytes.length)})`);
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
