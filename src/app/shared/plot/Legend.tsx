import { Group, type GroupProps } from "@mantine/core";
import type { SVGProps } from "react";
import type { Series, SeriesStyle } from "./series.ts";

export const LINE_STYLES: Record<SeriesStyle, SVGProps<SVGPathElement>> = {
  faint: { strokeOpacity: 0.3 },
  line: { strokeWidth: 2 },
  dots: { strokeWidth: 1.5 },
  dashed: { strokeWidth: 1.5, strokeDasharray: "4 4" },
};

export type LegendSeries = Pick<Series, "name" | "color" | "style">;

/** A piece of a series' line in a legend, as it is drawn. */
export function SeriesSwatch({ color, style }: Omit<LegendSeries, "name">) {
  const width = style === "dots" ? 7 : 14;
  return (
    <svg width={width} height={7} style={{ flex: "none" }} aria-hidden>
      {style === "dots" ? (
        <circle cx={3.5} cy={3.5} r={3.5} fill={color} />
      ) : (
        <path
          d={`M0 3.5H${width}`}
          stroke={color}
          {...LINE_STYLES[style]}
          strokeWidth={style === "faint" ? 3 : 2}
        />
      )}
    </svg>
  );
}

/** A series in a legend: a piece of its line, its name, and what else is said of it. */
export function LegendEntry({ series, children, ...group }: GroupProps & { series: LegendSeries }) {
  return (
    <Group gap={5} wrap="nowrap" {...group}>
      <SeriesSwatch color={series.color} style={series.style} />
      {series.name}
      {children}
    </Group>
  );
}
