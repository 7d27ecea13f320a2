import { Button } from "@mantine/core";
import { useEffect, useId, useRef, useState } from "react";
import { type DatasetIdentity, namingOf } from "../../../../engine/data/datasets.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { messageOf } from "../../../../engine/messageOf.ts";
import type { ArchiveForm } from "../../../../runtime/files/imageArchive.ts";
import { formatPercent } from "../../../../runtime/format.ts";
import { Popup, PopupItem } from "../../../shared/parts/Popup.tsx";
import type { OpenedDataset } from "../../../state/client/datasetLoader.ts";
import { saveFile } from "../../../state/saveFile.ts";
import { askImagesWorker } from "./askImagesWorker.ts";

const FORMS: Record<ArchiveForm, { label: string; use: string }> = {
  png: { label: "PNG pictures", use: "A folder for each class, in a zip archive." },
  idx: {
    label: "IDX files",
    use: "Four files, as MNIST has them, in a zip archive. Faster to save and to open.",
  },
};

interface SaveSetProps {
  dataset: DatasetIdentity;
  open: () => Promise<OpenedDataset>;
  onProblem: (message: string) => void;
  /** Told when it begins and when it ends. */
  onSaving?: (isSaving: boolean) => void;
}

/** Saves a set of images as a file. Closing the dialog ends it. */
export function SaveSet({ dataset, open, onProblem, onSaving }: SaveSetProps) {
  const id = useId();
  const [fraction, setFraction] = useState<number | null>(null);
  const stop = useRef<AbortController>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const save = async (form: ArchiveForm) => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    setFraction(0);
    onSaving?.(true);
    try {
      const { files } = await open();
      const { classNames } = namingOf(dataset);
      const { archive } = await askImagesWorker(
        { type: "pack", files, classNames, form },
        "packed",
        { transfer: files.map(({ stream }) => stream), onProgress: setFraction, signal },
      );
      const bytes = new Uint8Array(await archive.arrayBuffer());
      saveFile({ fileName: `${plainFileName(dataset.name)}-${form}.zip`, bytes });
    } catch (error) {
      if (!signal.aborted) onProblem(`“${dataset.name}” was not saved: ${messageOf(error)}`);
    }
    if (signal.aborted) return;
    setFraction(null);
    onSaving?.(false);
  };
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        popoverTarget={id}
        disabled={fraction !== null}
        aria-label={`Save ${dataset.name} as a file`}
      >
        {fraction === null ? "Save…" : formatPercent(fraction)}
      </Button>
      <Popup id={id} kind="menu">
        {(Object.keys(FORMS) as ArchiveForm[]).map((form) => (
          <PopupItem key={form} popupId={id} {...FORMS[form]} onClick={() => save(form)} />
        ))}
      </Popup>
    </>
  );
}
