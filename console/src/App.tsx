/** The frame around every page: colours, cache, router, messages from elsewhere. */
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ApiError } from "./api/client";
import { router } from "./router";
import { Toasts } from "./shell/Toasts";
import { cssVariablesResolver, theme } from "./theme/theme";

const colorSchemes = localStorageColorSchemeManager({ key: "stalk.scheme" });

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal stays a refusal; only the way to the server is worth a second try.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
      refetchOnWindowFocus: false,
    },
  },
});

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto" colorSchemeManager={colorSchemes}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  );
}
