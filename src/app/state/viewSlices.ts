/**
 * The slices that views bring to the page's one store. A view is loaded when it is first opened, and its slice with it: the
 * view declares its type,
 *
 *     declare module "../../state/viewSlices.ts" {
 *       interface ViewSlices {
 *         quality: QualityState;
 *       }
 *     }
 *
 * and begins it with `viewSlice`. It stays when the view is left.
 */
import type { StoreApi } from "zustand/vanilla";

/** Each view adds its own. */
// biome-ignore lint/suspicious/noEmptyInterface: views declare what is in it
export interface ViewSlices {}

type Holder = StoreApi<Partial<ViewSlices>>;

/** A slice of the store, as a store: whoever subscribes to it hears of its changes alone. */
export function viewSlice<Name extends keyof ViewSlices>(
  store: Pick<Holder, "getState" | "subscribe"> & { setState(part: Partial<ViewSlices>): void },
  name: Name,
  initial: ViewSlices[Name],
): StoreApi<ViewSlices[Name]> {
  type Slice = ViewSlices[Name];
  store.setState({ [name]: initial } as Partial<ViewSlices>);
  const getState = () => store.getState()[name] as Slice;
  return {
    getState,
    getInitialState: () => initial,
    setState(change: Slice | Partial<Slice> | ((state: Slice) => Slice | Partial<Slice>)) {
      const before = getState();
      const next = typeof change === "function" ? change(before) : change;
      if (!Object.is(next, before)) {
        store.setState({ [name]: { ...before, ...next } } as Partial<ViewSlices>);
      }
    },
    subscribe: (listener) =>
      store.subscribe((state, before) => {
        if (state[name] !== before[name]) listener(state[name] as Slice, before[name] as Slice);
      }),
  };
}
