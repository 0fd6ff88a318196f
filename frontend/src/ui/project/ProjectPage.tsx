import { useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useParams } from "react-router";
import type { Job } from "../../api/client";
import { describeError, ProblemError } from "../../api/problems";
import { type ChosenFile, uploadFiles } from "../../api/upload";
import { Header } from "../app/Header";
import { NotFound } from "../app/NotFound";
import { keys, useProject } from "../queries";
import { Loading } from "../shared/Loading";
import { Message } from "../shared/Message";
import { CategoriesPanel } from "./CategoriesPanel";
import { isDataset } from "./chosen";
import { DropZone } from "./DropZone";
import { ExportDialog } from "./ExportDialog";
import { ExportedDialog } from "./ExportedDialog";
import { ImageGrid } from "./ImageGrid";
import { ImportDialog, type ImportSubject } from "./ImportDialog";
import { JobsMenu } from "./JobsMenu";
import classes from "./ProjectPage.module.css";
import { UploadPanel } from "./UploadPanel";
import { Uploads } from "./uploads";

/** Uploads go on while the user looks at another page of the same project. */
function useUploads(projectId: number): Uploads {
  const client = useQueryClient();
  return useMemo(
    () =>
      new Uploads(
        (files, onProgress) => uploadFiles(projectId, files, onProgress),
        describeError,
        () => {
          void client.invalidateQueries({ queryKey: keys.project(projectId) });
          void client.invalidateQueries({ queryKey: keys.projects });
        },
      ),
    [client, projectId],
  );
}

export function ProjectPage() {
  const projectId = Number(useParams().projectId);
  const project = useProject(projectId);
  const uploads = useUploads(projectId);
  const [isExporting, setIsExporting] = useState(false);
  const [exported, setExported] = useState<Job | null>(null);
  const [isImporting, setIsImporting] = useState(false);
  const [subject, setSubject] = useState<ImportSubject | null>(null);
  const importFrom = (what: ImportSubject | null) => {
    setSubject(what);
    setIsImporting(true);
  };
  const take = (files: readonly ChosenFile[]) => {
    if (!isImporting && !isDataset(files)) uploads.add(files.map(({ file }) => file));
    else importFrom(files);
  };
  const canEdit = project.data !== undefined && project.data.role !== "viewer";
  if (project.isError) {
    return project.error instanceof ProblemError && project.error.status === 404 ? (
      <NotFound what="project" />
    ) : (
      <Message title="The project could not be loaded">{describeError(project.error)}</Message>
    );
  }
  return (
    <div className={classes.page}>
      <Header>
        <nav className={classes.crumbs} aria-label="Where you are">
          <span aria-hidden="true">/</span>
          <Link to="/">Projects</Link>
          <span aria-hidden="true">/</span>
          <strong>{project.data?.name}</strong>
        </nav>
      </Header>
      {project.data ? (
        <div className={classes.columns}>
          <ImageGrid
            project={project.data}
            canEdit={canEdit}
            onFiles={(files) => uploads.add(files)}
            onExport={() => setIsExporting(true)}
            onImport={() => importFrom(null)}
            jobs={
              <JobsMenu
                projectId={projectId}
                canEdit={canEdit}
                isQuiet={isExporting || isImporting || exported !== null}
                onOpen={(job) => (job.kind === "export" ? setExported(job) : importFrom(job))}
              />
            }
          />
          <CategoriesPanel projectId={projectId} canEdit={canEdit} />
        </div>
      ) : (
        <Loading />
      )}
      {canEdit && <DropZone onFiles={take} />}
      <UploadPanel uploads={uploads} />
      {project.data && (
        <ExportDialog
          project={project.data}
          opened={isExporting}
          onClose={() => setIsExporting(false)}
        />
      )}
      {exported && <ExportedDialog job={exported} onClose={() => setExported(null)} />}
      <ImportDialog
        projectId={projectId}
        subject={subject}
        onFiles={setSubject}
        canEdit={canEdit}
        opened={isImporting}
        onClose={() => setIsImporting(false)}
      />
    </div>
  );
}
