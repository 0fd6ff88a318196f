import { createBrowserRouter } from "react-router";
import { ProjectPage } from "../project/ProjectPage";
import { ProjectsPage } from "../projects/ProjectsPage";
import { Loading } from "../shared/Loading";
import { SignIn } from "../sign-in/SignIn";
import { NotFound } from "./NotFound";

export const router = createBrowserRouter([
  { path: "/sign-in", element: <SignIn /> },
  { path: "/", element: <ProjectsPage /> },
  { path: "/projects/:projectId", element: <ProjectPage /> },
  {
    path: "/projects/:projectId/images/:imageId",
    // The editor brings OpenLayers along: it is loaded when an image is opened.
    lazy: async () => ({ Component: (await import("../editor/EditorPage")).EditorPage }),
    HydrateFallback: Loading,
  },
  { path: "*", element: <NotFound /> },
]);
