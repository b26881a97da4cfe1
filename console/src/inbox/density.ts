/** How closely the list is set; kept in this browser. */
import { createStore } from "../store";

export type Density = "comfortable" | "compact";
export const density = createStore<Density>(localStorage.getItem("stalk.density") === "compact" ? "compact" : "comfortable");

export function setDensity(value: Density): void {
  density.set(value);
  localStorage.setItem("stalk.density", value);
}
