/**
 * A picture of a chart as it stands on the page: the page's policy lets no picture in that it has put
 * together, so no SVG can be loaded to be drawn; its few kinds of elements are drawn one by one.
 */
import { messageOf } from "../../../engine/messageOf.ts";
import { saveFile } from "../../state/saveFile.ts";
import { noticed } from "../../state/slices/notices.ts";
import type { AppStore } from "../../state/store.ts";
import { requireReadableCanvas } from "../images/readableCanvas.ts";

/** Pixels of the picture for one of the page. */
const SCALE = 2;

/**
 * Downloads it as PNG, twice as wide and high as on the page; what has `data-undrawn` is left out. What
 * hinders that is said in a notice.
 */
export async function savePicture(
  store: AppStore,
  element: HTMLElement,
  fileName: string,
): Promise<void> {
  try {
    saveFile({ fileName, bytes: await pngOfElement(element) });
  } catch (error) {
    const message = messageOf(error);
    store.setState((state) => noticed(state, "No picture was saved", message));
  }
}

async function pngOfElement(element: HTMLElement): Promise<Uint8Array<ArrayBuffer>> {
  requireReadableCanvas();
  const { width, height } = element.getBoundingClientRect();
  const canvas = new OffscreenCanvas(Math.round(SCALE * width), Math.round(SCALE * height));
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawInto(context, element);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  return new Uint8Array(await blob.arrayBuffer());
}

type Context = OffscreenCanvasRenderingContext2D;

function drawInto(context: Context, element: HTMLElement): void {
  const { left, top } = element.getBoundingClientRect();
  const toElement = new DOMMatrix([SCALE, 0, 0, SCALE, -SCALE * left, -SCALE * top]);
  const isDrawn = (node: Node) =>
    !(node instanceof Element && (node.hasAttribute("data-undrawn") || isInvisible(node)));
  const walker = document.createTreeWalker(
    element,
    NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT,
    (node) => (isDrawn(node) ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_REJECT),
  );
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    context.setTransform(toElement);
    if (node instanceof SVGGeometryElement) drawShape(context, node, toElement);
    else if (node instanceof HTMLElement && node.hasAttribute("data-box")) drawBox(context, node);
    else if (node instanceof HTMLCanvasElement) drawCanvas(context, node);
    else if (node instanceof Text) drawText(context, node, toElement);
  }
}

function isInvisible(element: Element): boolean {
  const { display, visibility } = getComputedStyle(element);
  return display === "none" || visibility === "hidden" || element.tagName === "defs";
}

/** A path, a line, a rectangle or a circle. */
function drawShape(context: Context, shape: SVGGeometryElement, toElement: DOMMatrix): void {
  const toScreen = shape.getScreenCTM();
  const path = pathOf(shape);
  if (!toScreen || !path) return;
  context.setTransform(toElement.multiply(DOMMatrix.fromMatrix(toScreen)));
  const style = getComputedStyle(shape);
  if (style.fill !== "none") {
    context.globalAlpha = Number(style.fillOpacity);
    context.fillStyle = style.fill;
    context.fill(path);
  }
  if (style.stroke !== "none") {
    context.globalAlpha = Number(style.strokeOpacity);
    context.strokeStyle = style.stroke;
    context.lineWidth = Number.parseFloat(style.strokeWidth);
    const dashes = style.strokeDasharray.match(/[\d.]+/g) ?? [];
    context.setLineDash(dashes.map(Number));
    context.lineJoin = "round";
    context.stroke(path);
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
}

function pathOf(shape: SVGGeometryElement): Path2D | null {
  const path = new Path2D(shape.getAttribute("d") ?? "");
  if (shape instanceof SVGPathElement) return path;
  if (shape instanceof SVGLineElement) {
    path.moveTo(shape.x1.baseVal.value, shape.y1.baseVal.value);
    path.lineTo(shape.x2.baseVal.value, shape.y2.baseVal.value);
    return path;
  }
  if (shape instanceof SVGRectElement) {
    const { x, y, width, height, rx } = shape;
    const corner = rx.baseVal.value;
    path.roundRect(
      x.baseVal.value,
      y.baseVal.value,
      width.baseVal.value,
      height.baseVal.value,
      corner,
    );
    return path;
  }
  if (!(shape instanceof SVGCircleElement)) return null;
  path.arc(shape.cx.baseVal.value, shape.cy.baseVal.value, shape.r.baseVal.value, 0, 2 * Math.PI);
  return path;
}

/** A box filled with its ground. */
function drawBox(context: Context, box: HTMLElement): void {
  const { left, top, width, height } = box.getBoundingClientRect();
  context.fillStyle = getComputedStyle(box).backgroundColor;
  context.fillRect(left, top, width, height);
}

/** Pixels as they are, not smoothed. */
function drawCanvas(context: Context, canvas: HTMLCanvasElement): void {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  context.imageSmoothingEnabled = false;
  context.drawImage(canvas, left, top, width, height);
}

function drawText(context: Context, text: Text, toElement: DOMMatrix): void {
  const parent = text.parentElement;
  const style = parent && getComputedStyle(parent);
  if (!style || !text.data.trim()) return;
  const { fontStyle, fontWeight, fontSize, fontFamily } = style;
  context.font = `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
  context.fillStyle = parent instanceof SVGElement ? style.fill : style.color;
  context.textBaseline = "alphabetic";
  if (parent instanceof SVGTextContentElement) {
    const toScreen = parent.getScreenCTM();
    if (!toScreen) return;
    context.setTransform(toElement.multiply(DOMMatrix.fromMatrix(toScreen)));
    const { x, y } = parent.getStartPositionOfChar(firstChar(text));
    context.fillText(text.data.trim(), x, y);
    return;
  }
  const range = document.createRange();
  const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = context.measureText("x");
  // What wraps is drawn word by word, each where it stands.
  for (const { index, 0: word } of text.data.matchAll(/\S+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const { left, top, height } = range.getBoundingClientRect();
    if (height > 0) context.fillText(word, left, top + (height + up - down) / 2);
  }
}

/** The number within its element of a text's first character that is no space. */
function firstChar(text: Text): number {
  const before = document.createRange();
  before.setStart(text.parentNode as Node, 0);
  before.setEnd(text, text.data.length - text.data.trimStart().length);
  return before.toString().length;
}
