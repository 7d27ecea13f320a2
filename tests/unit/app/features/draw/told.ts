import {
  type DrawState,
  inProgress,
  withImages,
  withOutcome,
  withoutImages,
  withPart,
} from "../../../../../src/app/features/draw/state/drawState.ts";
import type { WorkerEvent } from "../../../../../src/runtime/run/events.ts";

/** The state after what the worker says, as the view's session takes it. */
export function told(state: DrawState, ...events: WorkerEvent[]): DrawState {
  return events.reduce(afterEvent, state);
}

function afterEvent(state: DrawState, event: WorkerEvent): DrawState {
  switch (event.type) {
    case "images":
      return withImages(state, event);
    case "datasetReady":
      return withoutImages(state);
    case "sampleStarted":
    case "sampleFrame":
      return withPart(state, event);
    case "sampleDone":
      return withOutcome(state, event.sampleId, { status: "done", end: event });
    case "sampleCancelled":
      return withOutcome(state, event.sampleId, { status: "interrupted" });
    case "sampleFailed": {
      const { sampleId, message } = event;
      return withOutcome(state, sampleId, { status: "failed", message, isLost: false });
    }
    case "fault": {
      const { message } = event;
      const lost = { status: "failed", message, isLost: true } as const;
      return inProgress(state).reduce(
        (now, { sampleId }) => withOutcome(now, sampleId, lost),
        state,
      );
    }
    default:
      throw new Error(`The session does not take ${event.type}.`);
  }
}
