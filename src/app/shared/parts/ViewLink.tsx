import { type AnchorHTMLAttributes, type MouseEvent, useSyncExternalStore } from "react";
import { addressQuery, goToView, onAddressChange } from "../../state/address.ts";
import { withParams } from "../../state/query.ts";
import { type ViewName, withView } from "../../state/slices/view.ts";
import { useApp } from "../AppContext.ts";

interface ViewLinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  view: ViewName;
  /** The view opens with these parameters in its address; null takes one out. */
  params?: Readonly<Record<string, string | null>>;
}

/** A link to a view, which can also be opened in another tab of the browser. */
export function ViewLink({ view, params = {}, ...rest }: ViewLinkProps) {
  const { store } = useApp();
  // What is opened in another tab has the settings of this one, as they are now.
  const query = useSyncExternalStore(onAddressChange, addressQuery);
  const go = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    goToView(view, params);
    store.setState({ view });
  };
  return <a href={`?${withParams(withView(query, view), params)}`} onClick={go} {...rest} />;
}
