import { useEffect, useRef, useState } from "react";
import {
  codecFreeFilms,
  encodableFilms,
  FILM_FORMATS,
  type FilmFormat,
} from "../../../engine/formats/filmFormats.ts";
import type { FilmSize } from "../../../engine/formats/pictures/filmEncoder.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import { formatBytes, formatCount } from "../../../runtime/format.ts";
import { saveFile } from "../../state/saveFile.ts";
import { noticed } from "../../state/slices/notices.ts";
import { VIEW_LABELS, type ViewName } from "../../state/slices/view.ts";
import { useApp } from "../AppContext.ts";
import { type Film, makeFilm } from "./makeFilm.ts";

/** How far a film is. */
export interface FilmProgress {
  numDone: number;
  numFrames: number;
  startMs: number;
}

interface Saved {
  fileName: string;
  bytes: Uint8Array<ArrayBuffer>;
  /** Of a film. */
  numFrames?: number;
}

/** Makes a film, with its progress; null where it was cancelled. */
type MakeFilm = <F extends { durationMs: number }>(
  film: Film<F> & { fileName: string; format: FilmFormat; size: FilmSize },
) => Promise<Saved | null>;

export type Saving = ReturnType<typeof useSaving>;

/** Makes files of what a view shows and downloads them, films frame by frame. A failure is shown in a notice. */
export function useSaving(view: ViewName) {
  const { store } = useApp();
  const [progress, setProgress] = useState<FilmProgress | null>(null);
  const [message, setMessage] = useState("");
  const abortRef = useRef<AbortController | null>(null);
  const viewLabel = VIEW_LABELS[view];
  // Outside the view nobody sees the progress or can cancel.
  useEffect(
    () => () => {
      if (!abortRef.current || abortRef.current.signal.aborted) return;
      abortRef.current.abort();
      const title = "The film was not saved";
      const text = `You left ${viewLabel} before it was finished. Go back and save it again: it is made while ${viewLabel} is open.`;
      store.setState((state) => noticed(state, title, text, { tone: "info" }));
    },
    [store, viewLabel],
  );

  const film: MakeFilm = async ({ fileName, format, size, ...of }) => {
    abortRef.current = new AbortController();
    const { signal } = abortRef.current;
    const numFrames = of.frames.length;
    const startMs = performance.now();
    const onProgress = (numDone: number) => setProgress({ numDone, numFrames, startMs });
    onProgress(0);
    const encoder = await FILM_FORMATS[format].encoder(size);
    const bytes = await makeFilm({ ...of, encoder, signal, onProgress });
    return bytes && { fileName, bytes, numFrames };
  };

  /** @param make gives nothing where it was cancelled, or there is nothing to save */
  const save = async (make: (film: MakeFilm) => Promise<Saved | null>) => {
    setMessage("");
    try {
      const made = await make(film);
      if (!made) return;
      const { fileName, bytes, numFrames } = made;
      saveFile({ fileName, bytes });
      const frames = numFrames === undefined ? "" : `${formatCount(numFrames)} frames, `;
      setMessage(`Saved ${fileName} (${frames}${formatBytes(bytes.length)})`);
    } catch (error) {
      store.setState((state) => noticed(state, "Nothing was saved", messageOf(error)));
    } finally {
      abortRef.current = null;
      setProgress(null);
    }
  };
  const cancel = () => abortRef.current?.abort();
  return { progress, message, save, cancel, dismiss: () => setMessage("") };
}

/** The formats this browser can encode in a size; until it has answered, those that all can. */
export function useFilmFormats({ width, height }: FilmSize) {
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
