/** `digits.ts` in a worker beside a page, so that the page goes on while digits are drawn. */
import { messageOf } from "../../engine/messageOf.ts";
import { type Digits, type Drawing, loadDigits } from "./digits.ts";

export type DigitsCommand =
  /** The first; a safetensors file. */
  | { type: "load"; weights: Uint8Array<ArrayBuffer> }
  /** In place of the drawing before it. */
  | { type: "draw"; id: number; drawing: Omit<Drawing, "onStep"> }
  | { type: "cancel" };

export type DigitsReply =
  /** After each step, index 0 for the noise; pixels `[count, 28, 28]`, 0 black to 255 white. */
  | { type: "frame"; id: number; index: number; numSteps: number; pixels: Uint8Array<ArrayBuffer> }
  | { type: "problem"; id: number; message: string };

let network: Promise<Digits>;
let current = 0;

self.addEventListener("message", ({ data }: MessageEvent<DigitsCommand>) => {
  if (data.type === "load") network = loadDigits(data.weights);
  else if (data.type === "draw") void draw(data);
  else current = 0;
});

async function draw({ id, drawing }: Extract<DigitsCommand, { type: "draw" }>): Promise<void> {
  const post = (reply: DigitsReply) => self.postMessage(reply);
  current = id;
  const overtaken = new Error("Another drawing has begun.");
  try {
    const { draw } = await network;
    await draw({
      ...drawing,
      onStep({ index, numSteps, pixels }) {
        if (id !== current) throw overtaken;
        post({ type: "frame", id, index, numSteps, pixels });
      },
    });
  } catch (error) {
    if (error !== overtaken) post({ type: "problem", id, message: messageOf(error) });
  }
}
