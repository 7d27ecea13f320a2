import type { UnetBlock, UnetLevel } from "../../../engine/nn/unetBlocks.ts";
import type { BlockFigures, NetworkFigures } from "./networkFigures.ts";

/** Pixels; y grows downwards. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedBlock extends Box {
  figures: BlockFigures;
  /** Lines that its text takes. */
  numLines: number;
}

/** Behind the blocks whose images are of one size. */
interface Band extends Box {
  /** The side of the images in pixels, and where it stands; null for the middle, which has that of the band above. */
  label: { size: number; x: number; y: number; isUpright: boolean } | null;
}

/** SVG paths. */
export interface Arrow {
  line: string;
  head: string;
}

export interface UnetLayout {
  width: number;
  height: number;
  /** In the order of `NetworkFigures`. */
  blocks: PlacedBlock[];
  bands: Band[];
  /** Where the noisy image comes in and what the network predicts goes out. */
  input: Box;
  output: Box;
  /** Arrows from each block to the next. */
  flow: Arrow[];
  /** Arrows past the levels below, with the names of the blocks that they join. */
  skips: (Arrow & { from: string; to: string })[];
}

/** From this width on, the text of a block in the two columns fits in one line. */
const WIDE = 640;
/** From this width on, there is room between the columns. */
const AIRY = 700;
const MARGIN = 6;
const GAP = 6;
/** Widths of a block with its text in one line, and in two. */
const [LINE_WIDTH, HALF_LINE_WIDTH] = [250, 140];
/** Height of a block by the lines of its text. */
const HEIGHTS = [0, 26, 40, 56];
/** Size of an arrow's head, in pixels. */
const [HEAD_LENGTH, HEAD_WIDTH] = [5, 6];
/** Rows of a level. */
const NUM_LEVEL_ROWS = 4;
/** In place of the name of a block. */
const [INPUT, OUTPUT] = ["input", "output"];

/**
 * Places the blocks as a U: the way down at the left, the middle at the bottom, the way up at the
 * right.
 *
 * @param width of the drawing in pixels
 */
export function unetLayout({ blocks, figures }: NetworkFigures, width: number): UnetLayout {
  const isNarrow = width < WIDE;
  const isAiry = width >= AIRY;
  const numLines = isNarrow ? 2 : 1;
  /** Above the levels. */
  const numHeadRows = blocks.label ? 4 : 3;
  const rowHeight = HEIGHTS[numLines] as number;
  const pitch = rowHeight + GAP;
  const padding = isNarrow ? 7 : 8;
  const indent = isNarrow ? 6 : isAiry ? 22 : 8;
  const center = isNarrow ? 26 : isAiry ? 108 : 50;
  const innermost = blocks.downs.length - 1;
  const left = (level: number) => MARGIN + padding + indent * level;
  const columnWidth = (width - center) / 2 - left(innermost);
  const bandHeight = NUM_LEVEL_ROWS * pitch - GAP + 2 * padding;
  const bandY = (level: number) => MARGIN + numHeadRows * pitch + 4 + level * (bandHeight + GAP);
  const bandOf = (level: number, y: number, height: number) => {
    const x = MARGIN + indent * level;
    return { x, y, width: width - 2 * x, height };
  };

  const boxes = new Map<string, Box>();
  const placeColumn = (names: (string | null)[], xOf: (level: number) => number) => {
    for (const [row, name] of names.entries()) {
      if (name === null) continue;
      const level = Math.floor((row - numHeadRows) / NUM_LEVEL_ROWS);
      const rowInLevel = (row - numHeadRows) % NUM_LEVEL_ROWS;
      const y = level < 0 ? MARGIN + row * pitch : bandY(level) + padding + rowInLevel * pitch;
      const x = xOf(Math.max(0, level));
      boxes.set(name, { x, y, width: columnWidth, height: rowHeight });
    }
  };
  const wayDown = [INPUT, ...namesOf(blocks.initConv, ...blocks.downs.flatMap(inLevel))];
  const wayUp = [
    ...namesOf(...blocks.ups.flatMap(inLevel), blocks.finalBlock, blocks.finalConv),
    OUTPUT,
  ];
  const label = blocks.label ? [blocks.label.name] : [];
  placeColumn([...label, blocks.time.name, ...wayDown], left);
  placeColumn(
    [...label.map(() => null), ...wayUp.toReversed()],
    (level) => width - left(level) - columnWidth,
  );

  // Where there is little room, it takes the whole width.
  const middleLevel = isNarrow ? 0 : innermost;
  const middleGap = isAiry ? 20 : 9;
  const middleWidth = (width - 2 * left(middleLevel) - 2 * middleGap) / 3;
  const numMiddleLines = middleWidth >= LINE_WIDTH ? 1 : middleWidth >= HALF_LINE_WIDTH ? 2 : 3;
  const height = HEIGHTS[numMiddleLines] as number;
  const middle = namesOf(blocks.midBlock1, blocks.midAttention, blocks.midBlock2);
  const middleY = bandY(innermost + 1);
  for (const [i, name] of middle.entries()) {
    const x = left(middleLevel) + i * (middleWidth + middleGap);
    boxes.set(name, { x, y: middleY + padding, width: middleWidth, height });
  }

  const levels = blocks.downs.map(({ block1 }, level): Band => {
    const band = bandOf(level, bandY(level), bandHeight);
    // Below the skip connections where there is room.
    const y = band.y + bandHeight - (isAiry ? 12 : 38);
    const size = figures.find(({ block }) => block === block1)?.sizeIn ?? 0;
    return { ...band, label: { size, x: width / 2, y, isUpright: !isAiry } };
  });
  const middleBand = bandOf(middleLevel, middleY, height + 2 * padding);
  const boxOf = (name: string) => boxes.get(name) as Box;
  const way = [...wayDown, ...middle, ...wayUp];
  return {
    width,
    height: middleY + middleBand.height + MARGIN,
    input: boxOf(INPUT),
    output: boxOf(OUTPUT),
    bands: [...levels, { ...middleBand, label: null }],
    blocks: figures.map((of) => {
      const { name } = of.block;
      const lines = middle.includes(name) ? numMiddleLines : numLines;
      return { ...boxOf(name), figures: of, numLines: lines };
    }),
    flow: way.slice(1).map((name, i) => flowArrow(boxOf(way[i] as string), boxOf(name))),
    skips: skipsOf(blocks).map(([from, to]) => ({ from, to, ...across(boxOf(from), boxOf(to)) })),
  };
}

/** In the order in which they are run. */
function inLevel({ block1, block2, attend, resize }: UnetLevel): UnetBlock[] {
  return [block1, block2, attend, resize];
}

function namesOf(...blocks: UnetBlock[]): string[] {
  return blocks.map(({ name }) => name);
}

/** Names of the blocks that skip connections join. */
function skipsOf({ initConv, downs, ups, finalBlock }: NetworkFigures["blocks"]) {
  const ofLevels = downs.flatMap((down, level) => {
    const up = ups[downs.length - 1 - level] as UnetLevel;
    return [
      [down.block1.name, up.block2.name],
      [down.attend.name, up.block1.name],
    ] as const;
  });
  return [[initConv.name, finalBlock.name] as const, ...ofLevels];
}

/** Straight down to the middle of a block, straight up from one, or across. */
function flowArrow(from: Box, to: Box): Arrow {
  if (from.y === to.y) return across(from, to);
  const isDown = from.y < to.y;
  const { x: left, width } = isDown ? to : from;
  const x = left + width / 2;
  const [start, end] = isDown ? [from.y + from.height, to.y] : [from.y, to.y + to.height];
  const base = end + (isDown ? -HEAD_LENGTH : HEAD_LENGTH);
  return {
    line: `M${x} ${start}V${end}`,
    head: `M${x} ${end}L${x - HEAD_WIDTH / 2} ${base}H${x + HEAD_WIDTH / 2}z`,
  };
}

/** An arrow from the right edge of one box to the left edge of another. */
function across(from: Box, to: Box): Arrow {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2];
  const [x2, y2] = [to.x, to.y + to.height / 2];
  const bend = (x2 - x1) / 2;
  return {
    line: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
    head: `M${x2} ${y2}L${x2 - HEAD_LENGTH} ${y2 - HEAD_WIDTH / 2}V${y2 + HEAD_WIDTH / 2}z`,
  };
}
