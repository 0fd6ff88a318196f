import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "react-router";
import { ProblemError } from "../../api/problems";
import { useSignal } from "../shared/useSignal";
import { SignedOut } from "../sign-in/SignedOut";
import classes from "./App.module.css";
import { router } from "./router";
import { hasLeft, isSignedOut } from "./session";
import { theme } from "./theme";

function watch(error: unknown): void {
  if (error instanceof ProblemError && error.status === 401) isSignedOut.set(true);
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: watch }),
  mutationCache: new MutationCache({
    // A sign-in link that does not work has a page of its own, which says so.
    onError: (error, _variables, _onMutateResult, mutation) => {
      if (!mutation.meta?.isSignIn) watch(error);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays a refusal; a server that restarts is worth another try.
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ProblemError && error.status < 500),
    },
  },
});

export function App() {
  const signedOut = useSignal(isSignedOut);
  const left = useSignal(hasLeft);
  return (
    <MantineProvider theme={theme} forceColorScheme="dark">
      <Notifications position="bottom-right" containerWidth={256} limit={3} autoClose={8000} />
      <QueryClientProvider client={client}>
        {!left && (
          <div className={classes.page} inert={signedOut}>
            <RouterProvider router={router} />
          </div>
        )}
        {signedOut && <SignedOut />}
      </QueryClientProvider>
    </MantineProvider>
  );
}
