import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, type Ref, useMemo } from "react";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { OBJECTIVES } from "../../../engine/diffusion/objectives.ts";
import type { BlockKind } from "../../../engine/nn/unetBlocks.ts";
import { formatCount } from "../../../runtime/format.ts";
import {
  channelWords,
  DRAWING,
  formatShort,
  isEmbedding,
  kindName,
  sizeWords,
} from "./blockWords.ts";
import type { BlockFigures, NetworkFigures } from "./networkFigures.ts";
import classes from "./UnetDrawing.module.css";
import {
  type Arrow,
  type Box,
  type PlacedBlock,
  type UnetLayout,
  unetLayout,
} from "./unetLayout.ts";

const MAX_WIDTH = 960;
const MIN_WIDTH = 320;
const LINE_HEIGHT = 16;

/** Width of the longest number of parameters, in pixels. */
const COUNT_WIDTH = 56;

/** Distance from the middle of a line to its baseline. Firefox does not inherit `dominant-baseline`. */
const MIDDLE = "0.35em";
const TEXT = "var(--mantine-color-text)";
const DIMMED = "var(--mantine-color-dimmed)";
const GROUND = "light-dark(#f1f3f6, #212429)";

const KIND_COLORS: Record<BlockKind, string> = {
  conv: "var(--reference)",
  time: "light-dark(#cc79a7, #d996bb)",
  label: "light-dark(#cc79a7, #d996bb)",
  resnet: "var(--run-1)",
  linearAttention: "var(--run-2)",
  fullAttention: "var(--run-2)",
  downsample: "var(--good)",
  upsample: "var(--good)",
};

interface UnetDrawingProps {
  network: NetworkFigures;
  objective: RunConfig["objective"];
  /** Name of the block whose tensors are shown. */
  selected: string;
  /** Blocks that stand out while a setting is pointed at. */
  touched: ReadonlySet<string> | null;
  onSelect: (name: string) => void;
  /** Called when a block is clicked, or Enter or the space bar pressed on it. */
  onOpen: () => void;
  /** The drawing as it is saved. */
  pictureRef: Ref<HTMLDivElement>;
}

/** The U-Net's blocks. They are one stop of the Tab key; arrow keys go through them in the order in which they run. */
export function UnetDrawing(props: UnetDrawingProps) {
  const { network, objective, selected, touched, onSelect, onOpen, pictureRef } = props;
  const { ref, width } = useElementSize();
  const drawnWidth = Math.round(Math.min(Math.max(width, MIN_WIDTH), MAX_WIDTH));
  const layout = useMemo(() => unetLayout(network, drawnWidth), [network, drawnWidth]);
  const most = Math.max(...network.figures.map(({ parameters }) => parameters));
  return (
    <div ref={ref} className={classes.frame} data-measured={width > 0 || undefined}>
      <div ref={pictureRef} style={{ width: "fit-content" }}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be in a drawing */}
        <svg
          className={classes.drawing}
          role="group"
          aria-label={DRAWING.label}
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          fontSize={12}
          fill={TEXT}
          data-touching={touched !== null || undefined}
          onKeyDown={moveFocus}
        >
          <Background layout={layout} selected={selected} />
          <Terminal box={layout.input} words="Noisy image xₜ" />
          <Terminal
            box={layout.output}
            words={`Prediction of ${OBJECTIVES[objective].predicted}`}
          />
          {layout.blocks.map((placed) => (
            <Block
              key={placed.figures.block.name}
              placed={placed}
              share={placed.figures.parameters / most}
              isSelected={placed.figures.block.name === selected}
              isTouched={touched?.has(placed.figures.block.name) ?? false}
              onSelect={onSelect}
              onOpen={onOpen}
            />
          ))}
        </svg>
      </div>
    </div>
  );
}

/** Goes to another block, which selects it. */
function moveFocus(event: KeyboardEvent<SVGSVGElement>): void {
  const blocks = [...event.currentTarget.querySelectorAll<SVGGElement>("[data-block]")];
  const at = blocks.indexOf(event.target as SVGGElement);
  const target = {
    ArrowDown: at + 1,
    ArrowRight: at + 1,
    ArrowUp: at - 1,
    ArrowLeft: at - 1,
    Home: 0,
    End: blocks.length - 1,
    // It does not scroll the page: a block is a button.
    " ": at,
  }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  blocks[target]?.focus();
}

/** The sizes of the images, the skip connections, the flow from block to block. */
function Background({ layout, selected }: { layout: UnetLayout; selected: string }) {
  return (
    <g>
      {layout.bands.map(({ label, ...band }) => (
        <rect key={band.y} {...band} rx={10} fill={GROUND} />
      ))}
      {layout.skips.map(({ from, to, ...arrow }) => (
        <ArrowPaths
          key={arrow.line}
          arrow={arrow}
          color={from === selected || to === selected ? TEXT : "var(--reference)"}
          dashes="4 4"
        />
      ))}
      {layout.flow.map((arrow) => (
        <ArrowPaths key={arrow.line} arrow={arrow} color={DIMMED} />
      ))}
      {layout.bands.map(
        ({ label }) =>
          label && (
            <text
              key={label.y}
              x={label.x}
              y={label.y}
              dy={MIDDLE}
              transform={label.isUpright ? `rotate(-90 ${label.x} ${label.y})` : undefined}
              fontSize={13}
              fontWeight={600}
              textAnchor="middle"
              fill={DIMMED}
              stroke={GROUND}
              strokeWidth={6}
              paintOrder="stroke"
            >
              {label.size} × {label.size}
            </text>
          ),
      )}
    </g>
  );
}

function ArrowPaths({ arrow, color, dashes }: { arrow: Arrow; color: string; dashes?: string }) {
  return (
    <>
      <path d={arrow.line} fill="none" stroke={color} strokeWidth={1.25} strokeDasharray={dashes} />
      <path d={arrow.head} fill={color} />
    </>
  );
}

function Terminal({ box, words }: { box: Box; words: string }) {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return (
    <text x={x} y={y} dy={MIDDLE} textAnchor="middle" fontStyle="italic">
      {words}
    </text>
  );
}

interface BlockProps {
  placed: PlacedBlock;
  /** The block's parameters as a share of those of the largest block. */
  share: number;
  isSelected: boolean;
  isTouched: boolean;
  onSelect: (name: string) => void;
  onOpen: () => void;
}

function Block({ placed, share, isSelected, isTouched, onSelect, onOpen }: BlockProps) {
  const { figures, numLines, ...box } = placed;
  const { x, y, width, height } = box;
  const { block, sizeIn, sizeOut } = figures;
  const color = KIND_COLORS[block.kind];
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
      // Its name is its text.
      aria-description={blockLabel(figures)}
      data-block={block.name}
      data-touched={isTouched || undefined}
      className={classes.block}
      onClick={() => {
        select();
        onOpen();
      }}
      onKeyDown={({ key }) => {
        if (key === "Enter" || key === " ") onOpen();
      }}
      onFocus={select}
    >
      <rect {...box} rx={6} fill="var(--panel)" />
      <rect {...box} width={Math.max(4, share * width)} rx={4} fill={color} fillOpacity={0.24} />
      <rect
        {...box}
        rx={6}
        fill="none"
        stroke={color}
        strokeWidth={1.25}
        className={classes.edge}
      />
      <text x={start} y={lineY(0)} dy={MIDDLE} fontWeight={600}>
        {kindName(block)}
        {block.kind === "resnet" && numLines < 3 && (
          <tspan fontWeight={400} fontStyle="italic" fill={DIMMED}>
            {" + t"}
          </tspan>
        )}
      </text>
      <text
        x={isOneLine ? end - COUNT_WIDTH : start}
        y={lineY(isOneLine ? 0 : 1)}
        dy={MIDDLE}
        textAnchor={isOneLine ? "end" : "start"}
        fill={DIMMED}
      >
        {isOneLine && sizeIn !== sizeOut ? sizeWords(figures) : channelWords(block)}
      </text>
      <text x={end} y={lineY(numLines - 1)} dy={MIDDLE} textAnchor="end">
        {formatShort(figures.parameters)}
      </text>
    </g>
  );
}

/** All of a block for those who do not see the drawing. */
export function blockLabel(figures: BlockFigures): string {
  const { block, parameters } = figures;
  const images = isEmbedding(block) ? "" : `, images ${sizeWords(figures)}`;
  return `${block.name}: ${kindName(block)}${images}, channels ${channelWords(block)}, ${formatCount(parameters)} parameters`;
}
