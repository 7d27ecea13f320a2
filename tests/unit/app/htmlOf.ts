import { MantineProvider } from "@mantine/core";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { AppContext, appHandle } from "../../../src/app/shared/AppContext.ts";
import type { Client } from "../../../src/app/state/client/client.ts";
import type { AppState } from "../../../src/app/state/state.ts";
import { createAppStore } from "../../../src/app/state/store.ts";

/** A part of a page as it is in a state. */
export function htmlOf(part: ReactNode, state: Partial<AppState> = {}): string {
  const store = createAppStore(new URLSearchParams());
  store.setState(state);
  // That of the server's page.
  store.getInitialState = store.getState;
  const value = appHandle(store, { listen: () => () => {} } as unknown as Client);
  const inApp = createElement(AppContext.Provider, { value }, part);
  return renderToStaticMarkup(createElement(MantineProvider, null, inApp));
}
