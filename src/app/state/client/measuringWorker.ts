import type {
  MeasuringEvent,
  MeasuringFailed,
  MeasuringRequest,
} from "../../../hosts/measuring/measuringProtocol.ts";
import { withThreads } from "./threadedWorker.ts";

/**
 * The page's end of the worker that measures, which lives until its last word.
 *
 * @param onEvent called with every word; of a worker that fails without one, with that
 * @returns cancels it at once, and frees all that it holds
 */
export function startMeasuring<Event extends MeasuringEvent>(
  request: MeasuringRequest,
  onEvent: (event: Event | MeasuringFailed) => void,
): () => void {
  const worker = withThreads(
    new Worker(new URL("../../../hosts/measuring/benchmark.ts", import.meta.url), {
      type: "module",
    }),
  );
  const tell = (event: Event | MeasuringFailed) => {
    const goesOn = event.type === "benchmarkProgress" || event.type === "timingProgress";
    if (!goesOn) worker.terminate();
    onEvent(event);
  };
  worker.onmessage = ({ data }: MessageEvent<Event>) => tell(data);
  worker.onerror = ({ message }) =>
    tell({ type: "measuringFailed", message: message || "The worker's script did not load." });
  worker.postMessage(request);
  return () => worker.terminate();
}
