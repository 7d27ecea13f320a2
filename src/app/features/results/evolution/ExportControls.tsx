/**
 * The menu that saves the film as it is chosen, or what is shown as a picture. A film is made frame by frame while the
 * page goes on; how far it is stands before the menu.
 */
import { Button, Group, SegmentedControl, Switch } from "@mantine/core";
import { useId, useState } from "react";
import { FILM_FORMATS, type FilmFormat } from "../../../../engine/formats/filmFormats.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { SavingProgress } from "../../../shared/film/SavingProgress.tsx";
import { useFilmFormats, useSaving } from "../../../shared/film/useSaving.ts";
import { Popup, PopupItem } from "../../../shared/parts/Popup.tsx";
import { denoisingOf, denoisingWords, longest, ownFrame } from "./denoisingAxis.ts";
import classes from "./Evolution.module.css";
import {
  digitsPng,
  type FilmKind,
  type FilmPlace,
  filmFrames,
  filmPainter,
  filmSize,
} from "./film.ts";
import { planePng } from "./PlanePicture.tsx";
import { runSettings, useNounOfRun, usePosition, useScrubber, useShown } from "./scrubber.ts";
import { trainingWords } from "./trainingAxis.ts";

const FILM_WORDS: Record<FilmKind, string> = {
  training: "The film over training",
  denoising: "The film over denoising",
  both: "The film over training and denoising",
};

type ExportKind = FilmFormat | "digits" | "plane";

const SCALES = [
  { value: "2", label: "S" },
  { value: "4", label: "M" },
  { value: "8", label: "L" },
];

export function ExportControls() {
  const { saving, start } = useExport();
  const noun = useNounOfRun();
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
      onClick={() => void start(kind, { hasCaption, scale: Number(scale) })}
    />
  );
  return (
    <>
      <SavingProgress saving={saving} className={classes.progress ?? ""} />
      <Button size="compact-sm" popoverTarget={id} disabled={saving.progress !== null}>
        Save
      </Button>
      <Popup id={id} kind="menu" align="end">
        {formats.map((format) => {
          const { label, help } = FILM_FORMATS[format];
          return item(format, { label, use: `${FILM_WORDS[film]}; ${help}` });
        })}
        {item("digits", {
          label: `PNG picture of the ${noun}s`,
          use: "As they are shown now, at twice their size or more",
        })}
        {item("plane", {
          label: "PNG picture of the plane",
          use: "The chosen sample's whole evolution, at twice its size",
        })}
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
            label={`Training and denoising step below the ${noun}s`}
            checked={hasCaption}
            onChange={(event) => setHasCaption(event.currentTarget.checked)}
          />
        </Group>
      </Popup>
    </>
  );
}

interface ExportChoices {
  hasCaption: boolean;
  /** Pixels of a film to one of a digit. */
  scale: number;
}

/** Height of the lowest screen that a picture of the digits is made for, in CSS pixels. */
const LEAST_HEIGHT = 900;

/** Saves what is shown as a picture, or the chosen film. */
function useExport() {
  const { store } = useApp();
  const scrubber = useScrubber();
  const saving = useSaving("evolution");
  const start = (kind: ExportKind, { hasCaption, scale }: ExportChoices) =>
    saving.save(async (film) => {
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
      const named = (ending: string) => ({
        fileName: `${plainFileName(store.getState().run?.name ?? "run")}-${ending}`,
      });
      if (kind === "plane") {
        const denoising = denoisingOf(longest(snapshots), settings);
        const bytes = await planePng({ snapshots, digit, denoising });
        return { ...named("plane.png"), bytes };
      }
      if (kind === "digits") {
        // At twice the size in which a screen of this height shows them.
        const side = 2 * Math.max(LEAST_HEIGHT, window.innerHeight);
        const place = { snapshot: index, frame };
        return { ...named("digits.png"), bytes: await digitsPng({ ...subject, place, side }) };
      }
      const { film: filmKind, speed } = scrubber.position.getState();
      const frames = filmFrames(filmKind, { snapshots, shown: index });
      const { paint, ...size } = filmPainter({ ...subject, scale });
      return film({ ...named(`evolution.${kind}`), format: kind, size, paint, frames, speed });
    });
  return { saving, start };
}
