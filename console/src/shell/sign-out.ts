/** The way out. */
import { call } from "../api/client";

export async function signOut(): Promise<void> {
  await call("DELETE", "/me/login-session").catch(() => undefined);
  location.assign("/sign-in");
}
