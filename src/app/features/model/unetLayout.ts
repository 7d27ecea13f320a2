import type { UnetLevel } from "../../../engine/nn/unetBlocks.ts";
import type { BlockFigures, NetworkFigures } from "./networkFigures.ts";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedBlock extends Box {
  figures: BlockFigures;
}

/** Where the side of a level's images is written. */
interface SizeLabel {
  x: number;
  y: number;
  /** Pixels. */
  size: number;
  /** From the bottom up, where there is no room. */
  isUpright: boolean;
}

/** Pixels; y grows downwards. */
export interface UnetLayout {
  width: number;
  height: number;
  /** Lines that a block's text takes; those of the middle, side by side, have less room. */
  numLines: 1 | 2;
  numMiddleLines: 1 | 2 | 3;
  /** In the order of `NetworkFigures`. */
  blocks: PlacedBlock[];
  /** Behind the blocks whose images are of one size. */
  bands: Box[];
  sizes: SizeLabel[];
  /** Where the noisy image comes in and what the network predicts goes out. */
  input: Box;
  output: Box;
  /** The way through the network. */
  flow: Arrow[];
  /** Those past the levels below, by the names of the blocks that they join. */
  skips: (Arrow & { from: string; to: string })[];
}

/** SVG paths. */
interface Arrow {
  line: string;
  head: string;
}

/** The two columns, way down and way up, need this width for a line that says all of a block. */
const WIDE = 640;
/** And this one for air between them. */
const AIRY = 700;
const MARGIN = 6;
/** Of a block with all of its text in one line, and in two. */
const [LINE_WIDTH, HALF_LINE_WIDTH] = [250, 140];
/** Heights of a block by the lines of its text. */
const [ONE_LINE, TWO_LINES, THREE_LINES] = [26, 40, 56];
/** Of an arrow. */
const [HEAD_LENGTH, HEAD_WIDTH] = [5, 6];
const NUM_HEAD_ROWS = 3;
const NUM_LEVEL_ROWS = 4;

/**
 * Places the blocks as a U: the way down at the left, the middle at the bottom, the way up at the
 * right; what a skip connection joins lies side by side.
 *
 * @param width of the drawing in pixels
 */
export function unetLayout({ blocks, figures }: NetworkFigures, width: number): UnetLayout {
  const isNarrow = width < WIDE;
  const isAiry = width >= AIRY;
  const [rowHeight, gap] = [isNarrow ? TWO_LINES : ONE_LINE, 6];
  const pitch = rowHeight + gap;
  const bandPadding = isNarrow ? 7 : 8;
  const indent = isNarrow ? 6 : isAiry ? 22 : 8;
  const center = isNarrow ? 26 : isAiry ? 108 : 50;
  const numLevels = blocks.downs.length;
  const innermost = numLevels - 1;
  const columnWidth = (width - center) / 2 - MARGIN - bandPadding - indent * innermost;
  const byName = new Map(figures.map((figure) => [figure.block.name, figure]));
  const placed = new Map<string, PlacedBlock>();

  const left = (level: number) => MARGIN + bandPadding + indent * level;
  const right = (level: number) => width - left(level) - columnWidth;
  const headY = (row: number) => MARGIN + row * pitch;
  const bandHeight = NUM_LEVEL_ROWS * pitch - gap + 2 * bandPadding;
  const bandY = (level: number) => headY(NUM_HEAD_ROWS) + 4 + level * (bandHeight + gap);
  const column = { width: columnWidth, height: rowHeight };
  const place = (name: string, box: Box) => {
    const found = byName.get(name);
    if (found) placed.set(name, { ...box, figures: found });
  };

  const output = { x: right(0), y: headY(0), ...column };
  place(blocks.finalConv.name, { x: right(0), y: headY(1), ...column });
  place(blocks.finalBlock.name, { x: right(0), y: headY(2), ...column });
  place(blocks.time.name, { x: left(0), y: headY(0), ...column });
  const input = { x: left(0), y: headY(1), ...column };
  place(blocks.initConv.name, { x: left(0), y: headY(2), ...column });

  const bands: Box[] = [];
  const sizes: SizeLabel[] = [];
  blocks.downs.forEach((down, level) => {
    const y = bandY(level);
    bands.push({
      x: MARGIN + indent * level,
      width: width - 2 * (MARGIN + indent * level),
      y,
      height: bandHeight,
    });
    sizes.push({
      x: width / 2,
      // Under the skip connections, or in the way of their thin lines.
      y: y + bandHeight - (isAiry ? 12 : 38),
      size: byName.get(down.block1.name)?.sizeIn ?? 0,
      isUpright: !isAiry,
    });
    const up = blocks.ups[innermost - level] as UnetLevel;
    const rowY = (row: number) => y + bandPadding + row * pitch;
    [down.block1, down.block2, down.attend, down.resize].forEach((block, row) => {
      place(block.name, { x: left(level), y: rowY(row), ...column });
    });
    [up.resize, up.attend, up.block2, up.block1].forEach((block, row) => {
      place(block.name, { x: right(level), y: rowY(row), ...column });
    });
  });

  const middleY = bandY(numLevels);
  // As wide as it may be, where there is little room.
  const middleLevel = isNarrow ? 0 : innermost;
  const innerWidth = width - 2 * left(middleLevel);
  const middleGap = isAiry ? 20 : 9;
  const middleWidth = (innerWidth - 2 * middleGap) / 3;
  const numMiddleLines = middleWidth >= LINE_WIDTH ? 1 : middleWidth >= HALF_LINE_WIDTH ? 2 : 3;
  const middleHeight = [ONE_LINE, TWO_LINES, THREE_LINES][numMiddleLines - 1] as number;
  const middleBandHeight = middleHeight + 2 * bandPadding;
  const middle = [blocks.midBlock1, blocks.midAttention, blocks.midBlock2];
  middle.forEach((block, i) => {
    const x = left(middleLevel) + i * (middleWidth + middleGap);
    place(block.name, { x, y: middleY + bandPadding, width: middleWidth, height: middleHeight });
  });
  bands.push({
    x: MARGIN + indent * middleLevel,
    width: width - 2 * (MARGIN + indent * middleLevel),
    y: middleY,
    height: middleBandHeight,
  });

  const boxOf = (name: string) => placed.get(name) as Box;
  const ofLevel = ({ block1, block2, attend, resize }: UnetLevel) =>
    [block1, block2, attend, resize].map(({ name }) => boxOf(name));
  const wayDown = [input, boxOf(blocks.initConv.name), ...blocks.downs.flatMap(ofLevel)];
  const wayUp = [
    ...blocks.ups.flatMap(ofLevel),
    boxOf(blocks.finalBlock.name),
    boxOf(blocks.finalConv.name),
    output,
  ];
  const [first, , last] = middle.map(({ name }) => boxOf(name)) as [Box, Box, Box];
  return {
    width,
    height: middleY + middleBandHeight + MARGIN,
    input,
    output,
    bands,
    sizes,
    numLines: isNarrow ? 2 : 1,
    numMiddleLines,
    blocks: figures.map(({ block }) => placed.get(block.name) as PlacedBlock),
    flow: [
      ...pairs(wayDown).map(([from, to]) => vertical(to.x + to.width / 2, bottom(from), to.y)),
      vertical(first.x + first.width / 2, bottom(wayDown.at(-1) as Box), first.y),
      ...pairs(middle).map(([from, to]) => across(boxOf(from.name), boxOf(to.name))),
      vertical(last.x + last.width / 2, last.y, bottom(wayUp[0] as Box)),
      ...pairs(wayUp).map(([from, to]) => vertical(from.x + from.width / 2, from.y, bottom(to))),
    ],
    skips: skipsOf(blocks).map(([from, to]) => ({
      from,
      to,
      ...across(boxOf(from), boxOf(to)),
    })),
  };
}

/** Names of the blocks whose output another takes besides its input. */
function skipsOf({ initConv, downs, ups, finalBlock }: NetworkFigures["blocks"]) {
  return [
    [initConv.name, finalBlock.name] as const,
    ...downs.flatMap((down, level) => {
      const up = ups[downs.length - 1 - level] as UnetLevel;
      return [
        [down.block1.name, up.block2.name] as const,
        [down.attend.name, up.block1.name] as const,
      ];
    }),
  ];
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.slice(1).map((item, i) => [items[i] as T, item]);
}

const bottom = ({ y, height }: Box) => y + height;

function vertical(x: number, from: number, to: number): Arrow {
  const back = from < to ? -HEAD_LENGTH : HEAD_LENGTH;
  return {
    line: `M${x} ${from}V${to}`,
    head: `M${x} ${to}L${x - HEAD_WIDTH / 2} ${to + back}H${x + HEAD_WIDTH / 2}z`,
  };
}

/** From the right edge of the one to the left edge of the other. */
function across(from: Box, to: Box): Arrow {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const bend = (x2 - x1) / 2;
  return {
    line: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
    head: `M${x2} ${y2}L${x2 - HEAD_LENGTH} ${y2 - HEAD_WIDTH / 2}V${y2 + HEAD_WIDTH / 2}z`,
  };
}
