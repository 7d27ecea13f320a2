import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { ViewName } from "../store/view.ts";

/**
 * The views beside training, each of one file's default export. They are loaded when they are gone
 * to: they would make the page's first load longer.
 */
export const LAB_VIEWS: Partial<Record<ViewName, LazyExoticComponent<ComponentType>>> = {
  denoise: lazy(() => import("./denoise/DenoiseView.tsx")),
  evolution: lazy(() => import("./evolution/EvolutionView.tsx")),
  charts: lazy(() => import("./charts/ChartsView.tsx")),
  compare: lazy(() => import("./compare/CompareView.tsx")),
  quality: lazy(() => import("./quality/QualityView.tsx")),
  model: lazy(() => import("./model/ModelView.tsx")),
};
