import { ActionIcon, UnstyledButton } from "@mantine/core";
import { type RefObject, useId } from "react";
import { plainFileName } from "../../formats/plainFileName.ts";
import { saveFile } from "../../store/saveFile.ts";
import { MoreIcon } from "../icons.tsx";
import classes from "./ChartMenu.module.css";
import { pngOfElement } from "./pngOfElement.ts";

interface ChartMenuProps {
  title: string;
  /** What the files are named after, before the title. */
  name: string;
  /** What the picture is of. */
  card: RefObject<HTMLElement | null>;
  isEmpty?: boolean;
  /** The texts of the files. */
  csv: () => string;
  json: () => string;
  /** Shows it as a table; left out where it is one. */
  onTable?: () => void;
}

/** A chart as a picture, as files and as a table. */
export function ChartMenu(props: ChartMenuProps) {
  const { title, name, card, isEmpty = false, csv, json, onTable } = props;
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
    ...(onTable ? [{ label: "Table", run: onTable }] : []),
  ];
  return (
    <span data-undrawn>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={`Save${onTable ? " or table" : ""}: ${title}`}
        popoverTarget={id}
      >
        <MoreIcon />
      </ActionIcon>
      <div id={id} popover="auto" className={classes.menu}>
        {items.map(({ label, run }) => (
          <UnstyledButton
            key={label}
            className={classes.item}
            disabled={isEmpty}
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
