import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

/** What is wrong, where, as far as a program can tell; by all rules, or by some of them. */
export async function expectNoViolations(page: Page, where: string, rules?: string[]) {
  const isThere = await page.evaluate(() => window.axe !== undefined);
  if (!isThere) await page.evaluate(axe.source);
  const violations = await page.evaluate(async (rules) => {
    // Letters that change their color by and by have one of neither theme meanwhile. In what is folded they stand still.
    const transitions = document.getAnimations().filter((it) => {
      const target = it.effect instanceof KeyframeEffect ? it.effect.target : null;
      const isSeen = target?.checkVisibility({ contentVisibilityAuto: true }) ?? false;
      return it instanceof CSSTransition && isSeen;
    });
    await Promise.allSettled(transitions.map(({ finished }) => finished));
    const found = await window.axe?.run({
      resultTypes: ["violations"],
      ...(rules && { runOnly: rules }),
    });
    return found?.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      at: nodes.map(({ html }) => html),
    }));
  }, rules);
  expect(violations, where).toEqual([]);
}

/** The dark theme, once the page has it: axe must not see letters of one theme on the ground of the other. */
export async function goDark(page: Page) {
  await page.emulateMedia({ colorScheme: "dark" });
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
}

declare global {
  interface Window {
    axe?: typeof axe;
  }
}
