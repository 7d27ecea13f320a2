import type { Page } from "@playwright/test";
import { BufferSource, EncodedPacketSink, Input, MP4, WEBM } from "mediabunny";
import { base64 } from "./app.ts";

export interface ReadVideo {
  codec: string | null;
  /** Seconds. */
  duration: number;
  frames: { width: number; height: number; darkest: number; brightest: number }[];
}

/** Takes a WebM or MP4 apart here, and decodes its frames in the browser; brightness is in [16, 235]. */
export async function readVideo(page: Page, bytes: Uint8Array): Promise<ReadVideo> {
  const input = new Input({ source: new BufferSource(bytes), formats: [MP4, WEBM] });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error("The file has no video.");
  const config = await track.getDecoderConfig();
  const packets: { type: "key" | "delta"; timestamp: number; data: string }[] = [];
  for await (const { type, timestamp, data } of new EncodedPacketSink(track).packets()) {
    packets.push({ type, timestamp: 1e6 * timestamp, data: base64(data) });
  }
  const frames = await page.evaluate(
    async ({ config, packets }) => {
      const read: ReadVideo["frames"] = [];
      const pending: Promise<void>[] = [];
      const decoder = new VideoDecoder({
        output: (frame) => {
          const measure = async () => {
            const { codedWidth, displayWidth: width, displayHeight: height } = frame;
            const pixels = new Uint8Array(frame.allocationSize());
            const [luma] = await frame.copyTo(pixels);
            const { offset, stride } = luma ?? { offset: 0, stride: codedWidth };
            let darkest = 255;
            let brightest = 0;
            for (let y = 0; y < height; y++) {
              for (let x = 0; x < width; x++) {
                const value = pixels[offset + y * stride + x] ?? 0;
                darkest = Math.min(darkest, value);
                brightest = Math.max(brightest, value);
              }
            }
            read.push({ width, height, darkest, brightest });
            frame.close();
          };
          pending.push(measure());
        },
        error: (error) => {
          throw error;
        },
      });
      decoder.configure(config);
      for (const { type, timestamp, data } of packets) {
        const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
        decoder.decode(new EncodedVideoChunk({ type, timestamp, data: bytes }));
      }
      await decoder.flush();
      await Promise.all(pending);
      return read;
    },
    { config: config as VideoDecoderConfig, packets },
  );
  return { codec: track.codec, duration: await input.computeDuration(), frames };
}
