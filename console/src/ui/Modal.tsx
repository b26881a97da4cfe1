/** A window over the page. Its code comes soon after the page stands, or with the first one that opens. */
import type { ModalProps } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

export const loadModal = () => import("./ModalCode");
const Loaded = lazy(loadModal);

export function Modal(props: ModalProps) {
  // Once it was open it stays, so that it also closes in its own way.
  const [used, setUsed] = useState(props.opened);
  if (props.opened && !used) setUsed(true);
  return used ? <Suspense fallback={null}><Loaded {...props} /></Suspense> : null;
}
