import { Button } from "@mantine/core";
import { useId } from "react";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import { FILM_FORMATS, type FilmFormat } from "../../../engine/formats/filmFormats.ts";
import type { PlaneDrawn } from "../../../runtime/run/samplingProtocol.ts";
import { SavingProgress } from "../../shared/film/SavingProgress.tsx";
import { useFilmFormats, useSaving } from "../../shared/film/useSaving.ts";
import { Popup, PopupItem } from "../../shared/parts/Popup.tsx";
import { FILM_FRAMES, PLANE_FILM, planeFilmPainter } from "./planeFilm.ts";
import type { PlaneScene } from "./planePicture.ts";
import { usePlane } from "./planeState.ts";

/**
 * The menu of what can be taken away of the plane.
 *
 * @param props.sceneAt what is seen at a time, from 0, where the film begins, to 1; null where nothing is drawn
 */
export function PlaneFiles({ sceneAt }: { sceneAt: ((time: number) => PlaneScene) | null }) {
  const slice = usePlane();
  const saving = useSaving("plane");
  const formats = useFilmFormats(PLANE_FILM);
  const id = useId();
  const saveFilm = (format: FilmFormat, of: NonNullable<typeof sceneAt>) =>
    saving.save(async (film) => {
      const fileName = `${NAME}.${format}`;
      const paint = planeFilmPainter(of);
      const { speed } = slice.getState();
      return film({ fileName, format, size: PLANE_FILM, frames: FILM_FRAMES, paint, speed });
    });
  const savePaths = () =>
    saving.save(async () => {
      const { drawn } = slice.getState();
      if (!drawn) throw new Error("There are no points yet.");
      return { fileName: `${NAME}.csv`, bytes: new TextEncoder().encode(pathsCsv(drawn)) };
    });
  const savePicture = () =>
    saving.save(async () => ({ fileName: `${NAME}.png`, bytes: await pictureBytes() }));
  return (
    <>
      <SavingProgress saving={saving} />
      <Button size="compact-sm" ml="auto" popoverTarget={id} disabled={saving.progress !== null}>
        Save
      </Button>
      <Popup id={id} kind="menu" align="end">
        {sceneAt &&
          formats.map((format) => {
            const { label, help } = FILM_FORMATS[format];
            return (
              <PopupItem
                key={format}
                popupId={id}
                label={label}
                use={`What is played, in gray; ${help}`}
                onClick={() => void saveFilm(format, sceneAt)}
              />
            );
          })}
        <PopupItem
          popupId={id}
          label="PNG picture"
          use="As it is shown now"
          onClick={() => void savePicture()}
        />
        {sceneAt && (
          <PopupItem
            popupId={id}
            label="CSV of the points"
            use="Where each point is at each step, from noise to data"
            onClick={() => void savePaths()}
          />
        )}
      </Popup>
    </>
  );
}

/** Of all files. */
const NAME = "two-dimensions";

async function pictureBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = document.querySelector<HTMLCanvasElement>("canvas[data-plane]");
  const blob = await new Promise<Blob | null>((resolve) => {
    if (canvas) canvas.toBlob(resolve);
    else resolve(null);
  });
  if (!blob) throw new Error("This browser gave no picture of the canvas.");
  return new Uint8Array(await blob.arrayBuffer());
}

/** A row for each point at each frame. */
function pathsCsv({ frames, levels }: Pick<PlaneDrawn, "frames" | "levels">): string {
  const rows = frames.flatMap((points, frame) =>
    Array.from({ length: points.length / 2 }, (_, point) => ({
      frame,
      noise: levels[frame]?.noise ?? 0,
      point,
      x: points[2 * point] as number,
      y: points[2 * point + 1] as number,
    })),
  );
  const names = ["frame", "noise", "point", "x", "y"] as const;
  return encodeCsv(names.map((name) => ({ name, values: rows.map((row) => row[name]) })));
}
