import { Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useState } from "react";
import { useApp } from "../../../shared/AppContext.ts";
import { ACTIONS } from "../../../state/actions.ts";
import classes from "./FileDrop.module.css";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** IDX files dropped anywhere on the page become the images to train on; safetensors are loaded. */
export function FileDrop() {
  const { store, client } = useApp();
  const [isOver, setIsOver] = useState(false);
  const disabledReason = () => ACTIONS.loadImages.disabledReason(store.getState());
  useWindowEvent("dragover", (event) => {
    if (!hasFiles(event)) return;
    // A part of the page, such as the pad of Draw, takes this kind of file itself.
    if (event.defaultPrevented) return setIsOver(false);
    // Otherwise the browser would open the file in place of the page.
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = disabledReason() ? "none" : "copy";
    setIsOver(true);
  });
  useWindowEvent("dragleave", (event) => {
    if (event.relatedTarget === null) setIsOver(false);
  });
  useWindowEvent("drop", (event) => {
    setIsOver(false);
    if (!hasFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])];
    if (disabledReason() === null) client.loadFiles(files);
  });

  if (!isOver) return null;
  return (
    <div className={classes.cover}>
      <Text fw={600} ta="center">
        {disabledReason() ??
          "Drop IDX files to train on (a pair of images and labels, or two pairs, gzipped or not), or weights as .safetensors."}
      </Text>
    </div>
  );
}
