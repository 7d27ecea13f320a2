import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, type Ref, useMemo, useRef } from "react";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { OBJECTIVES } from "../../../engine/diffusion/objectives.ts";
import type { NetworkFigures } from "./networkFigures.ts";
import { blockLabel, channelWords, formatShort, kindName, sizeWords } from "./text.ts";
import classes from "./UnetDrawing.module.css";
import { type Box, type PlacedBlock, type UnetLayout, unetLayout } from "./unetLayout.ts";

const MAX_WIDTH = 960;
const MIN_WIDTH = 320;
const LINE_HEIGHT = 16;
/** Of the longest number of parameters. */
const COUNT_WIDTH = 56;
/** From the middle of a line to its baseline, in all browsers: `dominant-baseline` is not inherited in Firefox. */
const MIDDLE = "0.35em";

interface UnetDrawingProps {
  network: NetworkFigures;
  objective: RunConfig["objective"];
  /** Name of the block whose tensors are shown. */
  selected: string;
  /** Blocks that stand out while a setting is pointed at. */
  touched: ReadonlySet<string> | null;
  onSelect: (name: string) => void;
  /** The drawing as it is saved. */
  pictureRef: Ref<HTMLDivElement>;
}

/** The U of blocks. One stop of the Tab key; arrows go on to the next block, as they are run. */
export function UnetDrawing(props: UnetDrawingProps) {
  const { network, objective, selected, touched, onSelect, pictureRef } = props;
  const { ref, width } = useElementSize();
  const drawnWidth = Math.round(Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH));
  const layout = useMemo(() => unetLayout(network, drawnWidth), [network, drawnWidth]);
  const svgRef = useRef<SVGSVGElement>(null);
  const names = network.figures.map(({ block }) => block.name);
  const most = Math.max(...network.figures.map(({ parameters }) => parameters));

  const move = (event: KeyboardEvent) => {
    const next = nextName(names, selected, event.key);
    if (next === null) return;
    event.preventDefault();
    onSelect(next);
    svgRef.current?.querySelector<SVGGElement>(`[data-block="${next}"]`)?.focus();
  };

  return (
    <div ref={ref} className={classes.frame} data-measured={width > 0 || undefined}>
      <div ref={pictureRef} className={classes.picture}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be in a drawing */}
        <svg
          ref={svgRef}
          className={classes.drawing}
          role="group"
          aria-label="The U-Net's blocks, as they are run; arrow keys go through them"
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          data-touching={touched !== null || undefined}
          onKeyDown={move}
        >
          <Ways layout={layout} selected={selected} />
          <Terminal box={layout.input} words="Noisy image xₜ" />
          <Terminal
            box={layout.output}
            words={`Prediction of ${OBJECTIVES[objective].predicted}`}
          />
          {layout.blocks.map((placed) => (
            <Block
              key={placed.figures.block.name}
              placed={placed}
              numLines={isOfMiddle(placed) ? layout.numMiddleLines : layout.numLines}
              share={placed.figures.parameters / most}
              isSelected={placed.figures.block.name === selected}
              isTouched={touched?.has(placed.figures.block.name) ?? false}
              onSelect={onSelect}
            />
          ))}
        </svg>
      </div>
    </div>
  );
}

/** The block that a key goes to; null when the key has nothing to do with it. */
function nextName(names: readonly string[], selected: string, key: string): string | null {
  const at = names.indexOf(selected);
  const last = names.length - 1;
  const targets: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: last,
  };
  const target = targets[key];
  return target === undefined ? null : (names[Math.min(Math.max(target, 0), last)] ?? null);
}

/** What lies behind the blocks: the sizes of the images, the skip connections, the way through. */
function Ways({ layout, selected }: { layout: UnetLayout; selected: string }) {
  return (
    <g>
      {layout.bands.map((band) => (
        <rect key={band.y} {...boxOf(band)} rx={10} fill="light-dark(#f1f3f6, #212429)" />
      ))}
      {layout.skips.map(({ from, to, line, head }) => (
        <g key={line} data-selected={from === selected || to === selected || undefined}>
          <path d={line} className={classes.skip} />
          <path d={head} className={classes.arrow} />
        </g>
      ))}
      {layout.flow.map(({ line, head }) => (
        <g key={line}>
          <path d={line} className={classes.flow} />
          <path d={head} className={classes.arrow} />
        </g>
      ))}
      {layout.sizes.map(({ x, y, size, isUpright }) => (
        <text
          key={y}
          x={x}
          y={y}
          dy={MIDDLE}
          transform={isUpright ? `rotate(-90 ${x} ${y})` : undefined}
          className={classes.size}
        >
          {size} × {size}
        </text>
      ))}
    </g>
  );
}

function Terminal({ box, words }: { box: Box; words: string }) {
  return (
    <text
      x={box.x + box.width / 2}
      y={box.y + box.height / 2}
      dy={MIDDLE}
      className={classes.terminal}
    >
      {words}
    </text>
  );
}

interface BlockProps {
  placed: PlacedBlock;
  numLines: 1 | 2 | 3;
  /** Of the parameters, compared with the largest block. */
  share: number;
  isSelected: boolean;
  isTouched: boolean;
  onSelect: (name: string) => void;
}

function Block({ placed, numLines, share, isSelected, isTouched, onSelect }: BlockProps) {
  const { figures, x, y, width, height } = placed;
  const { block } = figures;
  const select = () => onSelect(block.name);
  const isOneLine = numLines === 1;
  const lineY = (line: number) => y + height / 2 + LINE_HEIGHT * (line - (numLines - 1) / 2);
  const [start, end] = [x + 10, x + width - 8];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button cannot be in a drawing
    <g
      role="button"
      tabIndex={isSelected ? 0 : -1}
      aria-pressed={isSelected}
      // Its name is what stands in it.
      aria-description={blockLabel(figures)}
      data-block={block.name}
      data-kind={block.kind}
      data-touched={isTouched || undefined}
      className={classes.block}
      onClick={select}
      onFocus={select}
      onKeyDown={(event) => {
        if (event.key === "Enter" || event.key === " ") event.preventDefault();
      }}
    >
      <rect {...boxOf(placed)} rx={6} fill="var(--panel)" />
      <rect
        x={x}
        y={y}
        width={Math.max(4, share * width)}
        height={height}
        rx={4}
        fill="var(--kind)"
        fillOpacity={0.24}
      />
      <rect {...boxOf(placed)} rx={6} className={classes.edge} />
      <text x={start} y={lineY(0)} dy={MIDDLE} className={classes.kind}>
        {kindName(block)}
        {block.kind === "resnet" && numLines < 3 && <tspan className={classes.note}> + t</tspan>}
      </text>
      <text
        x={isOneLine ? end - COUNT_WIDTH : start}
        y={lineY(isOneLine ? 0 : 1)}
        dy={MIDDLE}
        className={classes.channels}
        data-end={isOneLine || undefined}
      >
        {isOneLine && isResizing(figures) ? sizeWords(figures) : channelWords(block)}
      </text>
      <text x={end} y={lineY(numLines - 1)} dy={MIDDLE} className={classes.count}>
        {formatShort(figures.parameters)}
      </text>
    </g>
  );
}

function isOfMiddle({ figures }: PlacedBlock): boolean {
  return figures.block.name.startsWith("mid_");
}

function isResizing({ sizeIn, sizeOut }: PlacedBlock["figures"]): boolean {
  return sizeIn !== sizeOut;
}

function boxOf({ x, y, width, height }: Box): Box {
  return { x, y, width, height };
}
