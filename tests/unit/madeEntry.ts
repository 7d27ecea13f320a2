/** What tests of tables do with a made-up entry. */
import { MantineProvider } from "@mantine/core";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, expect } from "vitest";
import { SettingField } from "../../src/app/features/settings/SettingField.tsx";
import { AppContext } from "../../src/app/shared/AppContext.ts";
import type { Client } from "../../src/app/state/client/client.ts";
import type { AppState } from "../../src/app/state/state.ts";
import { createAppStore } from "../../src/app/state/store.ts";
import {
  HYPERPARAMETERS,
  type HyperparameterName,
  type RunConfig,
} from "../../src/engine/config/hyperparameters.ts";
import { configFromQuery, configToQuery } from "../../src/engine/config/url.ts";
import { validateConfig } from "../../src/engine/config/validate.ts";
import type { Sampler } from "../../src/engine/diffusion/samplers.ts";
import { DigitSampler } from "../../src/engine/train/digitSampler.ts";
import { denoiserOf } from "../../src/engine/train/gradient.ts";
import { newRun } from "../../src/hosts/cli/parts/runStart.ts";
import { smallDataset } from "./engine/train/smallRun.ts";

/** Adds an entry to a table for the tests of a block. */
export function withEntry(table: object, id: string, entry: unknown): void {
  beforeAll(() => {
    Object.assign(table, { [id]: entry });
  });
  afterAll(() => {
    Reflect.deleteProperty(table, id);
  });
}

/** A part of a page as it is in a state. */
export function htmlOf(part: ReactNode, state: Partial<AppState> = {}): string {
  const store = createAppStore(new URLSearchParams());
  store.setState(state);
  // That of the server's page.
  store.getInitialState = store.getState;
  const value = { store, client: { listen: () => () => {} } as unknown as Client };
  const inApp = createElement(AppContext.Provider, { value }, part);
  return renderToStaticMarkup(createElement(MantineProvider, null, inApp));
}

/** That a setting knows the choice: form, help, address, command line and validation. */
export function expectChoice(
  name: HyperparameterName,
  id: string,
  label: string,
  help: string,
): void {
  const preset = "tiny";
  const { config } = configFromQuery(new URLSearchParams({ preset, [name]: id }));
  expect(config[name]).toBe(id);
  expect(configToQuery(preset, config).get(name)).toBe(id);
  expect(validateConfig(config)).toEqual({});
  expect(validateConfig({ ...config, [name]: "unknown" })[name]).toContain(id);

  const dataset = { ...smallDataset(), id: "files", name: "small" };
  const changes = [`${name}=${id}`];
  expect(newRun({ preset, changes, weights: null, dataset }).identity.config[name]).toBe(id);

  const field = createElement(SettingField, {
    name,
    value: config[name],
    config,
    error: undefined,
    disabled: false,
    onChange: () => {},
  });
  const html = htmlOf(field);
  expect(html).toMatch(new RegExp(`<option value="${id}"[^>]*>${label}</option>`));
  expect(html).toContain(help);
  expect(HYPERPARAMETERS[name].help).toContain(help);
}

/** A digit in two steps, `[1, 28, 28]`. */
export async function digitOf(
  config: RunConfig,
  sampler: Sampler = { kind: "ddim", timesteps: 2, eta: 0 },
): Promise<Uint8Array> {
  const denoiser = denoiserOf(config, null);
  const drawing = new DigitSampler({
    denoiser,
    sampler,
    count: 1,
    seed: 0,
    chunkSize: 1,
    start: { from: "noise" },
  });
  let frame = await drawing.nextFrame();
  while (!drawing.isDone) frame = await drawing.nextFrame();
  drawing.dispose();
  denoiser.values.dispose();
  return frame.pixels;
}
