import type { Action } from "../state/actions.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { onFirstClick } from "./onFirstClick.ts";

/** The props of a button for an action: where it cannot be done now, its title says why. */
export function useAction<Target extends unknown[]>(action: Action<Target>, ...target: Target) {
  const app = useApp();
  const reason = useAppState((state) => action.disabledReason(state, ...target));
  return {
    children: action.label,
    title: reason ?? action.help,
    disabled: reason !== null,
    onClick: onFirstClick(() => action.perform(app, ...target)),
  };
}
