import { Text } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { useState } from "react";
import { useApp } from "../../../shared/AppContext.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { filesOf } from "./droppedFiles.ts";
import classes from "./FileDrop.module.css";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/**
 * Images dropped anywhere on the page, or pasted, become those to train on: pictures, folders, zip archives or IDX files.
 * Safetensors are loaded.
 */
export function FileDrop() {
  const { store, client } = useApp();
  const [isOver, setIsOver] = useState(false);
  const load = async (data: DataTransfer) => {
    const sources = await filesOf(data);
    const { importing } = store.getState();
    // With the dialog open they come to those that are there.
    client.loadSources([...(importing ?? []), ...sources]);
  };
  const disabledReason = () => ACTIONS.loadFiles.disabledReason(store.getState());
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
    if (event.dataTransfer && disabledReason() === null) void load(event.dataTransfer);
  });
  useWindowEvent("paste", (event) => {
    const data = event.clipboardData;
    // Text for a field is the field's.
    if (!data || data.files.length === 0 || event.defaultPrevented) return;
    event.preventDefault();
    if (disabledReason() === null) void load(data);
  });

  if (!isOver) return null;
  return (
    <div className={classes.cover}>
      <Text fw={600} ta="center">
        {disabledReason() ??
          "Drop images to train on: a folder with one for each class, a zip of it, pictures, or IDX files. Or weights as .safetensors."}
      </Text>
    </div>
  );
}
