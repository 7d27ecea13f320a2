import { Button, CloseButton, Group, Progress, SegmentedControl, Switch } from "@mantine/core";
import { useEffect, useId, useState } from "react";
import {
  codecFreeFilms,
  encodableFilms,
  FILM_FORMATS,
} from "../../../../engine/formats/filmFormats.ts";
import { formatCount } from "../../../../runtime/format.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { Popup, PopupItem } from "../../../shared/parts/Popup.tsx";
import { timeLeftWords } from "../../../shared/timeLeft.ts";
import { snapshotColumns } from "../film.ts";
import { usePosition, useShown } from "../ScrubberContext.ts";
import { FILM_KINDS } from "../text.ts";
import classes from "./Export.module.css";
import { filmSize } from "./filmPainter.ts";
import { type ExportKind, type ExportProgress, useExport } from "./useExport.ts";

const SCALES = ["2", "4", "8"];

/** Downloads the film as it is chosen, or what is shown as a picture. */
export function ExportControls() {
  const { progress, message, start, cancel, dismiss } = useExport();
  const film = usePosition((position) => position.film);
  const [hasCaption, setHasCaption] = useState(true);
  const [scale, setScale] = useState("4");
  const id = useId();
  const count = useShown((shown) => shown.snapshot.count);
  const config = useAppState((state) => (state.run ?? state).config);
  const columns = snapshotColumns(count, config);
  const formats = useFilmFormats(filmSize({ count, columns, scale: Number(scale), hasCaption }));
  const item = (kind: ExportKind, label: string, use: string) => (
    <PopupItem
      key={kind}
      popupId={id}
      label={label}
      use={use}
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
          return item(format, label, `${FILM_KINDS[film].fileWords}; ${help}`);
        })}
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
        <Group className={classes.choices} justify="space-between" gap="xs" mt={4} p={8} fz="xs">
          <span id={`${id}-scale`}>Video scale</span>
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
        {timeLeftWords({ elapsedMs, fractionBefore: 0, fraction })}
      </span>
      <Progress value={100 * fraction} aria-label="Saving" w={120} />
      <CloseButton size="sm" aria-label="Cancel" onClick={cancel} />
    </>
  );
}
