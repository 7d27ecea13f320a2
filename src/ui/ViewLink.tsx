import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { addressQuery, goToView } from "../store/address.ts";
import { type ViewName, withView } from "../store/view.ts";
import { useApp, useAppState } from "./AppContext.ts";

interface ViewLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  view: ViewName;
}

/** A link to a view, which can also be opened in another tab of the browser. */
export function ViewLink({ view, ...rest }: ViewLinkProps) {
  const { store } = useApp();
  // So that the address is of the newest settings, which are written there.
  useAppState((state) => state.config);
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goToView(view);
    store.setState({ view });
  };
  const query = addressQuery();
  return <a href={`?${withView(query, view)}`} onClick={go} {...rest} />;
}
