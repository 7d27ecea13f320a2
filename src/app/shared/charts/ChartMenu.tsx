import { ActionIcon } from "@mantine/core";
import { type RefObject, useId } from "react";
import { plainFileName } from "../../../engine/formats/plainFileName.ts";
import { saveText } from "../../state/saveFile.ts";
import { useApp } from "../AppContext.ts";
import { MoreIcon } from "../icons.tsx";
import { Popup, PopupItem } from "../parts/Popup.tsx";
import { savePicture } from "./pngOfElement.ts";

export interface ChartMenuProps {
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
  onTable?: (() => void) | undefined;
}

/** A chart as a picture, as files and as a table. */
export function ChartMenu(props: ChartMenuProps) {
  const { title, name, card, isEmpty = false, csv, json, onTable } = props;
  const { store } = useApp();
  const id = useId();
  const fileName = plainFileName(`${name} ${title}`);
  const savePng = () => card.current && savePicture(store, card.current, `${fileName}.png`);
  const items = [
    { label: "PNG picture", run: savePng },
    { label: "CSV", run: () => saveText(`${fileName}.csv`, csv()) },
    { label: "JSON", run: () => saveText(`${fileName}.json`, json()) },
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
      <Popup id={id} kind="menu" align="end">
        {items.map(({ label, run }) => (
          <PopupItem key={label} popupId={id} label={label} disabled={isEmpty} onClick={run} />
        ))}
      </Popup>
    </span>
  );
}
