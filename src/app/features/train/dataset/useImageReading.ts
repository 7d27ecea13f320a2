/** Reads the pictures of the dialog in a worker, which is ended when the dialog closes, is canceled or gets more files. */

import { sum } from "es-toolkit";
import { useEffect, useEffectEvent, useReducer, useRef, useState } from "react";
import type { DatasetIdentity } from "../../../../engine/data/datasets.ts";
import type { ImageChoices } from "../../../../engine/data/networkImage.ts";
import type {
  FoundSet,
  ImageSource,
  ImagesCommand,
  ImagesReply,
  LeftOuts,
} from "../../../../hosts/images/protocol.ts";
import { startImagesWorker } from "../../../state/client/workers.ts";

interface ImageReading {
  /** `opening` until the files have been looked at, and `reading` once all are decoded. */
  status: "opening" | "choosing" | "reading" | "read" | "failed";
  message: string | null;
  set: FoundSet | null;
  choices: ImageChoices | null;
  /** Some of the pictures as they were, and as the network will see them: `[before.length, 28, 28]`. */
  before: readonly ImageBitmap[];
  labels: readonly number[];
  /** Those that the person leaves out, by their places. */
  without: readonly number[];
  after: Uint8Array | null;
  /** So many of `total` pictures decoded, or varied images made. */
  numDone: number;
  total: number;
  files: readonly File[];
  /** Pictures that could not be opened once all were read. */
  unread: LeftOuts;
}

const NOTHING: ImageReading = {
  status: "opening",
  message: null,
  set: null,
  choices: null,
  before: [],
  labels: [],
  without: [],
  after: null,
  numDone: 0,
  total: 0,
  files: [],
  unread: { first: [], count: 0 },
};

type Change =
  | Exclude<ImagesReply, { type: "idx" | "packed" | "drawSvg" }>
  | { type: "chosen"; choices: ImageChoices }
  | { type: "toggled"; sample: number }
  | { type: "begun" | "canceled" | "reset" };

function changed(state: ImageReading, change: Change): ImageReading {
  switch (change.type) {
    case "reset":
      return NOTHING;
    case "found": {
      const { set, before, labels } = change;
      // Once reading was canceled, what had been chosen before stays.
      const choices = state.choices ?? change.choices;
      return { ...state, status: "choosing", set, choices, before, labels };
    }
    case "samples":
      return { ...state, after: change.pixels };
    case "chosen":
      return { ...state, choices: change.choices };
    case "toggled": {
      const rest = state.without.filter((sample) => sample !== change.sample);
      const isBack = rest.length < state.without.length;
      return { ...state, without: isBack ? rest : [...rest, change.sample] };
    }
    case "begun":
      return { ...state, status: "reading", numDone: 0, total: sum(countsOf(state)) };
    case "canceled":
      return { ...state, status: "opening", after: null };
    case "progress":
      return { ...state, numDone: change.numDone, total: change.total };
    case "read": {
      const files = change.files.map(({ name, bytes }) => new File([bytes], name));
      return { ...state, status: "read", files, unread: change.leftOut };
    }
    case "failed":
      return { ...state, status: "failed", message: change.message };
  }
}

/** Images of each class without those that the person leaves out, by label. */
function countsOf({ set, labels, without }: ImageReading): number[] {
  const numOut = (label: number) => without.filter((sample) => labels[sample] === label).length;
  return (set?.counts ?? []).map((count, label) => count - numOut(label));
}

/**
 * @param told.onRead told of the set, its IDX files and what was left out of it, once all pictures are read
 * @param told.onIdx told where these are no pictures but an archive of IDX files
 */
export function useImageReading(
  sources: readonly ImageSource[],
  {
    onRead,
    onIdx,
  }: {
    onRead: (dataset: DatasetIdentity, files: readonly File[], unread: LeftOuts) => void;
    onIdx: (files: readonly File[]) => void;
  },
) {
  const [reading, dispatch] = useReducer(changed, NOTHING);
  const [numCanceled, setNumCanceled] = useState(0);
  const worker = useRef<Worker | null>(null);
  const post = (command: ImagesCommand) => worker.current?.postMessage(command);
  const take = useEffectEvent(async (reply: ImagesReply) => {
    if (reply.type === "drawSvg") {
      const bitmap = await drawnSvg(reply.file);
      post({ type: "svgDrawn", id: reply.id, bitmap });
    } else if (reply.type === "idx") onIdx(reply.files);
    else if (reply.type !== "packed") dispatch(reply);
    if (reply.type === "found" && reading.choices) {
      post({ type: "choose", choices: reading.choices });
    }
  });
  const { status, set, files, unread } = reading;
  const tell = useEffectEvent(() => {
    if (!set) return;
    const { name, classNames } = set;
    onRead({ id: "files", name, ...(classNames && { classNames }) }, files, unread);
  });
  useEffect(() => {
    if (status === "read") tell();
  }, [status]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: other files begin anew.
  useEffect(() => dispatch({ type: "reset" }), [sources]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once canceled, another worker looks at the files.
  useEffect(() => {
    if (sources.length === 0) return;
    const started = startImagesWorker();
    worker.current = started;
    started.addEventListener("message", ({ data }: MessageEvent<ImagesReply>) => take(data));
    started.addEventListener("error", ({ message }) =>
      dispatch({
        type: "failed",
        message: `The pictures could not be read${message ? ` (${message})` : ""}. Try fewer at a time, or reload the page.`,
      }),
    );
    started.postMessage({ type: "open", sources } satisfies ImagesCommand);
    return () => started.terminate();
  }, [sources, numCanceled]);

  return {
    ...reading,
    counts: countsOf(reading),
    /** Leaves a sample out, or takes it in again. */
    toggle: (sample: number) => dispatch({ type: "toggled", sample }),
    choose(choices: ImageChoices) {
      dispatch({ type: "chosen", choices });
      post({ type: "choose", choices });
    },
    read(isVaried: boolean) {
      if (!reading.choices) return;
      dispatch({ type: "begun" });
      const { choices, without } = reading;
      post({ type: "read", choices, isVaried, without });
    },
    /** Back to the choices. */
    cancel() {
      dispatch({ type: "canceled" });
      setNumCanceled((number) => number + 1);
    },
  };
}

/** An SVG file has no size in pixels: its longer side is drawn with so many. */
const SVG_SIDE = 280;

async function drawnSvg(file: Blob): Promise<ImageBitmap | null> {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { naturalWidth, naturalHeight } = image;
    const scale = SVG_SIDE / Math.max(naturalWidth, naturalHeight, 1);
    return await createImageBitmap(image, {
      resizeWidth: Math.max(1, Math.round(scale * naturalWidth)) || SVG_SIDE,
      resizeHeight: Math.max(1, Math.round(scale * naturalHeight)) || SVG_SIDE,
    });
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
