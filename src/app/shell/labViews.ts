import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { ViewName } from "../state/slices/view.ts";

interface LabView {
  /** Of its tab. */
  label: string;
  View: LazyExoticComponent<ComponentType>;
}

/** The views beside training. Each is loaded when it is opened, to keep the page's first load short. */
export const LAB_VIEWS: Record<Exclude<ViewName, "train">, LabView> = {
  denoise: {
    label: "Denoise",
    View: lazy(() => import("../features/denoise/DenoiseView.tsx")),
  },
  evolution: {
    label: "Evolution",
    View: lazy(() => import("../features/evolution/EvolutionView.tsx")),
  },
  charts: {
    label: "Charts",
    View: lazy(() => import("../features/charts/ChartsView.tsx")),
  },
  compare: {
    label: "Compare",
    View: lazy(() => import("../features/compare/CompareView.tsx")),
  },
  quality: {
    label: "Quality",
    View: lazy(() => import("../features/quality/QualityView.tsx")),
  },
  model: {
    label: "Model",
    View: lazy(() => import("../features/model/ModelView.tsx")),
  },
};
