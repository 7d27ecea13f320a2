import {
  convertCssVariables,
  createTheme,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineColorsTuple,
  mergeMantineTheme,
} from "@mantine/core";

/** Shades of Okabe and Ito's blue, #0072b2 at 6: the color of the main button. */
const blue: MantineColorsTuple = [
  "#e8f5fd",
  "#d0e7f6",
  "#9dcfee",
  "#66b5e6",
  "#3c9fdf",
  "#1f8fd4",
  "#0072b2",
  "#00639c",
  "#005587",
  "#004670",
];

const SMALL = { defaultProps: { size: "xs" } };

export const theme = createTheme({
  colors: { blue },
  primaryColor: "blue",
  defaultRadius: "md",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: "600" },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // Filled and larger is what one came for.
    Button: { defaultProps: { size: "compact-xs", variant: "default" } },
    Progress: { defaultProps: { color: "var(--accent)", size: "sm" } },
    // Its value stands beside it.
    Slider: { defaultProps: { color: "var(--accent)", label: null } },
    NativeSelect: SMALL,
    // Some stand in two rows, of which the second would begin with a line.
    SegmentedControl: { defaultProps: { size: "xs", withItemsBorders: false } },
    Switch: SMALL,
    TextInput: SMALL,
    Textarea: SMALL,
    // Mantine's size is two pixels smaller, too small for a sentence.
    InputWrapper: {
      defaultProps: { inputWrapperOrder: ["label", "input", "error", "description"] },
      styles: { description: { fontSize: "12px" }, error: { fontSize: "12px" } },
    },
  },
});

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
