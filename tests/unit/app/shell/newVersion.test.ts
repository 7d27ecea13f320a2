import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { keepOnDevice } from "../../../../src/app/shell/newVersion.ts";
import { startNewVersion } from "../../../../src/app/shell/startNewVersion.ts";
import { createAppStore } from "../../../../src/app/state/store.ts";

class FakeWorker extends EventTarget {
  state = "installed";
  postMessage = vi.fn();

  enter(state: string) {
    this.state = state;
    this.dispatchEvent(new Event("statechange"));
  }
}

class FakeRegistration extends EventTarget {
  installing: FakeWorker | null = null;
  waiting: FakeWorker | null = null;
  active: FakeWorker | null = null;

  /** Downloads a version, as far as it comes without the page. */
  install(): FakeWorker {
    const worker = new FakeWorker();
    this.installing = worker;
    this.dispatchEvent(new Event("updatefound"));
    this.installing = null;
    this.waiting = worker;
    worker.enter("installed");
    return worker;
  }
}

/** A page on a device that has these service workers, with other tabs of the app beside it. */
function openPage(registration: FakeRegistration, numOtherTabs = 0) {
  const reload = vi.fn();
  const held: { name: string }[] = [];
  vi.stubGlobal("window", { location: { reload } });
  vi.stubGlobal("document", { baseURI: "https://example.org/app/?preset=tiny" });
  vi.stubGlobal("navigator", {
    serviceWorker: {
      register: async () => registration,
      getRegistration: async () => registration,
    },
    locks: {
      request: async (name: string) => {
        for (let tab = 0; tab <= numOtherTabs; tab++) held.push({ name });
      },
      query: async () => ({ held: [...held, { name: "another lock" }] }),
    },
  });
  const closeOtherTabs = () => held.splice(1);
  return { store: createAppStore(new URLSearchParams()), reload, closeOtherTabs };
}

afterEach(() => vi.unstubAllGlobals());

describe("a new version", () => {
  it("is no matter where there are no service workers", async () => {
    vi.stubGlobal("navigator", {});
    const store = createAppStore(new URLSearchParams());
    await keepOnDevice(store);
    expect(store.getState().newVersion).toBe("none");
  });

  it("is not the first one", async () => {
    const registration = new FakeRegistration();
    const { store } = openPage(registration);
    await keepOnDevice(store);
    registration.install();
    expect(store.getState().newVersion).toBe("none");
  });

  it("is offered when it is found, and when it waited already", async () => {
    const registration = new FakeRegistration();
    registration.active = new FakeWorker();
    const { store } = openPage(registration);
    await keepOnDevice(store);
    expect(store.getState().newVersion).toBe("none");
    registration.install();
    expect(store.getState().newVersion).toBe("waiting");

    const { store: later } = openPage(registration);
    await keepOnDevice(later);
    expect(later.getState().newVersion).toBe("waiting");
  });

  it("starts when asked to, and the page is loaded anew once it has", async () => {
    const registration = new FakeRegistration();
    registration.active = new FakeWorker();
    const { store, reload } = openPage(registration);
    await keepOnDevice(store);
    const worker = registration.install();
    expect(worker.postMessage).not.toHaveBeenCalled();
    await startNewVersion(store);
    expect(worker.postMessage).toHaveBeenCalledWith({ type: "SKIP_WAITING" });
    expect(store.getState().newVersion).toBe("starting");
    worker.enter("activating");
    expect(reload).not.toHaveBeenCalled();
    worker.enter("activated");
    expect(reload).toHaveBeenCalledOnce();
  });

  it("is offered and starts also where the browser has no locks", async () => {
    const registration = new FakeRegistration();
    registration.active = new FakeWorker();
    const { store } = openPage(registration);
    vi.stubGlobal("navigator", { serviceWorker: navigator.serviceWorker });
    await keepOnDevice(store);
    const worker = registration.install();
    expect(store.getState().newVersion).toBe("waiting");
    await startNewVersion(store);
    expect(worker.postMessage).toHaveBeenCalledWith({ type: "SKIP_WAITING" });
  });

  it("waits for the other tabs, which need the old one, and is offered again when they are closed", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const registration = new FakeRegistration();
    registration.active = new FakeWorker();
    const { store, reload, closeOtherTabs } = openPage(registration, 1);
    await keepOnDevice(store);
    const worker = registration.install();
    const offered = startNewVersion(store);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(store.getState().newVersion).toBe("openElsewhere");
    await startNewVersion(store);
    expect(store.getState().newVersion).toBe("openElsewhere");
    closeOtherTabs();
    await vi.advanceTimersByTimeAsync(1000);
    await offered;
    expect(store.getState().newVersion).toBe("waiting");
    expect(worker.postMessage).not.toHaveBeenCalled();
    expect(reload).not.toHaveBeenCalled();
    await startNewVersion(store);
    expect(worker.postMessage).toHaveBeenCalledOnce();
  });

  it("that is declined while another tab is open stays away when that is closed", async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const registration = new FakeRegistration();
    registration.active = new FakeWorker();
    const { store, closeOtherTabs } = openPage(registration, 1);
    await keepOnDevice(store);
    registration.install();
    const offered = startNewVersion(store);
    await vi.advanceTimersByTimeAsync(10);
    store.setState({ newVersion: "none" });
    closeOtherTabs();
    await vi.advanceTimersByTimeAsync(1000);
    await offered;
    expect(store.getState().newVersion).toBe("none");
  });

  it("that has started meanwhile only needs the page loaded anew", async () => {
    const registration = new FakeRegistration();
    const { store, reload } = openPage(registration);
    await keepOnDevice(store);
    await startNewVersion(store);
    expect(reload).toHaveBeenCalledOnce();
  });
});
