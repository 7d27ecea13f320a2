import type { WorkerEvent } from "../../../../runtime/run/events.ts";
import type { DenoiseState, DenoiseStore } from "./denoise.ts";
import type { Side } from "./denoiseSettings.ts";
import { newestWins } from "./newestWins.ts";
import type { PlanePoint } from "./plane.ts";

/**
 * The digit at a point of the plane, which is shown once it is finished.
 *
 * @param send asks for it, and returns the id of its sample; null where a setting is wrong
 */
export function pointedDigit(
  send: (at: PlanePoint, side: Side) => string | null,
  store: DenoiseStore,
) {
  let newestId: string | null = null;
  let pixels: Uint8Array | null = null;
  const newest = newestWins(({ side, at }: DenoiseState["point"]) => {
    newestId = send(at, side);
    return newestId === null ? [] : [newestId];
  });
  return {
    want: newest.want,
    afterEvent(event: WorkerEvent) {
      if (event.type === "sampleFrame" && event.sampleId === newestId) pixels = event.pixels;
      if (event.type === "sampleDone" && event.sampleId === newestId) {
        store.setState({ pointed: pixels });
      }
      newest.afterEvent(event);
    },
  };
}
