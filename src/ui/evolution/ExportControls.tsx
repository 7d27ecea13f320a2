import {
  Button,
  CloseButton,
  Progress,
  SegmentedControl,
  Switch,
  UnstyledButton,
} from "@mantine/core";
import { useId, useState } from "react";
import type { FilmKind } from "../../store/evolutionAddress.ts";
import { formatCount, formatDuration } from "../format.ts";
import classes from "./Export.module.css";
import { filmSize } from "./filmSize.ts";
import { useShown } from "./ScrubberContext.ts";
import { type ExportKind, type ExportState, useExport } from "./useExport.ts";
import type { Film } from "./useFilm.ts";
import { useVideoFormats } from "./useVideoFormats.ts";

const SCALES = ["2", "4", "8"];
const WHAT: Record<FilmKind, string> = {
  training: "The film over training",
  denoising: "The film over denoising",
  both: "The film over training and denoising",
};
/** Sooner over than read. */
const MIN_SHOWN_MS = 1000;

/** Downloads the film as it is chosen, or what is shown as a picture. */
export function ExportControls({ film }: { film: Film }) {
  const { state, start, cancel, dismiss } = useExport(film);
  const [hasCaption, setHasCaption] = useState(true);
  const [scale, setScale] = useState("4");
  const id = useId();
  const count = useShown((shown) => shown?.snapshot.count ?? 1);
  const videos = useVideoFormats(filmSize({ count, scale: Number(scale), hasCaption }));
  const item = (kind: ExportKind, label: string, use: string) => (
    <UnstyledButton
      className={classes.item}
      popoverTarget={id}
      popoverTargetAction="hide"
      onClick={() => start(kind, { hasCaption, scale: Number(scale) })}
    >
      {label}
      <span>{use}</span>
    </UnstyledButton>
  );
  return (
    <>
      <ExportProgress state={state} cancel={cancel} dismiss={dismiss} />
      <Button
        size="compact-sm"
        variant="default"
        popoverTarget={id}
        disabled={state.status === "running"}
      >
        Save
      </Button>
      <div id={id} popover="auto" className={classes.menu}>
        {item("gif", "GIF film", `${WHAT[film.kind]}; plays anywhere`)}
        {videos.includes("mp4") &&
          item("mp4", "MP4 film", `${WHAT[film.kind]}; a smaller file, for slides and telephones`)}
        {videos.includes("webm") &&
          item("webm", "WebM film", `${WHAT[film.kind]}; a smaller file, for the web`)}
        {item(
          "digits",
          "PNG picture of the digits",
          "As they are shown now, at twice their size or more",
        )}
        {item(
          "plane",
          "PNG picture of the plane",
          "The chosen sample’s whole evolution, at twice its size",
        )}
        <div className={classes.choices}>
          <span id={`${id}-scale`}>Pixels of a film to one of a digit</span>
          <SegmentedControl
            size="xs"
            aria-labelledby={`${id}-scale`}
            data={SCALES}
            value={scale}
            onChange={setScale}
          />
          <Switch
            size="xs"
            label="Training and denoising step below the digits"
            checked={hasCaption}
            onChange={(event) => setHasCaption(event.currentTarget.checked)}
          />
        </div>
      </div>
    </>
  );
}

interface ExportProgressProps {
  state: ExportState;
  cancel: () => void;
  dismiss: () => void;
}

function ExportProgress({ state, cancel, dismiss }: ExportProgressProps) {
  if (state.status === "idle") return null;
  if (state.status === "failed") {
    return (
      <span className={classes.failure}>
        <span role="alert">Nothing was saved. {state.message}</span>
        <CloseButton size="sm" aria-label="Dismiss the message" onClick={dismiss} />
      </span>
    );
  }
  const { numDone, numFrames, startMs } = state;
  const elapsedMs = performance.now() - startMs;
  const leftMs = (elapsedMs / Math.max(1, numDone)) * (numFrames - numDone);
  const left = numDone > 0 && elapsedMs > MIN_SHOWN_MS ? `, ${formatDuration(leftMs)} left` : "";
  return (
    <span className={classes.progress}>
      <span>
        {formatCount(numDone)} of {formatCount(numFrames)} frames{left}
      </span>
      <Progress value={(100 * numDone) / numFrames} size="sm" aria-label="Saving" w={120} />
      <CloseButton size="sm" aria-label="Cancel" onClick={cancel} />
    </span>
  );
}
