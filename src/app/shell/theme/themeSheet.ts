import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from "@mantine/core";
import { theme } from "./theme.ts";

/**
 * The theme as CSS variables, for the document to adopt. Mantine would write them into a style element,
 * which the page's Content-Security-Policy forbids: one that allowed this would allow any.
 */
export function themeSheet(): CSSStyleSheet {
  const variables = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
  const sheet = new CSSStyleSheet();
  // In the layer of Mantine's own defaults, under the page's own styles.
  sheet.replaceSync(`@layer mantine {${convertCssVariables(variables)}}`);
  return sheet;
}
