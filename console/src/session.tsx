/** Who is signed in, for every component below the shell. */
import { createContext, useContext, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "./api/queries";
import type { Me } from "./api/types";

const MeContext = createContext<Me | null>(null);

export function MeProvider({ me, children }: { me: Me; children: ReactNode }) {
  const { data } = useQuery(meQuery);
  return <MeContext value={data ?? me}>{children}</MeContext>;
}

export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe outside of MeProvider");
  return me;
}
