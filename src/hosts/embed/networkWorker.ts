/** The network of a page in a worker beside it, so that the page goes on while it draws digits (`digits.ts`) or points (`points.ts`). */
import { messageOf } from "../../engine/messageOf.ts";
import { type Digits, type Drawing, loadDigits } from "./digits.ts";
import { loadPoints, type PointDrawing, type PointNetwork, type PointsDrawn } from "./points.ts";

export type NetworkCommand =
  /** The first; a safetensors file. */
  | { type: "load"; weights: Uint8Array<ArrayBuffer> }
  /** In place of the drawing before it. */
  | { type: "draw"; id: number; drawing: Omit<Drawing, "onStep"> }
  /** The same of a network of points. */
  | { type: "drawPoints"; id: number; drawing: PointDrawing }
  | { type: "cancel" };

export type NetworkReply =
  /** After each step, index 0 for the noise; pixels `[count, 28, 28]`, 0 black to 255 white. */
  | { type: "frame"; id: number; index: number; numSteps: number; pixels: Uint8Array<ArrayBuffer> }
  | ({ type: "points"; id: number } & PointsDrawn)
  | { type: "problem"; id: number; message: string };

let weights: Uint8Array<ArrayBuffer>;
let digits: Promise<Digits> | null = null;
let points: Promise<PointNetwork> | null = null;
let current = 0;

self.addEventListener("message", ({ data }: MessageEvent<NetworkCommand>) => {
  if (data.type === "load") weights = data.weights;
  else if (data.type === "cancel") current = 0;
  else void answer(data);
});

async function answer(command: Extract<NetworkCommand, { id: number }>): Promise<void> {
  const { id } = command;
  const post = (reply: NetworkReply) => self.postMessage(reply);
  current = id;
  const overtaken = new Error("Another drawing has begun.");
  const checkCurrent = () => {
    if (id !== current) throw overtaken;
  };
  try {
    if (command.type === "drawPoints") {
      points ??= loadPoints(weights);
      const drawn = await (await points).draw({ ...command.drawing, onStep: checkCurrent });
      post({ type: "points", id, ...drawn });
      return;
    }
    digits ??= loadDigits(weights);
    await (await digits).draw({
      ...command.drawing,
      onStep({ index, numSteps, pixels }) {
        checkCurrent();
        post({ type: "frame", id, index, numSteps, pixels });
      },
    });
  } catch (error) {
    if (error !== overtaken) post({ type: "problem", id, message: messageOf(error) });
  }
}
