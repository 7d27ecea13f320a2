import { expect, it, vi } from "vitest";
import { ErrorBoundary } from "../../../../../src/app/shared/parts/ErrorBoundary.tsx";

it("a part that failed is tried again once what it shows has changed, and not before", () => {
  const props = { part: "The digits", resetKey: "after", children: null };
  const boundary = new ErrorBoundary(props);
  const setState = vi.spyOn(boundary, "setState").mockReturnValue();
  boundary.componentDidUpdate({ ...props, resetKey: "before" });
  boundary.state = ErrorBoundary.getDerivedStateFromError("broken");
  boundary.componentDidUpdate(props);
  expect(setState).not.toHaveBeenCalled();
  boundary.componentDidUpdate({ ...props, resetKey: "before" });
  expect(setState).toHaveBeenCalledWith({ error: null });
});
