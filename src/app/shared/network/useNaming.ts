import { useShallow } from "zustand/react/shallow";
import type { Naming, Noun } from "../../../engine/data/datasets.ts";
import type { ChosenNetwork } from "../../state/address.ts";
import { nounOfSet } from "../../state/slices/dataset.ts";
import { useAppState } from "../AppContext.ts";
import { namingOfNetworks } from "./chosenNetwork.ts";

const CURRENT: readonly ChosenNetwork[] = [{ kind: "current" }];

/** What the images of some networks and their classes are called, those of the page's own network when left out. */
export function useNaming(networks = CURRENT): Naming {
  return useAppState(useShallow((state) => namingOfNetworks(networks, state)));
}

/** What one of the page's images is called. */
export function useNounOfSet(): Noun {
  return useAppState(nounOfSet);
}
