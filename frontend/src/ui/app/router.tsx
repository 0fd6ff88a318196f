import { createBrowserRouter, Outlet } from "react-router";
import { ProjectPage } from "../project/ProjectPage";
import { ProjectsPage } from "../projects/ProjectsPage";
import { Loading } from "../shared/Loading";
import { SignIn } from "../sign-in/SignIn";
import { NotFound } from "./NotFound";
import { SendingContext, useOpened, useSending } from "./sending";

/** The pages of somebody who is signed in. */
function Inside() {
  const sending = useOpened();
  useSending(sending);
  return (
    <SendingContext value={sending}>
      <Outlet />
    </SendingContext>
  );
}

export const router = createBrowserRouter([
  { path: "/sign-in", element: <SignIn /> },
  {
    element: <Inside />,
    children: [
      { path: "/", element: <ProjectsPage /> },
      { path: "/projects/:projectId", element: <ProjectPage /> },
      {
        path: "/projects/:projectId/images/:imageId",
        // The editor brings OpenLayers along: it is loaded when an image is opened.
        lazy: async () => ({ Component: (await import("../editor/EditorPage")).EditorPage }),
        HydrateFallback: Loading,
      },
    ],
  },
  { path: "*", element: <NotFound /> },
]);
