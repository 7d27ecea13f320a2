import { Button, UnstyledButton } from "@mantine/core";
import { type RefObject, useId } from "react";
import { plainFileName } from "../../formats/plainFileName.ts";
import { saveFile } from "../../store/saveFile.ts";
import classes from "../charts/ChartMenu.module.css";
import { pngOfElement } from "../charts/pngOfElement.ts";

interface SaveMenuProps {
  title: string;
  /** What the files are named after, before the title. */
  name: string;
  /** What the picture is of. */
  card: RefObject<HTMLElement | null>;
  isEmpty: boolean;
  /** The texts of the files. */
  csv: () => string;
  json: () => string;
}

/** A chart as a picture and as files. */
export function SaveMenu({ title, name, card, isEmpty, csv, json }: SaveMenuProps) {
  const id = useId();
  const fileName = plainFileName(`${name} ${title}`);
  const saveText = (ending: string, text: string) =>
    saveFile({ fileName: `${fileName}.${ending}`, bytes: new TextEncoder().encode(text) });
  const savePng = async () => {
    if (!card.current) return;
    saveFile({ fileName: `${fileName}.png`, bytes: await pngOfElement(card.current) });
  };
  const items = [
    { label: "PNG picture", run: savePng },
    { label: "CSV", run: () => saveText("csv", csv()) },
    { label: "JSON", run: () => saveText("json", json()) },
  ];
  return (
    <span data-undrawn>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Save: ${title}`}
        disabled={isEmpty}
        popoverTarget={id}
      >
        Save
      </Button>
      <div id={id} popover="auto" className={classes.menu}>
        {items.map(({ label, run }) => (
          <UnstyledButton
            key={label}
            className={classes.item}
            popoverTarget={id}
            popoverTargetAction="hide"
            onClick={run}
          >
            {label}
          </UnstyledButton>
        ))}
      </div>
    </span>
  );
}
