import { ActionIcon, UnstyledButton } from "@mantine/core";
import { type RefObject, useId, useState } from "react";
import { plainFileName } from "../../formats/plainFileName.ts";
import type { XKind } from "../../store/chartOptions.ts";
import { saveFile } from "../../store/saveFile.ts";
import { MoreIcon } from "../icons.tsx";
import classes from "./ChartMenu.module.css";
import { ChartTable } from "./ChartTable.tsx";
import { chartCsv, chartJson } from "./chartFiles.ts";
import { pngOfElement } from "./pngOfElement.ts";
import type { Series } from "./series.ts";

interface ChartMenuProps {
  title: string;
  /** What the files are named after, before the title. */
  name: string;
  series: readonly Series[];
  xKind: XKind;
  format: (value: number) => string;
  /** What the picture is of. */
  card: RefObject<HTMLElement | null>;
}

/** A chart as a picture, as files and as a table. */
export function ChartMenu({ title, name, series, xKind, format, card }: ChartMenuProps) {
  const id = useId();
  const [isTableOpen, setIsTableOpen] = useState(false);
  const fileName = plainFileName(`${name} ${title}`);
  const saveText = (ending: string, text: string) =>
    saveFile({ fileName: `${fileName}.${ending}`, bytes: new TextEncoder().encode(text) });
  const savePng = async () => {
    if (!card.current) return;
    saveFile({ fileName: `${fileName}.png`, bytes: await pngOfElement(card.current) });
  };
  const items = [
    { label: "PNG picture", run: savePng },
    { label: "CSV", run: () => saveText("csv", chartCsv(series, xKind)) },
    { label: "JSON", run: () => saveText("json", chartJson(title, series, xKind)) },
    { label: "Table", run: () => setIsTableOpen(true) },
  ];
  return (
    <span data-undrawn>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={`Save or table: ${title}`}
        popoverTarget={id}
      >
        <MoreIcon />
      </ActionIcon>
      <div id={id} popover="auto" className={classes.menu}>
        {items.map(({ label, run }) => (
          <UnstyledButton
            key={label}
            className={classes.item}
            disabled={series.length === 0}
            popoverTarget={id}
            popoverTargetAction="hide"
            onClick={run}
          >
            {label}
          </UnstyledButton>
        ))}
      </div>
      {isTableOpen && (
        <ChartTable
          title={title}
          series={series}
          xKind={xKind}
          format={format}
          onClose={() => setIsTableOpen(false)}
        />
      )}
    </span>
  );
}
