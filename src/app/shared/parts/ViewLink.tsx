import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";
import { addressQuery, goToView, onAddressChange } from "../../state/address.ts";
import { type ViewName, withView } from "../../state/slices/view.ts";
import { useApp } from "../AppContext.ts";

interface ViewLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  view: ViewName;
}

/** A link to a view, which can also be opened in another tab of the browser. */
export function ViewLink({ view, ...rest }: ViewLinkProps) {
  const { store } = useApp();
  // What is opened in another tab has the settings of this one, as they are now.
  const query = useSyncExternalStore(onAddressChange, addressQuery);
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goToView(view);
    store.setState({ view });
  };
  return <a href={`?${withView(query, view)}`} onClick={go} {...rest} />;
}
