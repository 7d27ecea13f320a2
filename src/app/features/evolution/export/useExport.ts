import { useEffect, useRef, useState } from "react";
import { FILM_FORMATS, type FilmFormat } from "../../../../engine/formats/filmFormats.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { messageOf } from "../../../../engine/messageOf.ts";
import { useApp } from "../../../shared/AppContext.ts";
import { saveFile } from "../../../state/saveFile.ts";
import { type FilmFrame, filmFrames } from "../film.ts";
import { useScrubber } from "../ScrubberContext.ts";
import { denoisingAxis, denoisingWords, trainingWords } from "../text.ts";
import { filmPainter } from "./filmPainter.ts";

export type ExportKind = FilmFormat | "digits" | "plane";

/** Of a screen, in CSS pixels. */
const LEAST_HEIGHT = 900;

export interface ExportChoices {
  hasCaption: boolean;
  /** Pixels of a film to one of a digit. */
  scale: number;
}

export type ExportState =
  | { status: "idle" }
  | { status: "running"; numDone: number; numFrames: number; startMs: number }
  | { status: "saved"; fileName: string; numFrames: number | null; numBytes: number }
  | { status: "failed"; message: string };

/** A file; of a film how many frames it has. */
interface Made {
  bytes: Uint8Array<ArrayBuffer>;
  numFrames: number | null;
}

/** Makes files of what is shown and downloads them. */
export function useExport() {
  const { store } = useApp();
  const scrubber = useScrubber();
  const [state, setState] = useState<ExportState>({ status: "idle" });
  const abortRef = useRef<AbortController | null>(null);
  // Who has left the view no longer sees how far it is, nor could cancel it.
  useEffect(() => () => abortRef.current?.abort(), []);

  const make = async (
    kind: ExportKind,
    { hasCaption, scale }: ExportChoices,
  ): Promise<Made | null> => {
    const shown = scrubber.shown();
    if (!shown) return null;
    abortRef.current = new AbortController();
    const { signal } = abortRef.current;
    const { snapshots, axis, index, frame, digit } = shown;
    const { run, config } = store.getState();
    const denoising = denoisingAxis(axis, run?.config ?? config);
    const stepsPerEpoch = run?.size?.stepsPerEpoch ?? null;
    const words = (place: Pick<FilmFrame, "snapshot" | "frame">) => {
      const training = trainingWords(snapshots[place.snapshot]?.step ?? 0, stepsPerEpoch);
      return `${training}; ${denoisingWords(place.frame, denoising)}`;
    };
    const caption = hasCaption ? words : null;
    const files = await import("./exportFiles.ts");
    if (kind === "plane") {
      return { bytes: await files.planePng({ snapshots, digit, denoising }), numFrames: null };
    }
    if (kind === "digits") {
      // At twice the size in which a screen of this height shows them.
      const side = 2 * Math.max(LEAST_HEIGHT, window.innerHeight);
      const place = { snapshot: index, frame };
      return { bytes: files.digitsPng({ snapshots, place, side, caption }), numFrames: null };
    }
    if (signal.aborted) return null;
    const { film, speed } = scrubber.position.getState();
    const frames = filmFrames(film, { snapshots, shown: index });
    const startMs = performance.now();
    const onProgress = (numDone: number) =>
      setState({ status: "running", numDone, numFrames: frames.length, startMs });
    onProgress(0);
    const painter = filmPainter({ snapshots, scale, caption });
    const encoder = await FILM_FORMATS[kind].encoder(painter);
    const how = { speed: Number(speed), signal, onProgress };
    const bytes = await files.makeFilm({ encoder, painter, frames, ...how });
    return bytes && { bytes, numFrames: frames.length };
  };

  const start = async (kind: ExportKind, choices: ExportChoices) => {
    try {
      setState({ status: "idle" });
      const made = await make(kind, choices);
      if (!made) return setState({ status: "idle" });
      const { bytes, numFrames } = made;
      const fileName = `${plainFileName(store.getState().run?.name ?? "run")}-${endingOf(kind)}`;
      saveFile({ fileName, bytes });
      setState({ status: "saved", fileName, numFrames, numBytes: bytes.length });
    } catch (error) {
      setState({ status: "failed", message: messageOf(error) });
    }
  };
  const dismiss = () => setState({ status: "idle" });
  return { state, start, cancel: () => abortRef.current?.abort(), dismiss };
}

/** What a file is named after the run. */
function endingOf(kind: ExportKind): string {
  return Object.hasOwn(FILM_FORMATS, kind) ? `evolution.${kind}` : `${kind}.png`;
}
