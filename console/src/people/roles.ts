/** Who may change whom, as the server decides it; it asks again all the same. Pure. */
import type { Role } from "../api/types";

/** Open conversations one has at once where nobody set a number. */
export const USUAL_CAPACITY = 5;
export const MOST_CAPACITY = 100;

export const mayChange = (mine: Role, theirs: Role): boolean => mine === "owner" || (mine === "admin" && theirs !== "owner");
/** The roles that one may give. */
export const grantable = (mine: Role): Role[] => (mine === "owner" ? ["operator", "admin", "owner"] : ["operator", "admin"]);

export const isEmail = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) && text.length <= 254;
