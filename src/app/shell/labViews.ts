import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { ViewName } from "../state/slices/view.ts";

/**
 * The views beside training, each of one file's default export. They are loaded when they are gone
 * to: they would make the page's first load longer.
 */
export const LAB_VIEWS: Partial<Record<ViewName, LazyExoticComponent<ComponentType>>> = {
  denoise: lazy(() => import("../features/denoise/DenoiseView.tsx")),
  evolution: lazy(() => import("../features/evolution/EvolutionView.tsx")),
  charts: lazy(() => import("../features/charts/ChartsView.tsx")),
  compare: lazy(() => import("../features/compare/CompareView.tsx")),
  quality: lazy(() => import("../features/quality/QualityView.tsx")),
  model: lazy(() => import("../features/model/ModelView.tsx")),
};
