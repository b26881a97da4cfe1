/** The frame around every page: colours, cache, router, messages from elsewhere. */
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { client } from "./api/query-client";
import { router } from "./router";
import { nonce } from "./shell/trusted";
import { Toasts } from "./shell/Toasts";
import { cssVariablesResolver, theme } from "./theme/theme";

const colorSchemes = localStorageColorSchemeManager({ key: "stalk.scheme" });

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} getStyleNonce={() => nonce} defaultColorScheme="auto" colorSchemeManager={colorSchemes}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  );
}
