import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useApp } from "../../shared/AppContext.ts";
import { ACTIONS } from "../../state/actions.ts";
import classes from "./FileDrop.module.css";

/** IDX files dropped anywhere on the page become the images to train on; safetensors are loaded. */
export function FileDrop() {
  const { store, client } = useApp();
  const [isOver, setIsOver] = useState(false);

  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const isFree = () => ACTIONS.loadImages.disabledReason(store.getState()) === null;
    const onDragOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      // Without it the browser would open the file in place of the page.
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = isFree() ? "copy" : "none";
      setIsOver(true);
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setIsOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setIsOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (!isFree()) return;
      client.loadDropped(files);
    };
    window.addEventListener("dragover", onDragOver);
    window.addEventListener("dragleave", onDragLeave);
    window.addEventListener("drop", onDrop);
    return () => {
      window.removeEventListener("dragover", onDragOver);
      window.removeEventListener("dragleave", onDragLeave);
      window.removeEventListener("drop", onDrop);
    };
  }, [store, client]);

  if (!isOver) return null;
  return (
    <div className={classes.cover}>
      <Text fw={600} ta="center">
        {ACTIONS.loadImages.disabledReason(store.getState()) ??
          "Drop IDX files to train on (a pair of images and labels, or two pairs, gzipped or not), or weights as .safetensors."}
      </Text>
    </div>
  );
}
