import { describe, expect, it } from "vitest";
import { denoiseSession } from "../../../../../../src/app/features/denoise/state/denoiseSession.ts";
import type { WorkerEvent } from "../../../../../../src/runtime/run/events.ts";
import { page } from "../../../state/clientPage.ts";

function opened() {
  const app = page("preset=tiny");
  return { ...app, session: denoiseSession(app) };
}

const started = (sampleId: string): WorkerEvent => ({
  ...{ type: "sampleStarted", sampleId, origin: "person", start: "noise", count: 36 },
  ...{ timesteps: 2, times: [9, 4, -1], sources: null, trainedSteps: 7 },
  source: { kind: "run", runId: "a" },
});

describe("the denoising view", () => {
  it("asks for one batch, or for two when they are compared, noised as far as it is set to", () => {
    const { session, store, posted } = opened();
    session.store.setState(({ settings }) => ({ settings: { ...settings, level: 0.25 } }));
    session.generate();
    const config = { ...store.getState().config, interpolationNoise: 0.25 };
    expect(posted("sample")).toMatchObject([
      { request: { sampleId: "denoise-1", count: 36, sampler: { timesteps: 10 } }, config },
    ]);
    expect(session.store.getState().generations.a).toMatchObject({
      ...{ sampleId: "denoise-1", status: "waiting", numTimesteps: 1000 },
      noising: { interpolationNoise: 0.25 },
    });
    expect(session.store.getState().generations.b).toBeNull();
    session.store.setState(({ settings }) => ({ settings: { ...settings, isComparing: true } }));
    session.generate();
    expect(posted("sample").slice(1)).toMatchObject([
      { request: { sampleId: "denoise-2", sampler: { timesteps: 10 } } },
      { request: { sampleId: "denoise-3", sampler: { timesteps: 5 } } },
    ]);
  });

  it("ends what is under way when it asks anew, and then hears of the new one alone", () => {
    const { session, posted, tell } = opened();
    session.generate();
    tell(started("denoise-1"));
    expect(session.store.getState().generations.a).toMatchObject({ trainedSteps: 7 });
    session.generate();
    expect(posted("cancelSample")).toEqual([{ type: "cancelSample", sampleId: "denoise-1" }]);
    tell({ type: "sampleFailed", sampleId: "denoise-1", message: "late" });
    expect(session.store.getState().generations.a?.status).toBe("waiting");
    tell({ type: "sampleFailed", sampleId: "denoise-2", message: "No memory." });
    const failed = { status: "failed", message: "No memory." };
    expect(session.store.getState().generations.a).toMatchObject(failed);
    // What has ended cannot be ended.
    session.cancel();
    expect(posted("cancelSample")).toHaveLength(1);
  });

  it("asks for nothing while a setting of either side is wrong", () => {
    const { session, posted } = opened();
    session.store.setState(({ settings }) => ({
      settings: { ...settings, isComparing: true, b: { ...settings.b, steps: "0" } },
    }));
    session.generate();
    expect(posted("sample")).toEqual([]);
    expect(session.store.getState().generations).toEqual({ a: null, b: null });
  });

  it("begins with a drawing once there is one", () => {
    const { session, posted } = opened();
    session.store.setState(({ settings }) => ({ settings: { ...settings, start: "drawing" } }));
    session.generate();
    expect(posted("sample")).toEqual([]);
    session.store.setState({ strokes: [[0.2, 0.2, 0.7, 0.7]] });
    session.generate();
    expect(posted("sample")).toMatchObject([{ request: { start: { kind: "image" } } }]);
  });

  it("moves as little as the page does", () => {
    const { session, store } = opened();
    const isStill = () => session.store.getState().isStill;
    expect(isStill()).toBe(store.getState().samples.isStill);
    for (const still of [true, false]) {
      store.setState(({ samples }) => ({ samples: { ...samples, isStill: still } }));
      expect(isStill()).toBe(still);
    }
  });

  it("stays when it is left, and asks for the images it is to show", () => {
    const { session, client, store, posted } = opened();
    expect(denoiseSession({ client, store })).toBe(session);
    session.showImages([3, 9]);
    expect(posted("showImages")).toEqual([{ type: "showImages", indices: [3, 9] }]);
  });
});
