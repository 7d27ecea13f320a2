import { Button } from "@mantine/core";
import { useId } from "react";
import { useStore } from "zustand";
import { encodeCsv } from "../../../engine/formats/csv.ts";
import { messageOf } from "../../../engine/messageOf.ts";
import type { PlaneDrawn } from "../../../runtime/run/samplingProtocol.ts";
import { useApp } from "../../shared/AppContext.ts";
import { Popup, PopupItem } from "../../shared/parts/Popup.tsx";
import { saveFile, saveText } from "../../state/saveFile.ts";
import { noticed } from "../../state/slices/notices.ts";
import { usePlane } from "./planeState.ts";

/** The menu of what can be taken away of the plane. */
export function PlaneFiles() {
  const { store } = useApp();
  const slice = usePlane();
  const hasDrawn = useStore(slice, (state) => state.drawn !== null);
  const id = useId();
  const orTell = async (save: () => Promise<void> | void) => {
    try {
      await save();
    } catch (error) {
      store.setState((state) => noticed(state, "Nothing was saved", messageOf(error)));
    }
  };
  const drawn = () => {
    const { drawn } = slice.getState();
    if (!drawn) throw new Error("There are no points yet.");
    return drawn;
  };
  return (
    <>
      <Button size="compact-sm" ml="auto" popoverTarget={id}>
        Save
      </Button>
      <Popup id={id} kind="menu" align="end">
        <PopupItem
          popupId={id}
          label="PNG picture"
          use="As it is shown now"
          onClick={() => void orTell(savePicture)}
        />
        {hasDrawn && (
          <PopupItem
            popupId={id}
            label="CSV of the points"
            use="Where each point is at each step, from noise to data"
            onClick={() => void orTell(() => saveText("two-dimensions.csv", waysCsv(drawn())))}
          />
        )}
      </Popup>
    </>
  );
}

async function savePicture(): Promise<void> {
  const canvas = document.querySelector<HTMLCanvasElement>("canvas[data-plane]");
  const blob = await new Promise<Blob | null>((resolve) => {
    if (canvas) canvas.toBlob(resolve);
    else resolve(null);
  });
  if (!blob) throw new Error("This browser gave no picture of the canvas.");
  const bytes = new Uint8Array(await blob.arrayBuffer());
  saveFile({ fileName: "two-dimensions.png", bytes });
}

/** A row for each point at each frame. */
function waysCsv({ frames, levels }: Pick<PlaneDrawn, "frames" | "levels">): string {
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
